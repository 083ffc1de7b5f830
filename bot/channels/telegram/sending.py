"""One message to one chat: split, drawn with buttons, marked up, and never begun anew after its first part went out."""

import hashlib
import html
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, KeyboardButton, ReplyKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.channels.base import ChannelState
from bot.channels.parts import after
from bot.channels.telegram.lean import LeanBot
from bot.channels.telegram.outcomes import is_unknown_file, is_unparsable, outcome
from bot.channels.telegram.splitting import split
from bot.errors import ContentRefused, OutcomeUnknown, SendError, StorageError, Throttled, TryLater
from bot.messages import SHARE_PHONE, Card, Document, Enclosed, Outgoing, Picture, Receipt, ShownOption

LONGEST_DATA = 64
"""Bytes of a button's value; the Bot API refuses more."""

REMEMBERED = timedelta(days=2)
UPLOAD_SECONDS = 25.0
"""How long a file may take; the pump gives a message 30."""

Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup


@dataclass(frozen=True)
class Sender:
    """Sends for one account; `state` keeps how far a message of several parts has come.

    `paid`: Telegram may charge for what goes faster than it takes from any bot.
    """

    bot: LeanBot
    account: str
    state: ChannelState
    paid: bool = False

    async def send(self, outgoing: Outgoing) -> Receipt:
        """All parts in order, the buttons under the last; raises SendError."""
        keyboard = keyboard_of(outgoing.options)
        parts = _parts(outgoing)
        sent = await self._sent_before(outgoing) if len(parts) > 1 else []
        for place in range(len(sent), len(parts)):
            below = keyboard if place == len(parts) - 1 else None
            try:
                with after(place):
                    sent.append(await self._said(outgoing.to.address, parts[place], below))
            except (Throttled, TryLater) as error:
                await self._remember(outgoing, sent, error)
                raise
        return Receipt(platform_message_ids=tuple(sent))

    async def _said(self, chat: str, part: str | Enclosed, keyboard: Keyboard | None) -> str:
        if isinstance(part, str):
            return await self._marked_up(chat, part, keyboard)
        if isinstance(part, Card):
            raise ContentRefused("media", "no cards here")
        try:
            return await self._shown(chat, part, keyboard)
        except TelegramError as error:
            raise outcome(error) from None

    async def _shown(self, chat: str, thing: Picture | Document, keyboard: Keyboard | None) -> str:
        """By the number that Telegram gave it when it was sent to somebody before, else handed over."""
        method, field, name = _as_file(thing)
        fields: dict[str, object] = {"chat_id": chat, "reply_markup": keyboard}
        key = f"telegram:{self.account}:file:{hashlib.sha256(thing.content).hexdigest()[:40]}"
        try:
            if known := await self._kept(key):
                return _number(await self._asked(method, fields | {field: known}))
        except BadRequest as error:
            if not is_unknown_file(error):
                raise
        file = InputFile(thing.content, filename=name, attach=False)
        result = await self._asked(method, fields | {field: file}, UPLOAD_SECONDS)
        if given := _file_id(result.get(field)):
            with suppress(StorageError):
                await self.state.put(key, given, REMEMBERED)
        return _number(result)

    async def _kept(self, key: str) -> str | None:
        with suppress(StorageError):
            return await self.state.get(key)
        return None

    async def _marked_up(self, chat: str, text: str, keyboard: Keyboard | None) -> str:
        try:
            return await self._plain(chat, html.escape(text, quote=False), keyboard, ParseMode.HTML)
        except BadRequest as error:
            if not is_unparsable(error):
                raise outcome(error) from None
        except TelegramError as error:
            raise outcome(error) from None
        try:
            return await self._plain(chat, text, keyboard)
        except TelegramError as error:
            raise outcome(error) from None

    async def _plain(self, chat: str, text: str, keyboard: Keyboard | None, mode: ParseMode | None = None) -> str:
        fields: dict[str, object] = {"chat_id": chat, "text": text, "parse_mode": mode, "reply_markup": keyboard}
        return _number(await self._asked("sendMessage", fields))

    async def _asked(
        self, method: str, fields: dict[str, object], read_timeout: float | None = None
    ) -> Mapping[str, object]:
        """The message as it stands in the chat."""
        fields |= {"allow_paid_broadcast": True} if self.paid else {}
        result = await self.bot.ask(method, fields, read_timeout)
        if not isinstance(result, dict) or "message_id" not in result:
            raise OutcomeUnknown("unreadable")
        return result

    async def _sent_before(self, outgoing: Outgoing) -> list[str]:
        if not outgoing.idempotency_key:
            return []
        try:
            return (await self.state.get(self._key(outgoing)) or "").split()
        except StorageError:
            raise TryLater("parts", "the database did not say what went out") from None

    async def _remember(self, outgoing: Outgoing, sent: Sequence[str], error: SendError) -> None:
        """So that the next attempt goes on after the parts which the client already has."""
        if not sent:
            return
        if not outgoing.idempotency_key:
            raise OutcomeUnknown(error.code, "some parts went out") from None
        try:
            await self.state.put(self._key(outgoing), " ".join(sent), REMEMBERED)
        except StorageError:
            raise OutcomeUnknown("parts", "the database did not note what went out") from None

    def _key(self, outgoing: Outgoing) -> str:
        return f"telegram:{self.account}:parts:{outgoing.idempotency_key}"


def _parts(outgoing: Outgoing) -> list[str | Enclosed]:
    """Every message that it takes, in order; what can be tapped stays the last thing said."""
    texts = split(outgoing.text)
    if texts and outgoing.options:
        return [*texts[:-1], *outgoing.enclosed, texts[-1]]
    return [*texts, *outgoing.enclosed]


def _number(message: Mapping[str, object]) -> str:
    return str(message["message_id"])


def _file_id(sent: object) -> str:
    """Of a picture there are several sizes, the last of which is the largest."""
    one = sent[-1] if isinstance(sent, list) and sent else sent
    found = one.get("file_id") if isinstance(one, dict) else None
    return found if isinstance(found, str) else ""


def _as_file(thing: Picture | Document) -> tuple[str, str, str]:
    """The method that sends it, the field it goes by, and its name."""
    if isinstance(thing, Document):
        return "sendDocument", "document", thing.name
    return "sendPhoto", "photo", "picture.jpg"


def keyboard_of(options: Sequence[ShownOption]) -> Keyboard | None:
    """One button a row; ContentRefused for a value that no button can hold, before anything is sent.

    A button that shares the client's number can stand only where the letters are; it hides when it was used.
    """
    if not options:
        return None
    if any(option.value == SHARE_PHONE.value for option in options):
        rows = [[KeyboardButton(one.label, request_contact=one.value == SHARE_PHONE.value)] for one in options]
        return ReplyKeyboardMarkup(rows, one_time_keyboard=True, resize_keyboard=True)
    if any(not 1 <= len(option.value.encode()) <= LONGEST_DATA for option in options):
        raise ContentRefused("option", f"an option's value is empty or longer than {LONGEST_DATA} bytes")
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(option.label, callback_data=option.value)] for option in options]
    )
