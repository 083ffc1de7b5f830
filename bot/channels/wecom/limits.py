"""How often a member or a group may be written to. The platform drops what is too much, or blocks us: so we count.

Minutes are counted as the clock shows them, this one and the one before together: never more than the limit in any
sixty seconds. Days are Beijing's.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.channels.tencent.notes import Note, SharedNote
from bot.clock import Clock, branch_date, next_midnight
from bot.errors import QuotaUsed

A_MINUTE, AN_HOUR = 30, 1000
MINUTES = 60
_ALL = "*"
"""All of them together, by day; no member has such a name."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Messages to one member or group, and to all of them together a day; None where there is no such limit."""

    a_minute: int = A_MINUTE
    an_hour: int = AN_HOUR
    a_day: int | None = None


class Limits:
    """Shared by all processes."""

    def __init__(self, note: SharedNote, clock: Clock, allowance: Allowance = Allowance()) -> None:
        self._note = note
        self._clock = clock
        self._allowance = allowance

    async def admit(self, members: Sequence[str]) -> frozenset[str]:
        """Those who may get one message now; it is counted. QuotaUsed where nobody may get any more today."""
        admitted, room = set[str](), 0

        def count(note: Note) -> None:
            nonlocal room
            room = self._room_today(note)
            admitted.update(self._counted(note, members, room))

        await self._note.change(count)
        if members and room <= 0:
            raise QuotaUsed(next_midnight(self._clock.now()), "limit", "the app has said as much as a day allows")
        return frozenset(admitted)

    def _counted(self, note: Note, members: Sequence[str], room: int) -> set[str]:
        minute, today, admitted = _minute(self._clock.now()), note.pop(_ALL, {}), set[str]()
        _forget(note, minute)
        for member in members:
            sent = note.setdefault(member.lower(), {})
            if len(admitted) < room and self._has_room(sent, minute):
                sent[str(minute)] = sent.get(str(minute), 0) + 1
                admitted.add(member)
        day = self._today
        note[_ALL] = {day: today.get(day, 0) + len(admitted)}
        return admitted

    def _room_today(self, note: Note) -> int:
        if self._allowance.a_day is None:
            return sys.maxsize
        return self._allowance.a_day - note.get(_ALL, {}).get(self._today, 0)

    @property
    def _today(self) -> str:
        return f"{branch_date(self._clock.now())}"

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
