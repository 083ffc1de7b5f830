"""The word that a callback leaves for whichever process pulls a service desk."""

from dataclasses import dataclass
from datetime import timedelta

from bot.channels.base import ChannelState

TOKEN_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Call:
    """A callback's token, and a mark that tells this callback from the one before."""

    mark: str = ""
    token: str = ""


async def leave_word(state: ChannelState, open_kfid: str, call: Call) -> None:
    """There is something to pull."""
    await state.put(_key(open_kfid), f"{call.mark} {call.token}", TOKEN_LASTS)


async def heard(state: ChannelState, open_kfid: str) -> Call:
    """The last word, while its token is good; else an empty one."""
    mark, _, token = (await state.get(_key(open_kfid)) or "").partition(" ")
    return Call(mark, token)


def _key(open_kfid: str) -> str:
    return f"call:{open_kfid}"
