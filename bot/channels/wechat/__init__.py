"""WeChat official accounts."""

from bot.channels.wechat.account import Patience, WechatAccount
from bot.channels.wechat.channel import WechatChannel

__all__ = ["Patience", "WechatAccount", "WechatChannel"]
