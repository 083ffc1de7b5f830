"""A platform on which everything happens that can: each misfortune to one in twenty, by the number of the delivery.

What it delivers stands in a ledger from the moment on at which the other side has it, one line each, so that it can be
read while workers write and are killed.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from bot.channels.base import Capabilities, HttpAnswer, Received, Route, WebhookRequest
from bot.clock import Clock
from bot.errors import (
    AddressChanged,
    ChannelStopped,
    ContentRefused,
    OutcomeUnknown,
    QuotaUsed,
    RecipientGone,
    Throttled,
    TryLater,
    WindowClosed,
)
from bot.messages import Outgoing, Receipt
from bot.vocabulary import ChannelKind
from bot.vocabulary.health import Observation, Remark
from tests.services.delivery.office import PLAIN

SHARES = 20
LINE = 10
"""Signs of a line in the ledger: nine digits and the end."""


class Misfortune(StrEnum):
    """What happens to a delivery. The first three happen to the whole account, so neighbours share them."""

    SLOW = "too fast"
    QUOTA = "quota used"
    STOPPED = "account stopped"
    LATER = "busy"
    MOVED = "chat moved"
    GONE = "recipient gone"
    REFUSED = "content refused"
    SHUT = "window shut"
    LOST_AFTER = "answer lost, delivered"
    LOST_BEFORE = "answer lost, not delivered"
    BUG = "fault in the adapter"
    NONE = "nothing"


_OF_ACCOUNT = (Misfortune.SLOW, Misfortune.QUOTA, Misfortune.STOPPED)
_OF_ONE = tuple(one for one in Misfortune if one not in (*_OF_ACCOUNT, Misfortune.NONE))
ONCE = frozenset({*_OF_ACCOUNT, Misfortune.LATER, Misfortune.MOVED})
"""These pass: the next attempt of the same worker succeeds."""


def misfortune(delivery_id: int, recipients: int) -> Misfortune:
    """Three shares of neighbours in the middle, and one in seventeen of all others for each of the rest."""
    share = (delivery_id * SHARES // recipients) % SHARES
    if share % 5 == 2 and share // 5 < len(_OF_ACCOUNT):
        return _OF_ACCOUNT[share // 5]
    place = delivery_id % (SHARES - len(_OF_ACCOUNT))
    return _OF_ONE[place] if place < len(_OF_ONE) else Misfortune.NONE


@dataclass(frozen=True)
class Ledger:
    """What the other side has got; whoever writes a line does so at once and whole."""

    path: Path

    @property
    def count(self) -> int:
        """How many messages arrived."""
        return self.path.stat().st_size // LINE if self.path.exists() else 0

    def delivered(self) -> list[int]:
        """The deliveries in the order of their arrival."""
        return [int(line) for line in self.path.read_text("utf-8").splitlines()]

    def opened(self) -> Callable[[int], int]:
        """A way to add to it."""
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        return lambda delivery_id: os.write(file, f"{delivery_id:0{LINE - 1}}\n".encode())


@dataclass
class Outside:
    """The channel to that platform."""

    note: Callable[[int], object]
    recipients: int
    clock: Clock
    kind: ChannelKind = ChannelKind.RECORDING
    account: str = "main"
    capabilities: Capabilities = PLAIN
    _met: set[int] = field(default_factory=set)

    def routes(self) -> tuple[Route, ...]:
        """Nobody calls it."""
        return ()

    async def receive(self, request: WebhookRequest) -> Received:
        """Nobody calls it."""
        return Received(HttpAnswer())

    async def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """Nothing is wrong with it."""
        yield Observation(Remark.RECORDER_READY)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Delivered in the middle of the call, unless something is in the way."""
        met = misfortune(outgoing.delivery_id, self.recipients)
        await asyncio.sleep(0.01)
        refused = refusal(met, outgoing, self.clock.now())
        if refused is not None and not (met in ONCE and outgoing.delivery_id in self._met):
            self._met.add(outgoing.delivery_id)
            raise refused
        self.note(outgoing.delivery_id)
        await asyncio.sleep(0.01)
        if met is Misfortune.LOST_AFTER:
            raise OutcomeUnknown("timeout")
        return Receipt()


def refusal(met: Misfortune, outgoing: Outgoing, now: datetime) -> Exception | None:
    """What the platform's answer comes to before anything is delivered."""
    return {
        Misfortune.SLOW: Throttled(20.0),
        Misfortune.QUOTA: QuotaUsed(now + timedelta(seconds=20)),
        Misfortune.STOPPED: ChannelStopped("401"),
        Misfortune.LATER: TryLater("busy"),
        Misfortune.MOVED: AddressChanged(f"{outgoing.to.address}-new"),
        Misfortune.GONE: RecipientGone("blocked"),
        Misfortune.REFUSED: ContentRefused("too long"),
        Misfortune.SHUT: WindowClosed("shut"),
        Misfortune.LOST_BEFORE: OutcomeUnknown("cut"),
        Misfortune.BUG: RuntimeError("bug"),
    }.get(met)
