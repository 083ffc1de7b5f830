"""A person on Telegram: what they type, press and send becomes updates for the bot."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from tests.doubles.payload import Payload
from tests.doubles.shelf import PICTURE
from tests.doubles.telegram.html import utf16_length
from tests.doubles.telegram.state import BOT_ID, Chat

if TYPE_CHECKING:
    from tests.doubles.telegram.double import TelegramDouble

_FILES = count(1)
_QUERIES = count(900001)
Fields = dict[str, object]


@dataclass(frozen=True)
class TelegramClient:
    """Acts for one chat; every act returns the id of its update."""

    double: "TelegramDouble"
    chat_id: int

    @property
    def chat(self) -> Chat:
        """What the platform knows of the chat."""
        return self.double.state.chat(self.chat_id)

    def say(self, text: str) -> int:
        """Type a message."""
        entities: list[Fields] = []
        if text.startswith("/"):
            length = utf16_length(text.split()[0])
            entities = [{"type": "bot_command", "offset": 0, "length": length}]
        return self._message({"text": text} | ({"entities": entities} if entities else {}))

    def start(self, payload: str = "") -> int:
        """Press Start, perhaps from a deep link."""
        return self.say(f"/start {payload}".strip())

    def press(self, label: str) -> int:
        """Press an inline button of a message the bot sent; LookupError when no such button is on the screen."""
        for (chat_id, _), message in reversed(self.double.state.sent.items()):
            data = _button_data(message, label) if chat_id == self.chat_id else ""
            if data:
                return self._query(message, data)
        raise LookupError(label)

    def _query(self, message: Fields, data: str) -> int:
        number = str(next(_QUERIES))
        self.double.state.queries[number] = None
        sender = self.chat.as_person()
        body: Fields = {"id": number, "from": sender, "message": message, "chat_instance": "1", "data": data}
        return self.double.feed.add("callback_query", body)

    def edit(self, message_id: int, text: str) -> int:
        """Change a message sent before."""
        now = int(self.double.clock.now().timestamp())
        body = self._body({"text": text, "edit_date": now}) | {"message_id": message_id}
        return self.double.feed.add("edited_message", body)

    def move(self, message_id: int) -> int:
        """A place shared live has changed: the app tells so every few seconds, for up to eight hours."""
        now = int(self.double.clock.now().timestamp())
        place = {"latitude": 31.24, "longitude": 121.48, "live_period": 900}
        body = self._body({"location": place, "edit_date": now}) | {"message_id": message_id}
        return self.double.feed.add("edited_message", body)

    def photo(self, content: bytes = PICTURE, caption: str = "") -> int:
        """Send a photo."""
        size: Fields = self._file(content) | {"width": 90, "height": 90}
        return self._message({"photo": [size]} | ({"caption": caption} if caption else {}))

    def voice(self, content: bytes = b"opus") -> int:
        """Send a voice message."""
        return self._message({"voice": self._file(content) | {"duration": 3, "mime_type": "audio/ogg"}})

    def document(self, content: bytes = b"%PDF-", name: str = "statement.pdf") -> int:
        """Send a file."""
        return self._message({"document": self._file(content) | {"file_name": name}})

    def sticker(self) -> int:
        """Send a sticker."""
        shape: Fields = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._message({"sticker": self._file(b"webp") | shape | {"emoji": "👍"}})

    def location(self) -> int:
        """Send a place."""
        return self._message({"location": {"latitude": 31.23, "longitude": 121.47}})

    def contact(self, phone: str = "+8613900000000", own: bool = True) -> int:
        """Share a telephone card: one's own, or (not `own`) somebody else's."""
        card: Fields = {"phone_number": phone, "first_name": self.chat.name}
        return self._message({"contact": card | {"user_id": self.chat_id if own else self.chat_id + 1}})

    def block(self) -> int:
        """Block the bot (a group: throw it out)."""
        self.chat.blocked = True
        return self._membership("member", "kicked")

    def unblock(self) -> int:
        """Let the bot in again."""
        self.chat.blocked, self.chat.started = False, True
        return self._membership("kicked", "member")

    def do(self, kind: str, value: str) -> int:
        """An act by its name; ValueError when there is none of that name."""
        plain: dict[str, Callable[[], int]] = {
            "voice": self.voice,
            "photo": self.photo,
            "document": self.document,
            "sticker": self.sticker,
            "location": self.location,
            "contact": self.contact,
            "block": self.block,
            "unblock": self.unblock,
        }
        spoken: dict[str, Callable[[str], int]] = {"text": self.say, "start": self.start, "press": self.press}
        if kind in spoken:
            return spoken[kind](value)
        if kind not in plain:
            raise ValueError(kind)
        return plain[kind]()

    def _message(self, fields: Fields) -> int:
        self.chat.started = True
        return self.double.feed.add("message", self._body(fields))

    def _body(self, fields: Fields) -> Fields:
        chat = self.chat
        now = int(self.double.clock.now().timestamp())
        head: Fields = {"message_id": next(self.double.state.message_ids), "date": now}
        return head | {"from": chat.as_person(), "chat": chat.as_chat()} | fields

    def _file(self, content: bytes) -> Fields:
        file_id = f"file{next(_FILES)}"
        self.double.state.files[file_id] = content
        return {"file_id": file_id, "file_unique_id": file_id, "file_size": len(content)}

    def _membership(self, before: str, after: str) -> int:
        bot = self.double.state.bot.as_person()
        now = int(self.double.clock.now().timestamp())
        body: Fields = {"chat": self.chat.as_chat(), "from": self.chat.as_person(), "date": now}
        body |= {"old_chat_member": _member(bot, before), "new_chat_member": _member(bot, after)}
        return self.double.feed.add("my_chat_member", body)


def _member(bot: Fields, status: str) -> Fields:
    assert bot["id"] == BOT_ID
    return {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})


def _button_data(message: Fields, label: str) -> str:
    for row in Payload(message).inner("reply_markup").listed("inline_keyboard"):
        for cell in Payload({"cells": row}).rows("cells"):
            if label in (cell.text("text"), cell.text("callback_data")):
                return cell.text("callback_data")
    return ""
