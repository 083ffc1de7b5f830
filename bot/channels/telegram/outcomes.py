"""What each error of the Bot API means for a delivery, in our words: the platform's may hold a client's text."""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.telegram.request import NeverSent
from bot.errors import (
    AddressChanged,
    ChannelStopped,
    ContentRefused,
    OutcomeUnknown,
    RecipientGone,
    SendError,
    Throttled,
    TryLater,
)

TOO_LARGE = "entity too large"
"""In the platform's words, and those of HTTP, for a file that was not even read."""

GONE = ("chat not found", "user not found", "user is deactivated", "peer_id_invalid")
REFUSED = (
    "can't parse entities",
    "message is too long",
    "text is empty",
    "button_data_invalid",
    "reply markup",
    "bad webhook",
    "bot_command_invalid",
)
"""Parts of the platform's descriptions that are told on; anything else in them stays unsaid."""


def outcome(error: TelegramError) -> SendError:
    """The delivery's outcome. The order matters: BadRequest and TimedOut are NetworkErrors to the library."""
    match error:
        case RetryAfter():
            return Throttled(_seconds(error.retry_after), "429")
        case Forbidden():
            return RecipientGone("403", "blocked, deactivated or never started")
        case ChatMigrated():
            return AddressChanged(str(error.new_chat_id))
        case InvalidToken():
            return ChannelStopped("401", "token or address of the Bot API refused")
        case Conflict():
            return ChannelStopped("409", "another process or a webhook takes the updates")
        case BadRequest():
            return _bad_request(error.message.lower())
        case NeverSent():
            return TryLater("unreached", error.message)
        case TimedOut():
            return OutcomeUnknown("timeout")
        case NetworkError() if TOO_LARGE in error.message.lower():
            return ContentRefused("413")
        case NetworkError():
            return OutcomeUnknown("network")
        case _:
            return OutcomeUnknown("unreadable")


def reason(error: TelegramError) -> str:
    """What happened, for a log line."""
    found = outcome(error)
    return found.detail or found.code


def is_unparsable(error: BadRequest) -> bool:
    """Whether the platform stumbled over the markup."""
    return REFUSED[0] in error.message.lower()


def is_unknown_file(error: BadRequest) -> bool:
    """Whether the platform does not know a file by its number any more."""
    return "file" in error.message.lower()


def _bad_request(words: str) -> SendError:
    if any(phrase in words for phrase in GONE):
        return RecipientGone("400", "chat not found")
    return ContentRefused("400", next((phrase for phrase in REFUSED if phrase in words), ""))


def _seconds(pause: int | timedelta) -> float:
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)
