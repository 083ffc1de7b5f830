"""The WeChat double: the Official Account API at `{root}/cgi-bin/…`, and the platform's pushes."""

import asyncio
import re
from dataclasses import asdict, dataclass, field

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.clock import Clock, SystemClock
from tests.doubles.control import Control
from tests.doubles.faults import Answer, Faults, errcode, json_answer
from tests.doubles.gateway import Gateway, Knock
from tests.doubles.ledger import Ledger
from tests.doubles.loopback import loopback_client
from tests.doubles.payload import Malformed, Payload, read_payload
from tests.doubles.shelf import Shelf, refusal
from tests.doubles.wechat.account import Account, Refusal
from tests.doubles.wechat.cipher import MessageCipher
from tests.doubles.wechat.client import WechatClient
from tests.doubles.wechat.envelope import Envelope, Mode
from tests.doubles.wechat.methods import METHODS, WITHOUT_TOKEN, Method
from tests.doubles.wechat.push import Heard, Manner, Push
from tests.doubles.wechat.tokens import Tokens

APP_ID = "wx0double0double00"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ORIGINAL_ID = "gh_double000000"
# An escaped character, except the control characters, which JSON cannot hold otherwise.
_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?!00[01])[0-9a-fA-F]{4}")


@dataclass
class WechatDouble:
    """State, script and ledger of one account; serve it with `running(WechatDouble())`, point `hook` at the bot."""

    clock: Clock = field(default_factory=SystemClock)
    mode: Mode = Mode.SAFE
    hook: str = ""
    app_id: str = APP_ID
    secret: str = "double-secret"
    token: str = "double-token"
    aes_key: str = AES_KEY
    manner: Manner = field(default_factory=Manner)
    root: str = ""

    def __post_init__(self) -> None:
        self.faults = Faults()
        self.ledger = Ledger(self.clock)
        self.tokens = Tokens(self.clock)
        self.account = Account(self.clock)
        self.shelf = Shelf(self.clock)
        self.gateway = Gateway(self.ledger, self.faults, self.tokens.kill)
        self._announcements: set[asyncio.Task[Heard]] = set()

    @property
    def envelope(self) -> Envelope:
        """How pushes are wrapped now."""
        return Envelope(self.mode, self.token, MessageCipher(self.aes_key, self.app_id))

    def client(self, openid: str) -> WechatClient:
        """A person who can write to the account."""
        return WechatClient(self, openid, self.manner)

    def app(self) -> Starlette:
        """The API and the control pages."""
        return Starlette(
            routes=[
                Route("/cgi-bin/media/get", self._media),
                Route("/video/{media_id}", self._video),
                Route("/cgi-bin/{method:path}", self._call, methods=["GET", "POST"]),
                Control("WeChat", self, self.ledger, self.faults).mount(),
            ]
        )

    async def open(self) -> None:
        """Nothing runs in the background until something is announced."""

    async def close(self) -> None:
        """End pushes nobody waits for."""
        for task in self._announcements:
            task.cancel()
        await asyncio.gather(*self._announcements, return_exceptions=True)

    async def push(self, openid: str, fields: dict[str, object], manner: Manner) -> Heard:
        """Push what a person did to the webhook."""
        head: dict[str, object] = {
            "ToUserName": ORIGINAL_ID,
            "FromUserName": openid,
            "CreateTime": int(self.clock.now().timestamp()),
        }
        return await Push(self.hook, self.envelope, head | fields, manner, self.ledger).run()

    def announce(self, openid: str, fields: dict[str, object]) -> None:
        """Push an event of the platform's own, beside the answer to the call that caused it."""
        if not self.hook:
            return
        pushing = self.push(openid or ORIGINAL_ID, {"MsgType": "event"} | fields, self.manner)
        task = asyncio.create_task(pushing)
        self._announcements.add(task)
        task.add_done_callback(self._announcements.discard)

    async def check_url(self) -> bool:
        """The console's GET check: is the echo given back as it was?"""
        envelope, echo = self.envelope, "5838479218127813673"
        query = envelope.query(envelope.seal(int(self.clock.now().timestamp()))) | {"echostr": echo}
        async with loopback_client(patience=self.manner.patience) as http:
            answer = await http.get(self.hook, params=query)
        return answer.status_code == httpx.codes.OK and answer.text == echo

    async def act(self, given: Payload) -> dict[str, object]:
        """A client does something, as told by the control page."""
        client, kind, text = self.client(given.text("client")), given.text("kind") or "text", given.text("text")
        heard = await (client.choose(text, given.text("number")) if kind == "choose" else client.do(kind, text))
        return asdict(heard)

    async def _call(self, request: Request) -> Response:
        name = str(request.path_params["method"])
        method = METHODS.get(name)
        if method is None:
            return Response(errcode(40066, "invalid url").body, media_type="application/json")
        body = await request.body()
        try:
            given = await read_payload(request)
        except Malformed:
            return Response(errcode(47001, "data format error").body, media_type="application/json")
        recipient = given.text("touser") or given.text("openid")
        return await self.gateway.pass_through(
            Knock(request, name, recipient, lambda: self._do(name, method, Incoming(given, body)))
        )

    async def _media(self, request: Request) -> Response:
        """A file; of a video only where it lies."""
        token, media_id = (request.query_params.get(name, "") for name in ("access_token", "media_id"))

        def give() -> Response:
            if code := self.tokens.refusal(token):
                return refusal(code, "invalid credential, access_token is invalid or not latest")
            item = self.shelf.items.get(media_id)
            if item and item.claimed.startswith("video/"):
                return JSONResponse({"video_url": f"{self.root}/video/{media_id}"})
            return self.shelf.hand_out(media_id)

        return await self.gateway.hand_out(request, "media/get", media_id, give)

    async def _video(self, request: Request) -> Response:
        media_id = str(request.path_params["media_id"])
        return await self.gateway.hand_out(request, "video", media_id, lambda: self.shelf.hand_out(media_id))

    async def _do(self, name: str, method: Method, incoming: "Incoming") -> Answer:
        try:
            self._admit(name, incoming)
            result = await method(self, incoming.given)
        except Refusal as refusal:
            return json_answer({"errcode": refusal.code, "errmsg": str(refusal)} | refusal.extra)
        except Malformed:
            return errcode(47001, "data format error")
        plain = name in WITHOUT_TOKEN or not result.keys().isdisjoint({"subscribe", "ticket", "media_id"})
        return json_answer(result if plain else {"errcode": 0, "errmsg": "ok"} | result)

    def _admit(self, name: str, incoming: "Incoming") -> None:
        code = 0 if name in WITHOUT_TOKEN else self.tokens.refusal(incoming.given.text("access_token"))
        if code:
            raise Refusal(code, "invalid credential, access_token is invalid or not latest")
        self.account.count_call(name)
        if _ESCAPED.search(incoming.body):
            raise Refusal(40033, "invalid charset. please check your request, if include \\uxxxx will create fail!")


@dataclass(frozen=True)
class Incoming:
    """A call as read and as received."""

    given: Payload
    body: bytes
