"""A local server that imitates the Telegram Bot API."""

from tests.doubles.telegram.client import TelegramClient
from tests.doubles.telegram.double import TOKEN, TelegramDouble

__all__ = ["TOKEN", "TelegramClient", "TelegramDouble"]
