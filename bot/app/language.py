"""Which language model the settings name, if any."""

from typing import TYPE_CHECKING

from bot.settings import Model
from services.language.writer import Writer
from services.wording import Wording

if TYPE_CHECKING:
    from services.language.endpoint import ChatEndpoint


def endpoint(settings: Model) -> "ChatEndpoint | None":
    """The server; None where no model is wanted."""
    if not settings.url:
        return None
    from services.language.endpoint import ChatEndpoint, Endpoint  # its HTTP client is 2 MB

    key = settings.key.get_secret_value() if settings.key else None
    return ChatEndpoint(Endpoint(settings.url, settings.name or "", key), settings.seconds)


def writer(settings: Model, chat: "ChatEndpoint | None") -> Writer | None:
    """The model at its tasks."""
    if chat is None:
        return None
    return Writer(chat.complete, Wording.from_seed(), settings.rewrite, settings.phrase, settings.seconds)
