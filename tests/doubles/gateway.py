"""The door every platform call goes through: scripted faults, then the call log."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response

from tests.doubles.faults import Answer, Delay, Fault, Faults, HangUp
from tests.doubles.ledger import Call, Ledger

TRANSPORT = "double.transport"
Act = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True)
class Knock:
    """A request at the door: which method, for whom, and how to do what it asks."""

    request: Request
    method: str
    recipient: str
    act: Act


@dataclass
class Gateway:
    """Applies the script of faults and notes each call with the answer given."""

    ledger: Ledger
    faults: Faults
    kill_token: Callable[[], None]
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def pass_through(self, knock: Knock) -> Response:
        """Handle one call, with whatever fault is scripted for it."""
        fault = self.faults.take(knock.method, knock.recipient)
        answer = await knock.act() if fault is None else await self._suffer(fault, knock)
        self.ledger.calls.append(Call(knock.method, knock.recipient, answer))
        if answer is None:
            await cut(knock.request)
            return Response()
        date = {"Date": format_datetime(self.ledger.clock.now(), usegmt=True)}
        return Response(answer.body, answer.status, headers=date, media_type="application/json")

    async def hand_out(self, request: Request, method: str, recipient: str, give: Callable[[], Response]) -> Response:
        """The same for an answer that is no JSON; a scripted answer takes its place."""
        given: list[Response] = []

        async def act() -> Answer:
            given.append(give())
            return Answer(given[-1].status_code)

        scripted = await self.pass_through(Knock(request, method, recipient, act))
        return given[-1] if given and not scripted.body else scripted

    async def _suffer(self, fault: Fault, knock: Knock) -> Answer | None:
        done = await knock.act() if fault.after else None
        match fault.effect:
            case Answer():
                return fault.effect
            case HangUp():
                return None
            case Delay(seconds=seconds):
                await self._pause(seconds)
            case _:
                self.kill_token()
        return done or await knock.act()

    async def _pause(self, seconds: float) -> None:
        """Real seconds, cut short when the double closes."""
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return


async def cut(request: Request) -> None:
    """Drop the connection under a request, without a byte of answer."""
    transport: asyncio.Transport = request.scope["extensions"][TRANSPORT][TRANSPORT]
    transport.abort()
    while (await request.receive())["type"] != "http.disconnect":
        continue
