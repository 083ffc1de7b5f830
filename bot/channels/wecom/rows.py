"""What a row of the service desk says, in the channel-free language."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.channels.tencent.arrivals import LONGEST_ID, sent_at
from bot.channels.tencent.notation import Fields, word
from bot.channels.wecom.desk import Chat
from bot.channels.wecom.msgids import MsgIds
from bot.messages import REFUSED, UNCLEAR, Event, Inbound, Incoming, StatusReport
from bot.vocabulary import Addressee, ChannelKind, DeliveryState, EventKind, MessageKind

Item = Inbound | StatusReport

_FROM_CLIENT, _FROM_PLATFORM = "3", "4"
_KINDS = {
    "text": MessageKind.TEXT,
    "image": MessageKind.IMAGE,
    "voice": MessageKind.VOICE,
    "video": MessageKind.VIDEO,
    "file": MessageKind.FILE,
    "location": MessageKind.LOCATION,
    "link": MessageKind.LINK,
}
_WORDS = {
    MessageKind.TEXT: ("content",),
    MessageKind.LOCATION: ("name", "address"),
    MessageKind.LINK: ("title", "url"),
}
_MEDIA = {
    "media_id": "media_id",
    "latitude": "latitude",
    "longitude": "longitude",
    "name": "label",
    "title": "title",
    "desc": "description",
    "url": "url",
    "pic_url": "thumbnail_url",
}
_REFUSED_BY_CLIENT = "10"
_NOT_ALLOWED = frozenset({"12", "13"})
"""A kind of message that desks may not send, and what the platform holds back for safety."""
_PLAIN = frozenset({"1", "2", "4", "5", "6", "8", _REFUSED_BY_CLIENT, "11"})
"""Reasons that lie with the desk, the corp, the session or the client, and not with what was said: desk deleted, app
closed, 48 hours over, session closed, five used up, corp not verified, refused by the client, no member signed in."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """The client opened the chat and may be welcomed with `code` for a few seconds."""

    chat: Chat
    code: str


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads rows for one account."""

    account: str
    msgids: MsgIds

    def items(self, row: Fields) -> Sequence[Item]:
        """What the row brings; nothing for what members did, and for what cannot be read."""
        origin = word(row, "origin")
        if origin == _FROM_CLIENT:
            return self._message(row)
        return self._event(row) if origin == _FROM_PLATFORM else ()

    def _sender(self, fields: Fields) -> Addressee | None:
        chat = Chat(word(fields, "open_kfid"), word(fields, "external_userid"))
        if not chat.open_kfid or not chat.client:
            return None
        return Addressee(ChannelKind.WECOM, self.account, chat.address)

    def _message(self, row: Fields) -> Sequence[Item]:
        sender, name, number = self._sender(row), word(row, "msgtype"), word(row, "msgid")
        if sender is None or not 0 < len(number) <= LONGEST_ID:
            return ()
        kind, inner = _KINDS.get(name, MessageKind.UNSUPPORTED), _inner(row, name)
        words = (word(inner, field) for field in _WORDS.get(kind, ()))
        media = {ours: value for theirs, ours in _MEDIA.items() if (value := _plain(inner, theirs))}
        choice = word(inner, "menu_id") or None
        text, at = "\n".join(filter(None, words)), sent_at(row, "send_time")
        return (Incoming(sender, number, kind, text=text, choice=choice, sent_at=at, media=media),)

    def _event(self, row: Fields) -> Sequence[Item]:
        event, number = _inner(row, "event"), word(row, "msgid")
        sender, name = self._sender(event), word(event, "event_type")
        if sender is None or not 0 < len(number) <= LONGEST_ID:
            return ()
        at = sent_at(row, "send_time")
        if name == "msg_send_fail":
            return self._failure(event, Event(sender, number, EventKind.UNFOLLOWED, name, sent_at=at))
        if name == "user_recall_msg":
            return (Incoming(sender, number, MessageKind.RECALLED, sent_at=at),)
        kind, value = _meaning(event, name)
        return (Event(sender, number, kind, value, sent_at=at),)

    def _failure(self, event: Fields, refused: Event) -> Sequence[Item]:
        """A message that failed after it was taken; of a client who refuses messages that also says so."""
        msgid, reason = word(event, "fail_msgid"), word(event, "fail_type")
        part = self.msgids.part_of(msgid)
        if part is None:
            return ()
        delivery_id, number = part
        report = StatusReport(DeliveryState.FAILED, msgid, delivery_id, code=f"fail_type {reason}")
        if reason in _NOT_ALLOWED and number == 1:
            report = replace(report, rule=REFUSED)
        elif reason not in _PLAIN or number > 1:  # nobody says why, or a part before it arrived
            report = replace(report, rule=UNCLEAR)
        return (report, refused) if reason == _REFUSED_BY_CLIENT else (report,)


def entrance(row: Fields) -> Entrance | None:
    """The welcome that a row allows."""
    event = _inner(row, "event")
    code = word(event, "welcome_code")
    if word(event, "event_type") != "enter_session" or not code:
        return None
    return Entrance(Chat(word(event, "open_kfid"), word(event, "external_userid")), code)


def _meaning(event: Fields, name: str) -> tuple[EventKind, str]:
    """Who opens the chat within 48 hours of writing has been greeted; a scene may still hold a code."""
    if name != "enter_session":
        return EventKind.OTHER, name
    parameter = word(event, "scene_param")
    if word(event, "welcome_code"):
        return EventKind.FOLLOWED, parameter or word(event, "scene")
    return (EventKind.SCANNED, parameter) if parameter else (EventKind.OTHER, name)


def _inner(fields: Fields, name: str) -> Fields:
    inner = fields.get(name)
    return inner if isinstance(inner, dict) else {}


def _plain(fields: Fields, name: str) -> str:
    """Also of a number with a fraction, as coordinates are."""
    value = fields.get(name)
    return str(value) if isinstance(value, float) else word(fields, name)
