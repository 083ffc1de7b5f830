"""Which members each contact has, as far as the platform told us: a client is gone when the last one is.

Callbacks about one client may come to several processes at the same time, so each change is made alone.
"""

from collections.abc import Callable

from bot.channels.base import ChannelState
from bot.channels.tencent.notes import Note, SharedNote
from bot.errors import DatabaseBusy, TryLater


async def gained(state: ChannelState, client: str, member: str) -> None:
    """The client became a contact of the member."""
    note = _members(state, client)
    if member and member not in await note.read():
        await _changed(note, lambda members: members.update({member: {}}))


async def lost(state: ChannelState, client: str, member: str) -> bool:
    """They are no longer in contact; whether another member is known to be in touch with the client."""
    note = _members(state, client)
    left = await note.read()
    if member in left:
        left.clear()

        def without(members: Note) -> None:
            members.pop(member, None)
            left.update(members)

        await _changed(note, without)
    return bool(left)


def _members(state: ChannelState, client: str) -> SharedNote:
    return SharedNote(state, f"contact:{client}")


async def _changed(note: SharedNote, change: Callable[[Note], None]) -> None:
    try:
        await note.change(change)
    except TryLater as error:  # then the callback is not taken, and comes again
        raise DatabaseBusy(error.detail) from None
