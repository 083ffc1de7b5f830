"""WeChat official accounts."""

from bot.channels.wechat.account import Patience, Template, WechatAccount
from bot.channels.wechat.channel import WechatChannel

__all__ = ["Patience", "Template", "WechatAccount", "WechatChannel"]
