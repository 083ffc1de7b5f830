"""What the Telegram double knows: chats, messages sent by the bot, files, open callback queries."""

from dataclasses import dataclass, field
from itertools import count

from tests.doubles.faults import Answer, bot_refusal

BOT_ID = 7001000001


class Refusal(Exception):
    """The platform says no; carries the HTTP status, the description and its parameters."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.answer: Answer = bot_refusal(status, description, **parameters)


@dataclass
class Chat:
    """A private chat (positive id) or a group (negative id), and how it stands to the bot."""

    id: int
    name: str = "Lin"
    language: str = "zh-hans"
    started: bool = False
    blocked: bool = False
    moved_to: int = 0

    @property
    def is_group(self) -> bool:
        """Groups have negative ids."""
        return self.id < 0

    def as_chat(self) -> dict[str, object]:
        """The `Chat` object of the Bot API."""
        if self.is_group:
            return {"id": self.id, "type": "supergroup", "title": self.name}
        return {"id": self.id, "type": "private", "first_name": self.name}

    def as_person(self) -> dict[str, object]:
        """The `User` object of the Bot API."""
        return {"id": abs(self.id), "is_bot": False, "first_name": self.name, "language_code": self.language}


@dataclass
class Bot:
    """The account behind the token."""

    name: str = "quanfu_double_bot"
    joins_groups: bool = True
    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)

    def as_person(self) -> dict[str, object]:
        """The `User` object of the Bot API."""
        return {"id": BOT_ID, "is_bot": True, "first_name": "Quanfu", "username": self.name}


@dataclass
class State:
    """Everything that outlives one call. With `open_door` any private chat counts as started."""

    bot: Bot = field(default_factory=Bot)
    chats: dict[int, Chat] = field(default_factory=dict)
    sent: dict[tuple[int, int], dict[str, object]] = field(default_factory=dict)
    actions: list[tuple[int, str]] = field(default_factory=list)
    queries: dict[str, str | None] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    keyboards: dict[int, dict[str, object]] = field(default_factory=dict)
    open_door: bool = False
    message_ids: "count[int]" = field(default_factory=lambda: count(1))

    def chat(self, chat_id: int) -> Chat:
        """The chat, made on first mention."""
        return self.chats.setdefault(chat_id, Chat(chat_id))

    def reachable(self, chat_id: int) -> Chat:
        """The chat if the bot may write to it now, else the platform's refusal."""
        if self.open_door and chat_id > 0 and chat_id not in self.chats:
            self.chat(chat_id).started = True
        chat = self.chats.get(chat_id)
        if chat is None:
            raise Refusal(400, "Bad Request: chat not found")
        _check_open(chat)
        return chat


def _check_open(chat: Chat) -> None:
    if chat.moved_to:
        words = "Bad Request: group chat was upgraded to a supergroup chat"
        raise Refusal(400, words, migrate_to_chat_id=chat.moved_to)
    if chat.blocked:
        where = "bot was kicked from the supergroup chat" if chat.is_group else "bot was blocked by the user"
        raise Refusal(403, f"Forbidden: {where}")
    if not chat.started:
        raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
