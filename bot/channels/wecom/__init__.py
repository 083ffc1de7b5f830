"""WeCom: a corp's service desks, its app, its members' contacts and its group robots."""

from bot.channels.tencent.platform import Patience
from bot.channels.wecom.account import Pace, WecomAccount
from bot.channels.wecom.app import WecomAppChannel
from bot.channels.wecom.channel import WecomChannel
from bot.channels.wecom.contacts import WecomContactsChannel
from bot.channels.wecom.robot import GroupRobot

__all__ = ["GroupRobot", "Pace", "Patience", "WecomAccount", "WecomAppChannel", "WecomChannel", "WecomContactsChannel"]
