"""Updates turned into the channel-free language. Only private chats are served; groups and bots are passed over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.channels.telegram.wire import PRIVATE, CallbackQuery, Chat, File, Membership, Message, Person, Update
from bot.messages import ALBUM, Event, Inbound, Incoming
from bot.vocabulary import Addressee, ChannelKind, EventKind, Locale, MessageKind

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
START = "start"
LEFT = ("kicked", "left")


@dataclass(frozen=True, slots=True)
class _Content:
    kind: MessageKind
    text: str = ""
    media: Mapping[str, str] | None = None
    choice: str | None = None


@dataclass(frozen=True)
class Reader:
    """Reads the updates of one account; `choices` says which option value each command stands for."""

    account: str
    choices: Mapping[str, str]

    def read(self, update: Update) -> Inbound | None:
        """What it means to us; None for what is not for a clients' bot."""
        platform_id = _name(update)
        if update.callback_query:
            return self._pressed(platform_id, update.callback_query)
        if update.my_chat_member:
            return self._membership(platform_id, update.my_chat_member)
        # An edited message is a new one: the corrected words want an answer of their own.
        message = update.message or _reworded(update.edited_message)
        return self._message(platform_id, message) if message else None

    def _message(self, platform_id: str, message: Message) -> Inbound | None:
        sender = message.sender
        if sender is None or not _served(message.chat, sender):
            return None
        found = self._started(message.text or "") or self._content(message, sender)
        if found is None:
            return None
        who, when, locale = self._addressee(message.chat.id), _instant(message.date), locale_of(sender)
        if isinstance(found, _Content):
            media = found.media or {}
            return Incoming(who, platform_id, found.kind, found.text, found.choice, locale, when, media)
        kind, value = found
        return Event(who, platform_id, kind, value, locale, when)

    def _started(self, text: str) -> tuple[EventKind, str] | None:
        command = _COMMAND.fullmatch(text.strip())
        if command is None or command.group(1) != START:
            return None
        parameter = (command.group(2) or "").strip()
        if _START_PARAMETER.fullmatch(parameter):
            return EventKind.SCANNED, parameter
        return EventKind.FOLLOWED, ""

    def _content(self, message: Message, sender: Person) -> _Content | None:
        if message.text is not None:
            return self._words(message.text)
        if message.contact:
            # Somebody else's card proves nothing and is not ours to keep.
            own = message.contact.user_id == sender.id
            return _Content(MessageKind.CONTACT, media={"phone": message.contact.phone_number} if own else {})
        if message.location:
            place = {"latitude": str(message.location.latitude), "longitude": str(message.location.longitude)}
            return _Content(MessageKind.LOCATION, media=place)
        return _file(message) or _unsupported(message)

    def _words(self, text: str) -> _Content:
        command = _COMMAND.fullmatch(text.strip())
        if command is None:
            return _Content(MessageKind.TEXT, text)
        name, rest = command.group(1), command.group(2) or ""
        choice = self.choices.get(name.lower())
        if choice:
            return _Content(MessageKind.CHOICE, text, choice=choice)
        # A command that is not ours (/help on every bot) is understood best as the word it is.
        return _Content(MessageKind.TEXT, f"{name} {rest}".strip())

    def _pressed(self, platform_id: str, query: CallbackQuery) -> Incoming | None:
        chat = query.message.chat if query.message else Chat(id=query.sender.id)
        if not query.data or not _served(chat, query.sender):
            return None
        who, label = self._addressee(chat.id), _label(query)
        return Incoming(who, platform_id, MessageKind.CHOICE, label, query.data, locale_of(query.sender))

    def _membership(self, platform_id: str, change: Membership) -> Event | None:
        if not _served(change.chat, change.sender):
            return None
        # Who starts the bot anew also sends /start, and is greeted for that.
        kind = EventKind.UNFOLLOWED if change.new_chat_member.status in LEFT else EventKind.RETURNED
        who, when = self._addressee(change.chat.id), _instant(change.date)
        return Event(who, platform_id, kind, locale=locale_of(change.sender), sent_at=when)

    def _addressee(self, chat_id: int) -> Addressee:
        return Addressee(ChannelKind.TELEGRAM, self.account, str(chat_id))


def _name(update: Update) -> str:
    """Its number with when it was: numbers may begin anew at random after a quiet week, and so come a second time."""
    message = update.message or update.edited_message or update.my_chat_member
    mark = update.callback_query.id if update.callback_query else message and message.date
    return f"{update.update_id}-{mark}" if mark else str(update.update_id)


def locale_of(person: Person) -> Locale | None:
    """Chinese where the app speaks any kind of it, English for every other language, None where it is not told."""
    if not person.language_code:
        return None
    return Locale.ZH_CN if person.language_code.lower().startswith("zh") else Locale.EN


def _reworded(message: Message | None) -> Message | None:
    """An edited message unless it has no words: a place shared live is edited every few seconds for hours."""
    return message if message and (message.text or message.caption) else None


def _served(chat: Chat, sender: Person) -> bool:
    return chat.type == PRIVATE and not sender.is_bot


def _instant(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _file(message: Message) -> _Content | None:
    # An animation also comes as a document: the order decides.
    held = (
        (MessageKind.IMAGE, message.photo[-1] if message.photo else None),  # the last size is the largest
        (MessageKind.VOICE, message.voice),
        (MessageKind.VIDEO, message.video or message.video_note or message.animation),
        (MessageKind.FILE, message.document or message.audio),
        (MessageKind.STICKER, message.sticker),
    )
    for kind, file in held:
        if file:
            album = {ALBUM: message.media_group_id} if message.media_group_id else {}
            return _Content(kind, message.caption or "", _media(file) | album)
    return None


def _media(file: File) -> dict[str, str]:
    known = {"file_id": file.file_id, "file_name": file.file_name, "mime_type": file.mime_type}
    size = None if file.file_size is None else str(file.file_size)
    return {name: value for name, value in (known | {"size": size}).items() if value}


def _unsupported(message: Message) -> _Content | None:
    """Something the client sent on purpose; None for the platform's own notes in a chat (a message pinned, ...)."""
    if message.dice or message.poll or message.game or message.story:
        return _Content(MessageKind.UNSUPPORTED)
    return None


def _label(query: CallbackQuery) -> str:
    markup = query.message.reply_markup if query.message else None
    rows = markup.inline_keyboard if markup else ()
    return next((button.text for row in rows for button in row if button.callback_data == query.data), "")
