"""The channel-free language between platforms, dispatcher and delivery."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.vocabulary import Addressee, AnswerKind, DeliveryState, EventKind, Locale, MessageKind

ALBUM = "album"
"""In `Incoming.media`: what the platform calls the pictures of which this is one."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something a client sent. `choice` is the value of a pressed button; `platform_id` is unique per account.

    `by_menu`: a tap in a menu that the platform doesn't count as a message, and that opens a shorter window.
    """

    sender: Addressee
    platform_id: str
    kind: MessageKind
    text: str = ""
    choice: str | None = None
    locale: Locale | None = None
    sent_at: datetime | None = None
    media: Mapping[str, str] = field(default_factory=dict)
    by_menu: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened around a chat; `value` is a scene, menu key or start parameter."""

    sender: Addressee
    platform_id: str
    kind: EventKind
    value: str = ""
    locale: Locale | None = None
    sent_at: datetime | None = None


UNCLEAR = "unclear"
"""Why something failed: in part, or for a reason that the platform keeps to itself."""

REFUSED = "content_refused"
"""Why something failed: what it says is not allowed there."""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What a platform says of an earlier message, named by its id or ours; `rule` is why it failed, as reports say.

    It is UNCLEAR where something of it may have arrived, or nobody says why: then it goes by no other channel.
    """

    state: DeliveryState
    platform_message_id: str = ""
    delivery_id: int | None = None
    code: str = ""
    rule: str = "reported"


Inbound = Incoming | Event


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a client may pick: `value` comes back, `label` or the text under `label_key` is shown."""

    value: str
    label: str = ""
    label_key: str = ""


SHARE_PHONE = Option("share_phone", label_key="option_share_phone")
"""Lets the client share their own telephone number; only for channels that vouch whose it is (`own_phone`)."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What was spoken of last: the question, and the entries that were answered (`given`) or else offered.

    Without entries the question was refused. `shown` are all entries that were answered or offered to this question.
    `handed`: the text is the line with which a person handed the conversation back, and the entry what it is about.
    """

    text: str
    entries: tuple[str, ...]
    given: bool
    shown: tuple[str, ...] = ()
    handed: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler wants said: a text key with parameters, never a text.

    `topic` is what the conversation is about from now on; None leaves it as it was. `quoted` names the parameters
    that no word list judges: the client's own words, and answers released word by word. `locale` is set only where it
    is not the turn's: the words that confirm a change of language. `kind` and `entry_id` say what became of a
    question, for the statistics, and from which entry, or which came nearest.
    """

    key: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    personal: frozenset[str] = frozenset()
    notice: str | None = None
    quoted: frozenset[str] = frozenset()
    locale: Locale | None = None
    topic: Topic | None = None
    kind: AnswerKind | None = None
    entry_id: str | None = None


def say(key: str, *, options: tuple[Option, ...] = (), notice: str | None = None, **parameters: object) -> Reply:
    """A reply with its parameters by name; `notice` is the key of a notice set below the text."""
    return Reply(key=key, parameters=parameters, options=options, notice=notice)


@dataclass(frozen=True, slots=True)
class ShownOption:
    """An option with its rendered label."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Form:
    """A text as a form that the platform has registered: its key, and the fields filled in."""

    text_key: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Card:
    """A link with a title; `url` and `picture` are addresses that clients can reach."""

    title: str
    url: str
    description: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of ours, of a kind that platforms take: image/jpeg or image/png."""

    content: bytes = field(repr=False)
    media_type: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Document:
    """A file of ours that clients keep, under a name that tells of nobody."""

    content: bytes = field(repr=False)
    name: str
    media_type: str = "application/pdf"


Enclosed = Card | Picture | Document


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One rendered message for one chat. `idempotency_key` is the same at every attempt.

    Where no window is open, `form` is what goes out instead of the text. `enclosed` is shown below the text, each
    thing a message of its own, on channels whose capabilities name its kind.
    """

    delivery_id: int
    to: Addressee
    text: str
    options: tuple[ShownOption, ...] = ()
    idempotency_key: str = ""
    form: Form | None = None
    enclosed: tuple[Enclosed, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform took the message; `state` is how far it is known to have come, `messages` what it cost."""

    state: DeliveryState = DeliveryState.SENT
    platform_message_ids: tuple[str, ...] = ()
    messages: int = 1


@dataclass(frozen=True, slots=True)
class GroupReceipt(Receipt):
    """The platform took one text for many: its id by address, and the addresses that it will not reach."""

    by_address: Mapping[str, str] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
