"""WeChat official accounts."""

from bot.channels.wechat.account import WechatAccount
from bot.channels.wechat.channel import WechatChannel

__all__ = ["WechatAccount", "WechatChannel"]
