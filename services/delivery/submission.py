"""What may be asked of the one way out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.messages import Option, ShownOption
from bot.vocabulary import AnswerKind, DeliveryState, Interest, Locale, ProductRisk, Purpose
from storage.repositories.conversations import Conversation
from storage.unit import Unit


class Route(StrEnum):
    """How a message leaves: by the pump, inside the platform's request, or by being stored (web chat)."""

    PUMP = "pump"
    PASSIVE = "passive"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class ToConversation:
    """The chat a dialogue is held in; `read` is the conversation where this unit has just read it."""

    conversation_id: int
    read: Conversation | None = None


@dataclass(frozen=True, slots=True)
class ToClient:
    """A client, on the channel that suits (preference, reachability, declared fallback)."""

    client_id: int


@dataclass(frozen=True, slots=True)
class Submission:
    """One message wanted. `key` is unique for ever: a second submission of it changes nothing.

    `personal` names the parameters that hold personal data, `quoted` those that repeat the client's own words,
    which are not held against us; `material` is the reviewed-material number; `topic` what it is about; `author_id`
    the member of staff who wrote it; `essential` marks a margin call or an account warning, which passes quiet
    hours and opt-out. `kind` and `entry_id`: what became of a client's question. `media_id`: a picture of the
    branch's media that is shown below the text, on channels that can.
    """

    key: str
    purpose: Purpose
    to: ToConversation | ToClient
    text_key: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    notice: str | None = None
    personal: frozenset[str] = frozenset()
    quoted: frozenset[str] = frozenset()
    locale: Locale | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None
    material: str | None = None
    product_risk: ProductRisk | None = None
    topic: Interest | None = None
    essential: bool = False
    inbox_id: int | None = None
    author_id: int | None = None
    kind: AnswerKind | None = None
    entry_id: str | None = None
    media_id: int | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a submission at once; `new` is False where the key was known already."""

    delivery_id: int
    state: DeliveryState
    text: str
    options: tuple[ShownOption, ...] = ()
    rule: str | None = None
    new: bool = True


@dataclass(frozen=True, slots=True)
class Fanout:
    """One message wanted for many clients: each gets the key `<key>:<client id>`.

    The personal parameter `salutation` need not be given: it is each client's own. `media_id`: as of a submission,
    except that where it cannot be shown the words go alone.
    """

    key: str
    purpose: Purpose
    text_key: str
    broadcast_id: int | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    notice: str | None = None
    personal: frozenset[str] = frozenset()
    not_before: datetime | None = None
    expires_at: datetime | None = None
    material: str | None = None
    product_risk: ProductRisk | None = None
    topic: Interest | None = None
    author_id: int | None = None
    media_id: int | None = None


@dataclass(frozen=True, slots=True)
class Fanned:
    """What became of a fan-out at once: rows made, and chunks of 500."""

    rows: int
    chunks: int


Submit = Callable[[Unit, Submission], Submitted]
"""The one way out, as a service is handed it."""
