"""Names for messages, under which the platform accepts each once.

They hold a mark of this database: after a fresh one numbers begin anew, and a number used before would be taken for
a message that has arrived.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from bot.channels.base import ChannelState

_KEY = "mark"
_FOR_EVER = timedelta(days=36_500)
_NAME = re.compile(r"([0-9a-f]{8})-([0-9]{1,18})-([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class MsgIds:
    """Names with one mark; at most 32 letters, digits and dashes, as the platform wants them."""

    mark: str

    def name(self, delivery_id: int, part: int) -> str:
        """Of one part of a delivery, the same at every attempt."""
        return f"{self.mark}-{delivery_id}-{part}"

    def part_of(self, name: str) -> tuple[int, int] | None:
        """The delivery behind a name, and which of its parts; None for a message of somebody else's."""
        found = _NAME.fullmatch(name)
        return (int(found[2]), int(found[3])) if found and found[1] == self.mark else None


async def msgids(state: ChannelState) -> MsgIds:
    """With the mark of this database, made on first use."""
    mark = await state.get(_KEY)
    if mark is None:
        await state.put_if_absent(_KEY, secrets.token_hex(4), _FOR_EVER)
        mark = await state.get(_KEY)
    return MsgIds(mark or "")
