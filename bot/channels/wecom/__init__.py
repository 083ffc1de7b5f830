"""WeCom: a corp's service desks."""

from bot.channels.tencent.platform import Patience
from bot.channels.wecom.account import Pace, WecomAccount
from bot.channels.wecom.channel import WecomChannel

__all__ = ["Pace", "Patience", "WecomAccount", "WecomChannel"]
