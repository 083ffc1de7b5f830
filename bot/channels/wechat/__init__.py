"""WeChat official accounts."""

from bot.channels.tencent.platform import Patience
from bot.channels.wechat.account import Template, WechatAccount
from bot.channels.wechat.channel import WechatChannel
from bot.channels.wechat.office import WechatOffice
from bot.channels.wechat.rights import Power, Standing, standings

__all__ = ["Patience", "Power", "Standing", "Template", "WechatAccount", "WechatChannel", "WechatOffice", "standings"]
