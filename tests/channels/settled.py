"""From an error on the wire to what becomes of the delivery: what every channel's table of faults is held to.

The outcomes are those of the platforms' facts: OK, TOKEN (once more with a new one), SLOW (the lane waits as told),
LATER (again, with growing pauses), GONE, WINDOW, CONTENT, MOVED, CONFIG (the account is left alone and announced) and
UNKNOWN.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from bot.channels.base import Channel
from bot.clock import MovableClock
from bot.messages import Outgoing
from bot.vocabulary import DeliveryState, Purpose
from services.delivery.sending import STOPPED_FOR, Attempt, Ending, send
from storage.repositories.claims import Due

NOW = MovableClock().now()


@dataclass(frozen=True, slots=True)
class Fate:
    """What a delivery comes to: state and rule, whether its chat is marked gone or shut, how long the lane waits."""

    state: DeliveryState
    rule: str | None = None
    gone: bool = False
    shut: bool = False
    pause: timedelta | None = None
    stopped: bool = False


class Outcome(Enum):
    """The rows of the table; of SLOW the pause is each signal's own."""

    OK = Fate(DeliveryState.SENT)
    LATER = Fate(DeliveryState.PENDING, "try_later")
    GONE = Fate(DeliveryState.FAILED, "gone", gone=True)
    WINDOW = Fate(DeliveryState.PENDING, "window", shut=True)
    CONTENT = Fate(DeliveryState.FAILED, "content_refused")
    CONFIG = Fate(DeliveryState.PENDING, "channel_stopped", pause=STOPPED_FOR, stopped=True)
    UNKNOWN = Fate(DeliveryState.UNCERTAIN, "unknown")
    REPEATABLE = Fate(DeliveryState.PENDING, "unknown")
    """UNKNOWN where the platform knows our id: the same message may be tried again and arrives once."""
    AWAITING = Fate(DeliveryState.AWAITING_STAFF)


def slow(seconds: float) -> Fate:
    """Nothing was tried: the lane waits so long, and the same try comes again."""
    return Fate(DeliveryState.PENDING, pause=timedelta(seconds=seconds))


async def settle(channel: Channel, outgoing: Outgoing) -> Ending:
    """One try of a delivery, as the pump makes it."""
    return await send(Attempt(due(outgoing), outgoing, channel, NOW))


async def tries(channel: Channel, outgoing: Outgoing, most: int = 20) -> int:
    """How often a delivery is tried while the platform always answers alike; 0 where it is never given up."""
    row = due(outgoing)
    for made in range(1, most):
        result = (await send(Attempt(row, outgoing, channel, NOW))).result
        if result.state is not DeliveryState.PENDING:
            return made
        if result.attempts == row.attempts:
            return 0
        row = replace(row, attempts=result.attempts, doubted=bool(result.doubted))
    raise AssertionError(f"tried more than {most} times")


def fate(ending: Ending) -> Fate:
    """What an ending says, in the table's terms."""
    result = ending.result
    pause = ending.pause_until - NOW if ending.pause_until else None
    return Fate(result.state, result.rule, result.gone, result.shut, pause, ending.stopped)


def due(outgoing: Outgoing) -> Due:
    """The row behind a message."""
    values: dict[str, object] = dict.fromkeys(Due.__slots__)
    values |= {"id": outgoing.delivery_id, "purpose": Purpose.SERVICE_NOTICE, "account_id": 1, "attempts": 0}
    values |= {"created_at": NOW, "address": outgoing.to.address, "text": outgoing.text, "essential": False}
    return Due(**values)  # type: ignore[arg-type]
