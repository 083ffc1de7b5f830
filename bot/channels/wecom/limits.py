"""How often a member may be written to. The platform drops what is too much without a word, so we count.

Minutes are counted as the clock shows them, this one and the one before together: never more than the limit in any
sixty seconds.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.channels.tencent.notes import Note, SharedNote
from bot.clock import Clock

A_MINUTE, AN_HOUR = 30, 1000
MINUTES = 60


class MemberLimits:
    """Shared by all processes."""

    def __init__(self, note: SharedNote, clock: Clock) -> None:
        self._note = note
        self._clock = clock

    async def admit(self, members: Sequence[str]) -> frozenset[str]:
        """Those who may get one message now; it is counted."""
        minute, admitted = _minute(self._clock.now()), set[str]()

        def count(note: Note) -> None:
            _forget(note, minute)
            for member in members:
                sent = note.setdefault(member.lower(), {})
                if _has_room(sent, minute):
                    sent[str(minute)] = sent.get(str(minute), 0) + 1
                    admitted.add(member)

        await self._note.change(count)
        return frozenset(admitted)


def _has_room(sent: dict[str, int], minute: int) -> bool:
    lately = sent.get(str(minute), 0) + sent.get(str(minute - 1), 0)
    return lately < A_MINUTE and sum(sent.values()) < AN_HOUR


def _forget(note: Note, minute: int) -> None:
    for member, sent in list(note.items()):
        note[member] = {at: number for at, number in sent.items() if minute - int(at) <= MINUTES}
        if not note[member]:
            del note[member]


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // 60
