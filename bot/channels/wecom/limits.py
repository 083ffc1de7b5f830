"""How often a member or a group may be written to. The platform drops what is too much, or blocks us: so we count.

Minutes are counted as the clock shows them, this one and the one before together: never more than the limit in any
sixty seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.channels.tencent.notes import Note, SharedNote
from bot.clock import Clock

A_MINUTE, AN_HOUR = 30, 1000
MINUTES = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """Messages to one member or group."""

    a_minute: int = A_MINUTE
    an_hour: int = AN_HOUR


class Limits:
    """Shared by all processes."""

    def __init__(self, note: SharedNote, clock: Clock, allowance: Allowance = Allowance()) -> None:
        self._note = note
        self._clock = clock
        self._allowance = allowance

    async def admit(self, members: Sequence[str]) -> frozenset[str]:
        """Those who may get one message now; it is counted."""
        minute, admitted = _minute(self._clock.now()), set[str]()

        def count(note: Note) -> None:
            _forget(note, minute)
            for member in members:
                sent = note.setdefault(member.lower(), {})
                if self._has_room(sent, minute):
                    sent[str(minute)] = sent.get(str(minute), 0) + 1
                    admitted.add(member)

        await self._note.change(count)
        return frozenset(admitted)

    def _has_room(self, sent: dict[str, int], minute: int) -> bool:
        lately = sent.get(str(minute), 0) + sent.get(str(minute - 1), 0)
        return lately < self._allowance.a_minute and sum(sent.values()) < self._allowance.an_hour


def _forget(note: Note, minute: int) -> None:
    for member, sent in list(note.items()):
        note[member] = {at: number for at, number in sent.items() if minute - int(at) <= MINUTES}
        if not note[member]:
            del note[member]


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // 60
