"""Where clients write, and what kinds of things they send."""

from dataclasses import dataclass
from enum import StrEnum


class ChannelKind(StrEnum):
    """A platform clients chat on; `recording` keeps what it is given (demo and tests)."""

    WECHAT = "wechat"
    WECOM = "wecom"
    TELEGRAM = "telegram"
    WEBCHAT = "webchat"
    RECORDING = "recording"


class MessageKind(StrEnum):
    """What a client sent."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    LINK = "link"
    CONTACT = "contact"
    STICKER = "sticker"
    CHOICE = "choice"
    RECALLED = "recalled"
    UNSUPPORTED = "unsupported"


class EventKind(StrEnum):
    """Something that happened on a platform without words from the client.

    `returned`: the client can be reached again, and needs no greeting of ours. `notice_allowed`: the client lets us
    send one notice by a form of the platform; `notice_stopped`: no more by it.
    """

    FOLLOWED = "followed"
    UNFOLLOWED = "unfollowed"
    RETURNED = "returned"
    SCANNED = "scanned"
    CLICKED = "clicked"
    VIEWED = "viewed"
    NOTICE_ALLOWED = "notice_allowed"
    NOTICE_STOPPED = "notice_stopped"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Addressee:
    """One chat: which platform, which of our accounts there, and the platform's id of the other side."""

    channel: ChannelKind
    account: str
    address: str
