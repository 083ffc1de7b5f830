"""The parts of an update that are read. Everything else Telegram sends, now or later, is passed over."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 (the header's name)
PRIVATE = "private"
UPDATE_KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we ask Telegram for."""

Seconds = Annotated[int, Field(ge=0, lt=1 << 32)]


class Shape(BaseModel):
    """An object of the Bot API."""

    model_config = ConfigDict(frozen=True)


class Person(Shape):
    """Who wrote; `language_code` is what their app is set to."""

    id: int
    is_bot: bool = False
    language_code: str | None = None


class Chat(Shape):
    """Where it was written."""

    id: int
    type: str = PRIVATE


class File(Shape):
    """Anything that can be downloaded."""

    file_id: str
    file_name: str | None = None
    mime_type: str | None = None
    file_size: int | None = None


class Contact(Shape):
    """A telephone card; `user_id` says whose, where Telegram knows."""

    phone_number: str
    user_id: int | None = None


class Location(Shape):
    """A place, in degrees."""

    latitude: float
    longitude: float


class Button(Shape):
    """A button that we drew."""

    text: str = ""
    callback_data: str | None = None


class Markup(Shape):
    """The buttons under a message, row by row."""

    inline_keyboard: tuple[tuple[Button, ...], ...] = ()


class Message(Shape):
    """A message; of the content fields one is set."""

    chat: Chat
    sender: Person | None = Field(None, alias="from")
    date: Seconds | None = None
    text: str | None = None
    caption: str | None = None
    media_group_id: str | None = None
    photo: tuple[File, ...] | None = None
    voice: File | None = None
    audio: File | None = None
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    document: File | None = None
    sticker: File | None = None
    contact: Contact | None = None
    location: Location | None = None
    dice: Shape | None = None
    poll: Shape | None = None
    game: Shape | None = None
    story: Shape | None = None
    reply_markup: Markup | None = None


class CallbackQuery(Shape):
    """A pressed button; `message` is the one that bears it."""

    id: str
    sender: Person = Field(alias="from")
    message: Message | None = None
    data: str | None = None


class Member(Shape):
    """How the bot stands in a chat."""

    status: str


class Membership(Shape):
    """The bot was blocked or let in again."""

    chat: Chat
    sender: Person = Field(alias="from")
    date: Seconds | None = None
    new_chat_member: Member


class Numbered(Shape):
    """All that can be read of an update of unknown form."""

    update_id: int


class Update(Numbered):
    """One thing that happened; at most one field is set, none for kinds we do not know."""

    message: Message | None = None
    edited_message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: Membership | None = None
