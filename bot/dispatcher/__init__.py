"""Inbox row → turn → handler → replies: one conversation at a time and in order, conversations side by side."""

from bot.dispatcher.conclusion import ClientWrote
from bot.dispatcher.lanes import Dispatcher
from bot.dispatcher.parts import Parts
from bot.dispatcher.turns import Finder

__all__ = ["ClientWrote", "Dispatcher", "Finder", "Parts"]
