"""WeChat official accounts."""

from bot.channels.tencent.platform import Patience
from bot.channels.wechat.account import Template, WechatAccount
from bot.channels.wechat.channel import WechatChannel
from bot.channels.wechat.office import WechatOffice

__all__ = ["Patience", "Template", "WechatAccount", "WechatChannel", "WechatOffice"]
