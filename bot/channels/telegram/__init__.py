"""Telegram: a bot account by webhook or long polling."""

from bot.channels.telegram.account import Command, Pace, TelegramAccount
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.polling import PollingTelegramChannel, telegram_channel
from bot.channels.telegram.request import Patience

__all__ = [
    "Command",
    "Pace",
    "Patience",
    "PollingTelegramChannel",
    "TelegramAccount",
    "TelegramChannel",
    "telegram_channel",
]
