"""The Telegram double: the Bot API at `{root}/bot{token}/{method}`."""

import asyncio
import hmac
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.clock import Clock, SystemClock
from tests.doubles.control import Control
from tests.doubles.faults import Answer, Faults, bot_refusal, json_answer
from tests.doubles.gateway import Gateway, Knock
from tests.doubles.ledger import Ledger
from tests.doubles.payload import Malformed, Payload, read_payload
from tests.doubles.telegram.client import TelegramClient
from tests.doubles.telegram.feed import Feed
from tests.doubles.telegram.methods import METHODS, Method
from tests.doubles.telegram.pusher import Pusher
from tests.doubles.telegram.rates import Rates
from tests.doubles.telegram.state import Refusal, State

TOKEN = "7001000001:AAdoubleDoubleDoubleDoubleDoubleDoub"


@dataclass
class TelegramDouble:
    """State, script and ledger of one bot account; serve it with `running(TelegramDouble())`."""

    clock: Clock = field(default_factory=SystemClock)
    token: str = TOKEN
    state: State = field(default_factory=State)
    feed: Feed = field(default_factory=Feed)
    faults: Faults = field(default_factory=Faults)
    root: str = ""

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.clock)
        self.rates = Rates(self.clock)
        self.gateway = Gateway(self.ledger, self.faults, self._revoke)
        self.pusher = Pusher(self.feed, self.clock)
        self._tasks: list[asyncio.Task[None]] = []
        self._revoked = False

    def client(self, chat_id: int) -> TelegramClient:
        """A person (positive id) or group (negative) that can write to the bot."""
        return TelegramClient(self, chat_id)

    def app(self) -> Starlette:
        """The Bot API, the file server and the control pages."""
        return Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/files/{file_id}", self._file),
                Control("Telegram", self, self.ledger, self.faults).mount(),
            ]
        )

    async def open(self) -> None:
        """Begin to serve the webhook."""
        self._tasks.append(asyncio.create_task(self.pusher.run()))

    async def close(self) -> None:
        """End the webhook and the long polls."""
        self.feed.close()
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def act(self, given: Payload) -> dict[str, object]:
        """A client does something, as told by the control page."""
        client = self.client(given.integer("client"))
        return {"update_id": client.do(given.text("kind") or "text", given.text("text"))}

    async def _call(self, request: Request) -> Response:
        if not self._admits(request.path_params["token"]):
            return _response(bot_refusal(401, "Unauthorized"))
        name = str(request.path_params["method"])
        method = METHODS.get(name.lower())
        if method is None:
            return _response(bot_refusal(404, "Not Found: method not found"))
        try:
            given = await read_payload(request)
        except Malformed:
            return _response(bot_refusal(400, "Bad Request: can't parse JSON object"))
        knock = Knock(request, name, given.text("chat_id"), lambda: self._do(method, given))
        return await self.gateway.pass_through(knock)

    async def _do(self, method: Method, given: Payload) -> Answer:
        if self._revoked:
            return bot_refusal(401, "Unauthorized")
        try:
            return json_answer({"ok": True, "result": await method(self, given)})
        except Refusal as refusal:
            return refusal.answer
        except Malformed as error:
            return bot_refusal(400, f"Bad Request: can't parse {error}")

    async def _file(self, request: Request) -> Response:
        file_id, admitted = str(request.path_params["file_id"]), self._admits(request.path_params["token"])

        def give() -> Response:
            content = self.state.files.get(file_id) if admitted else None
            return Response(status_code=404) if content is None else Response(content)

        return await self.gateway.hand_out(request, "file", file_id, give)

    def _admits(self, token: str) -> bool:
        return not self._revoked and hmac.compare_digest(token.encode(), self.token.encode())

    def _revoke(self) -> None:
        self._revoked = True


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, media_type="application/json")
