"""The clients' chat page: history, messages, event stream."""

from bot.webchat.pages import Webchat
from bot.webchat.view import Branch, Uploads, View
from bot.webchat.visitors import Limits

__all__ = ["Branch", "Limits", "Uploads", "View", "Webchat"]
