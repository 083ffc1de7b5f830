"""The clients' chat page: history, messages, event stream; also in a frame on the branch's own sites."""

from bot.webchat.embed import Embedding
from bot.webchat.pages import Webchat
from bot.webchat.stream import Streams
from bot.webchat.view import Branch, Uploads, View
from bot.webchat.visitors import Limits

__all__ = ["Branch", "Embedding", "Limits", "Streams", "Uploads", "View", "Webchat"]
