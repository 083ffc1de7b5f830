"""Which members each contact has, as far as the platform told us: a client is gone when the last one is."""

from bot.channels.base import ChannelState


async def gained(state: ChannelState, client: str, member: str) -> None:
    """The client became a contact of the member."""
    members = await _members(state, client)
    if member and member not in members:
        await state.put(_key(client), " ".join([*members, member]))


async def lost(state: ChannelState, client: str, member: str) -> bool:
    """They are no longer in contact; whether another member is known to be in touch with the client."""
    members = await _members(state, client)
    left = [one for one in members if one != member]
    if left != members:
        await state.put(_key(client), " ".join(left))
    return bool(left)


async def _members(state: ChannelState, client: str) -> list[str]:
    return (await state.get(_key(client)) or "").split()


def _key(client: str) -> str:
    return f"members:{client}"
