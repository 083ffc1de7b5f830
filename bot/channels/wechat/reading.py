"""What a push says, in the channel-free language."""

from bot.channels.tencent.arrivals import digest, media_of, number_of, sent_at
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

_EVENTS = {
    "subscribe": EventKind.FOLLOWED,
    "unsubscribe": EventKind.UNFOLLOWED,
    "scan": EventKind.SCANNED,
    "click": EventKind.CLICKED,
    "scancode_waitmsg": EventKind.CLICKED,
    "scancode_push": EventKind.CLICKED,
    "view": EventKind.VIEWED,
}
_SCENE = "qrscene_"


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
    return Incoming(
        sender=sender,
        platform_id=number_of(fields),
        kind=kind,
        text="\n".join(filter(None, words)),
        choice=picked or None,
        by_menu=bool(picked),
        sent_at=sent_at(fields),
        media=media_of(fields),
    )


def _event(fields: Fields, sender: Addressee) -> Event:
    name, key = word(fields, "Event").lower(), word(fields, "EventKey")
    kind = _EVENTS.get(name, EventKind.OTHER)
    value = name if kind is EventKind.OTHER else key
    return Event(
        sender=sender,
        platform_id=digest(fields, "Event", "EventKey", "MsgID"),
        kind=kind,
        value=value.removeprefix(_SCENE) if kind is EventKind.FOLLOWED else value,
        sent_at=sent_at(fields),
    )
