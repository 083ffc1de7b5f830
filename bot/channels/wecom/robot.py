"""A group's robot: tells a group of staff something. Its key is all it takes, so the key is a secret."""

from collections.abc import Sequence

from bot.channels.base import ChannelState, Notified
from bot.channels.tencent.notation import legible
from bot.channels.tencent.notes import SharedNote
from bot.channels.tencent.platform import Platform
from bot.channels.tencent.refusal import Refusal
from bot.channels.wecom.account import LONGEST, WecomAccount
from bot.channels.wecom.limits import Allowance, Limits
from bot.channels.wecom.outcomes import send_error
from bot.clock import Clock
from bot.errors import ContentRefused, Throttled
from bot.splitting import split

ALLOWED = Allowance(a_minute=20, an_hour=1200)
REST = 60.0
"""Seconds to wait where the minute is used up."""


class GroupRobot:
    """StaffNotices and Opener for one group. Who goes on above the limit is blocked for minutes: we stop before."""

    def __init__(self, account: WecomAccount, state: ChannelState, clock: Clock) -> None:
        self._key = account.robot_key or ""
        self._platform = Platform(account.api_root, account.patience)
        self._limits = Limits(SharedNote(state, "robot"), clock, ALLOWED)

    async def open(self) -> None:
        """Make ready to send."""
        self._platform.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._platform.close()

    async def notify(self, members: Sequence[str], text: str) -> Notified:
        """Tell the group, and mark these members of it; the first part only of a text that is too long."""
        parts = split(legible(text), LONGEST)
        if not parts:
            raise ContentRefused("44004", "nothing to send")
        if not await self._limits.admit(["robot"]):
            raise Throttled(REST, "limit")
        said = {"msgtype": "text", "text": {"content": parts[0], "mentioned_list": list(members)}}
        try:
            await self._platform.post("webhook/send", said, {"key": self._key})
        except Refusal as refusal:
            raise send_error(refusal) from None
        return Notified()
