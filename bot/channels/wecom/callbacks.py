"""What the platform pushes to the corp's address: words of members to the app, and news of desks and contacts."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.channels.base import ChannelState, HttpAnswer, Received, WebhookRequest
from bot.channels.tencent.arrivals import digest, media_of, number_of, sent_at
from bot.channels.tencent.notation import Fields, word
from bot.channels.wecom.account import WecomAccount
from bot.channels.wecom.calls import Call, leave_word
from bot.channels.wecom.envelope import Gate
from bot.channels.wecom.followers import gained, lost
from bot.channels.wecom.welcomes import keep_code
from bot.clock import Clock
from bot.errors import BodyUnreadable
from bot.messages import Event, Inbound, Incoming
from bot.vocabulary import Addressee, ChannelKind, EventKind, MessageKind

DESK_EVENT = "kf_msg_or_event"
CONTACT_EVENT = "change_external_contact"

_KINDS = {
    "text": MessageKind.TEXT,
    "image": MessageKind.IMAGE,
    "voice": MessageKind.VOICE,
    "video": MessageKind.VIDEO,
    "location": MessageKind.LOCATION,
    "link": MessageKind.LINK,
}
_WORDS = {
    MessageKind.TEXT: ("Content",),
    MessageKind.LOCATION: ("Label",),
    MessageKind.LINK: ("Title", "Url"),
}
_APP_EVENTS = {
    "subscribe": EventKind.FOLLOWED,
    "unsubscribe": EventKind.UNFOLLOWED,
    "click": EventKind.CLICKED,
    "view": EventKind.VIEWED,
}
_CONTACT_EVENTS = {
    "add_external_contact": EventKind.FOLLOWED,
    "add_half_external_contact": EventKind.FOLLOWED,
    "del_follow_user": EventKind.UNFOLLOWED,
    "del_external_contact": EventKind.UNFOLLOWED,
}


class Callbacks:
    """Takes what is pushed to any address of the corp; `woken` is called when there is something to pull."""

    def __init__(
        self, account: WecomAccount, state: ChannelState, clock: Clock, woken: Callable[[], None] = lambda: None
    ) -> None:
        self._account = account
        self._state = state
        self._gate = Gate(account, clock)
        self._woken = woken

    async def receive(self, request: WebhookRequest) -> Received:
        """Verify, decrypt and read a request; raises WebhookError for one that is not to be taken."""
        if request.method == "GET":
            return Received(HttpAnswer(body=self._gate.echo(request.query).encode()))
        letter = self._gate.open(request)
        fields = letter.fields
        if word(fields, "Event") == DESK_EVENT:
            await self._called(fields, letter.replay_key)
            return Received(replay_key=letter.replay_key)
        items = items_of(fields, self._account)
        if items and word(fields, "Event") == CONTACT_EVENT:
            items = await self._contact(fields, items)
        return Received(items=items, replay_key=letter.replay_key)

    async def _contact(self, fields: Fields, items: Sequence[Inbound]) -> Sequence[Inbound]:
        """Keep what a change of contacts brings; one that leaves the client with another member is no farewell."""
        client, member, code = (word(fields, name) for name in ("ExternalUserID", "UserID", "WelcomeCode"))
        if code:
            await keep_code(self._state, client, code)
        match _CONTACT_EVENTS.get(word(fields, "ChangeType")):
            case EventKind.FOLLOWED:
                await gained(self._state, client, member)
                if not code:  # greeted already: by the event before, by hand, or in a chat
                    return [replace(item, kind=EventKind.RETURNED) for item in items if isinstance(item, Event)]
            case EventKind.UNFOLLOWED if await lost(self._state, client, member):
                return [replace(item, kind=EventKind.OTHER) for item in items if isinstance(item, Event)]
        return items

    async def _called(self, fields: Fields, mark: str) -> None:
        open_kfid = word(fields, "OpenKfId")
        if open_kfid in self._account.kf_ids:
            await leave_word(self._state, open_kfid, Call(mark, word(fields, "Token")))
            self._woken()


def items_of(fields: Fields, account: WecomAccount) -> Sequence[Inbound]:
    """The message or event of a push; nothing for one that concerns no chat, or a part that is not in use."""
    kind = word(fields, "MsgType").lower()
    if not kind:
        raise BodyUnreadable("no type")
    if kind == "event" and word(fields, "Event") == CONTACT_EVENT:
        return _contact(fields, account) if account.contact_secret else ()
    sender = word(fields, "FromUserName")
    if not sender or account.secret is None or account.agent_id is None:
        return ()
    addressee = Addressee(ChannelKind.WECOM, account.app_name, sender)
    return (_app_event(fields, addressee) if kind == "event" else _message(fields, addressee, kind),)


def _message(fields: Fields, sender: Addressee, name: str) -> Incoming:
    kind = _KINDS.get(name, MessageKind.UNSUPPORTED)
    words = (word(fields, field) for field in _WORDS.get(kind, ()))
    return Incoming(
        sender=sender,
        platform_id=number_of(fields),
        kind=kind,
        text="\n".join(filter(None, words)),
        sent_at=sent_at(fields),
        media=media_of(fields),
    )


def _app_event(fields: Fields, sender: Addressee) -> Event:
    name = word(fields, "Event").lower()
    kind = _APP_EVENTS.get(name, EventKind.OTHER)
    value = name if kind is EventKind.OTHER else word(fields, "EventKey")
    number = digest(fields, "Event", "EventKey")
    return Event(sender, number, kind, value, sent_at=sent_at(fields))


def _contact(fields: Fields, account: WecomAccount) -> Sequence[Event]:
    """A contact came or went; `value` is the state of the code or link they came by."""
    client, change = word(fields, "ExternalUserID"), word(fields, "ChangeType")
    if not client:
        return ()
    kind = _CONTACT_EVENTS.get(change, EventKind.OTHER)
    value = word(fields, "State") if kind is EventKind.FOLLOWED else change
    sender = Addressee(ChannelKind.WECOM, account.contacts_name, client)
    number = digest(fields, "ChangeType", "UserID", "ExternalUserID")
    return (Event(sender, number, kind, value, sent_at=sent_at(fields)),)
