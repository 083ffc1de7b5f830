"""The WeCom double: the corp's API at `{root}/cgi-bin/…`, and the platform's pushes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.clock import Clock, SystemClock
from tests.doubles.control import Control
from tests.doubles.faults import Answer, Faults, errcode, json_answer
from tests.doubles.gateway import Gateway, Knock
from tests.doubles.ledger import Ledger
from tests.doubles.payload import Malformed, Payload, read_payload
from tests.doubles.shelf import Shelf, refusal
from tests.doubles.wechat.cipher import MessageCipher
from tests.doubles.wecom.client import WecomClient, do
from tests.doubles.wecom.contacts import Contacts
from tests.doubles.wecom.desk import Desk
from tests.doubles.wecom.office import Office
from tests.doubles.wecom.push import Envelope, Pusher
from tests.doubles.wecom.refusal import Refusal
from tests.doubles.wecom.tokens import Tokens

CORP_ID = "ww0double0double00"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OPEN_KFID = "wk0double0desk"
ROBOT = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"
ANY_PART = "any"
SECRETS = {"double-app-secret": "app", "double-kf-secret": "kf", "double-contact-secret": "contacts"}
Row = dict[str, object]
Method = Callable[[Payload], Row]


@dataclass
class WecomDouble:
    """State, script and ledger of one corp; serve it with `running(WecomDouble())`, point `hook` at the bot."""

    clock: Clock = field(default_factory=SystemClock)
    hook: str = ""
    corp_id: str = CORP_ID
    token: str = "double-token"
    aes_key: str = AES_KEY
    patience: float = 5.0
    root: str = ""

    def __post_init__(self) -> None:
        self.faults = Faults()
        self.ledger = Ledger(self.clock)
        self.tokens = Tokens(self.clock, dict(SECRETS))
        self.desk = Desk(self.clock, self.ledger, OPEN_KFID)
        self.office = Office(self.clock, self.ledger, robots={ROBOT})
        self.contacts = Contacts(self.clock, self.ledger, media=self.desk.media)
        self.shelf = Shelf(self.clock)
        self.gateway = Gateway(self.ledger, self.faults, self.tokens.kill)
        self._pushes: set[asyncio.Task[tuple[int, ...]]] = set()
        self._methods = self._table()

    def _table(self) -> dict[str, tuple[str, Method]]:
        """Which part of the corp a call needs the token of, and what does it."""
        kf: dict[str, Method] = {
            "kf/account/list": self.desk.listed,
            "kf/sync_msg": self.desk.sync,
            "kf/send_msg": self._kf_send,
            "kf/send_msg_on_event": self._kf_send_on_event,
            "kf/service_state/get": self.desk.state,
            "kf/service_state/trans": self.desk.transfer,
        }
        contacts = {f"externalcontact/{name}": method for name, method in self.contacts.methods().items()}
        return {
            **{name: ("kf", method) for name, method in kf.items()},
            **{name: ("contacts", method) for name, method in contacts.items()},
            "media/upload": (ANY_PART, self.desk.upload),
            "agent/get": ("app", self.office.agent),
            "message/send": ("app", self.office.send),
            "webhook/send": ("", self.office.robot),
            "gettoken": ("", self._give_token),
        }

    @property
    def envelope(self) -> Envelope:
        """How pushes are wrapped now."""
        return Envelope(self.token, MessageCipher(self.aes_key, self.corp_id), str(self.office.agent_id))

    @property
    def pusher(self) -> Pusher:
        """How pushes reach the bot."""
        return Pusher(self.hook, self.envelope, self.patience)

    def client(self, external_userid: str) -> WecomClient:
        """A client on WeChat, who writes to 微信客服 and may be a member's contact."""
        return WecomClient(self, external_userid)

    def app(self) -> Starlette:
        """The API and the control pages."""
        return Starlette(
            routes=[
                Route("/cgi-bin/media/get", self._media),
                Route("/cgi-bin/{method:path}", self._call, methods=["GET", "POST"]),
                Control("WeCom", self, self.ledger, self.faults).mount(),
            ]
        )

    async def open(self) -> None:
        """Nothing runs in the background until something is announced."""

    async def close(self) -> None:
        """End pushes nobody waits for."""
        for task in self._pushes:
            task.cancel()
        await asyncio.gather(*self._pushes, return_exceptions=True)

    @property
    def seconds(self) -> int:
        """The platform's time."""
        return int(self.clock.now().timestamp())

    async def push(self, fields: Row) -> tuple[int, ...]:
        """Push an event to the webhook; the status of each try, none where there is no webhook."""
        if not self.hook:
            return ()
        head: Row = {"ToUserName": self.corp_id, "FromUserName": "sys", "CreateTime": self.seconds}
        return await self.pusher.push({**head, "MsgType": "event", **fields}, self.seconds)

    def kf_event(self) -> Row:
        """The callback that says that something can be pulled."""
        return {"Event": "kf_msg_or_event", "Token": self.desk.token(), "OpenKfId": self.desk.open_kfid}

    async def act(self, given: Payload) -> Row:
        """A client does something, as told by the control page."""
        statuses = await do(self.client(given.text("client")), given.text("kind") or "text", given.text("text"))
        return {"statuses": list(statuses)}

    def _announce(self) -> None:
        task = asyncio.create_task(self.push(self.kf_event()))
        self._pushes.add(task)
        task.add_done_callback(self._pushes.discard)

    def _kf_send(self, given: Payload) -> Row:
        return self._announcing(self.desk.send, given)

    def _kf_send_on_event(self, given: Payload) -> Row:
        return self._announcing(self.desk.send_on_event, given)

    def _announcing(self, method: Method, given: Payload) -> Row:
        """What fails after all is told by a callback."""
        before = len(self.desk.rows)
        answer = method(given)
        if len(self.desk.rows) > before:
            self._announce()
        return answer

    def _give_token(self, given: Payload) -> Row:
        if given.text("corpid") != self.corp_id:
            raise Refusal(40013, "invalid corpid")
        token, seconds = self.tokens.give(given.text("corpsecret"))
        return {"access_token": token, "expires_in": seconds}

    async def _call(self, request: Request) -> Response:
        name = str(request.path_params["method"])
        try:
            given = await read_payload(request)
        except Malformed:
            return Response(errcode(47001, "data format error").body, media_type="application/json")
        recipient = given.text("touser") or given.text("external_userid")
        return await self.gateway.pass_through(Knock(request, name, recipient, lambda: self._do(name, given)))

    async def _media(self, request: Request) -> Response:
        """A file, to whatever part's token."""
        token, media_id = (request.query_params.get(name, "") for name in ("access_token", "media_id"))

        def give() -> Response:
            try:
                self.tokens.app(token)
            except Refusal as refused:
                return refusal(refused.code, str(refused))
            return self.shelf.hand_out(media_id)

        return await self.gateway.hand_out(request, "media/get", media_id, give)

    async def _do(self, name: str, given: Payload) -> Answer:
        try:
            return json_answer({"errcode": 0, "errmsg": "ok"} | self._result(name, given))
        except Refusal as refusal:
            return json_answer({"errcode": refusal.code, "errmsg": str(refusal)} | refusal.extra)
        except Malformed:
            return errcode(47001, "data format error")

    def _result(self, name: str, given: Payload) -> Row:
        if name not in self._methods:
            raise Refusal(40066, "invalid url")
        part, method = self._methods[name]
        of_token = self.tokens.app(given.text("access_token")) if part else ""
        if part != of_token and not (part == ANY_PART and of_token):
            raise Refusal(48002, "api forbidden")
        if part == "kf" and given.text("open_kfid") not in ("", self.desk.open_kfid):
            raise Refusal(95000, "invalid open_kfid")
        return method(given)
