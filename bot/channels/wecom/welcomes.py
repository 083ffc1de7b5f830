"""Codes that allow one message to somebody who has just come, for twenty seconds."""

from datetime import timedelta

from bot.channels.base import ChannelState

LASTS = timedelta(seconds=20)


async def keep_code(state: ChannelState, address: str, code: str) -> None:
    """The code came for this chat."""
    await state.put(_key(address), code, LASTS)


async def code_for(state: ChannelState, address: str) -> str | None:
    """The code, while it is good; the platform takes it once."""
    return await state.get(_key(address))


def _key(address: str) -> str:
    return f"welcome:{address}"
