"""A stand-in for the bot's webhook, to test the pushing side of the doubles by itself."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.clock import SystemClock
from tests.doubles.faults import Faults
from tests.doubles.gateway import Gateway
from tests.doubles.ledger import Ledger


@dataclass(frozen=True)
class Pushed:
    """A request as the webhook saw it."""

    query: dict[str, str]
    headers: dict[str, str]
    body: str


def acknowledge(pushed: Pushed) -> Response:
    """The empty acknowledgement."""
    return Response()


@dataclass
class Hook:
    """Keeps every push; answers with `answer` (which may look at the push), after `statuses` are used up."""

    answer: Callable[[Pushed], Response] = acknowledge
    statuses: list[int] = field(default_factory=list)
    stuck: int = 0
    root: str = ""

    def __post_init__(self) -> None:
        self.seen: list[Pushed] = []
        self.gateway = Gateway(Ledger(SystemClock()), Faults(), lambda: None)

    def app(self) -> Starlette:
        """One route."""
        return Starlette(routes=[Route("/hook", self._take, methods=["GET", "POST"])])

    async def open(self) -> None:
        """Nothing to begin."""

    async def close(self) -> None:
        """Nothing to end: a stuck answer ends with the gateway."""

    @property
    def url(self) -> str:
        """Where to push."""
        return f"{self.root}/hook"

    async def _take(self, request: Request) -> Response:
        pushed = Pushed(dict(request.query_params), dict(request.headers), (await request.body()).decode())
        self.seen.append(pushed)
        if self.stuck:
            self.stuck -= 1
            await asyncio.wait({asyncio.create_task(self.gateway.closing.wait())})
        return Response(status_code=self.statuses.pop(0)) if self.statuses else self.answer(pushed)
