"""What a push says, in the channel-free language."""

import hashlib
from datetime import UTC, datetime

from bot.channels.tencent.notation import Fields, word
from bot.errors import BodyUnreadable
from bot.messages import Event, Inbound, Incoming
from bot.vocabulary import Addressee, ChannelKind, EventKind, MessageKind

_MESSAGES = {
    "text": MessageKind.TEXT,
    "image": MessageKind.IMAGE,
    "voice": MessageKind.VOICE,
    "video": MessageKind.VIDEO,
    "shortvideo": MessageKind.VIDEO,
    "location": MessageKind.LOCATION,
    "link": MessageKind.LINK,
    "file": MessageKind.FILE,
}
_WORDS = {
    MessageKind.TEXT: ("Content",),
    MessageKind.CHOICE: ("Content",),
    MessageKind.VOICE: ("Recognition",),
    MessageKind.LOCATION: ("Label",),
    MessageKind.LINK: ("Title", "Url"),
    MessageKind.FILE: ("Title",),
}
"""The fields that hold words; a voice message has them where the platform recognised some."""

_MEDIA = {
    "MediaId": "media_id",
    "ThumbMediaId": "thumbnail_id",
    "Format": "format",
    "PicUrl": "url",
    "Url": "url",
    "Title": "title",
    "Description": "description",
    "Location_X": "latitude",
    "Location_Y": "longitude",
    "Label": "label",
}
_EVENTS = {
    "subscribe": EventKind.FOLLOWED,
    "unsubscribe": EventKind.UNFOLLOWED,
    "scan": EventKind.SCANNED,
    "click": EventKind.CLICKED,
    "scancode_waitmsg": EventKind.CLICKED,
    "view": EventKind.VIEWED,
}
_SCENE = "qrscene_"
_LATEST = 4_102_444_800
"""Seconds of the year 2100; a time beyond it is no time."""


def item_of(fields: Fields, account: str) -> Inbound:
    """The message or event of a push; BodyUnreadable where sender or type is missing."""
    sender, kind = word(fields, "FromUserName"), word(fields, "MsgType").lower()
    if not sender or not kind:
        raise BodyUnreadable("no sender or no type")
    addressee = Addressee(ChannelKind.WECHAT, account, sender)
    return _event(fields, addressee) if kind == "event" else _message(fields, addressee, kind)


def _message(fields: Fields, sender: Addressee, name: str) -> Incoming:
    picked = word(fields, "bizmsgmenuid")
    kind = MessageKind.CHOICE if picked else _MESSAGES.get(name, MessageKind.UNSUPPORTED)
    words = (word(fields, field) for field in _WORDS.get(kind, ()))
    media = {ours: value for theirs, ours in _MEDIA.items() if (value := word(fields, theirs))}
    return Incoming(
        sender=sender,
        platform_id=_number(fields) or _digest(fields, "FromUserName", "CreateTime", "MsgType", "Content"),
        kind=kind,
        text="\n".join(filter(None, words)),
        choice=picked or None,
        by_menu=bool(picked),
        sent_at=_sent_at(fields),
        media=media,
    )


def _event(fields: Fields, sender: Addressee) -> Event:
    name, key = word(fields, "Event").lower(), word(fields, "EventKey")
    kind = _EVENTS.get(name, EventKind.OTHER)
    value = name if kind is EventKind.OTHER else key
    return Event(
        sender=sender,
        platform_id=_digest(fields, "FromUserName", "CreateTime", "Event", "EventKey", "MsgID"),
        kind=kind,
        value=value.removeprefix(_SCENE) if kind is EventKind.FOLLOWED else value,
        sent_at=_sent_at(fields),
    )


def _number(fields: Fields) -> str:
    number = word(fields, "MsgId")
    return number if len(number) <= 64 else ""


def _digest(fields: Fields, *names: str) -> str:
    """An id for what the platform gives none: hashed, since an event's key may be an address of any length."""
    parts = "\0".join(word(fields, name) for name in names)
    return f"x{hashlib.sha256(parts.encode(errors='replace')).hexdigest()[:40]}"


def _sent_at(fields: Fields) -> datetime | None:
    """To the second."""
    seconds = word(fields, "CreateTime")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= len(str(_LATEST))):
        return None
    return datetime.fromtimestamp(min(int(seconds), _LATEST), UTC)
