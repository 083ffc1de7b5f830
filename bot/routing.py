"""Which handler answers a turn: an ordered list of filters, first match wins."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.messages import Event, Inbound, Incoming, Reply, Topic
from bot.vocabulary import Locale
from services import Services
from services.knowledge.outcome import Finding
from storage.repositories.clients import Client
from storage.repositories.conversations import Conversation
from storage.repositories.inbox import Stored
from storage.repositories.intakes import Intake
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Turn:
    """One incoming message with all that was known when its turn came.

    `choice` is the value of the option picked by button or number; `stale` says that it named a list that is no
    longer valid; `finding` is what the knowledge base makes of the text (None for events and silent turns); `topic`
    is what was spoken of last, while it holds.
    """

    inbox_id: int
    message: Inbound
    conversation: Conversation
    client: Client | None
    intake: Intake | None
    finding: Finding | None
    topic: Topic | None
    choice: str | None
    stale: bool
    locale: Locale
    now: datetime

    @property
    def text(self) -> str:
        """What the client wrote; empty for events."""
        return self.message.text if isinstance(self.message, Incoming) else ""

    @property
    def event(self) -> Event | None:
        """The event, if it is one."""
        return self.message if isinstance(self.message, Event) else None


Act = Callable[[Unit], Sequence[Reply]]
"""What a handler wants written, run in the turn's one transaction; returns what to say."""

Outcome = Sequence[Reply] | Act
Handler = Callable[[Turn, Services], Awaitable[Outcome]]
Filter = Callable[[Turn], bool]


@dataclass(frozen=True)
class Router:
    """Handlers in the order in which they are asked."""

    routes: tuple[tuple[Filter, Handler], ...]
    otherwise: Handler

    def pick(self, turn: Turn) -> Handler:
        """The first handler whose filter matches."""
        return next((handler for matches, handler in self.routes if matches(turn)), self.otherwise)


@dataclass(frozen=True, slots=True)
class Said:
    """What a turn answered inside the platform's request: its deliveries and their texts, in order.

    The first `late` of them answer earlier messages and could not go out before.
    """

    delivery_ids: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()
    late: int = 0

    def without(self, late: int, last: int = 0) -> "Said":
        """Without the newest `late` of the late ones, and without the `last` ones of the turn itself."""
        kept, end = self.late - late, len(self.texts) - last
        ids = self.delivery_ids[:kept] + self.delivery_ids[self.late : end]
        return Said(ids, self.texts[:kept] + self.texts[self.late : end], kept)


class Front(Protocol):
    """Where what comes in goes; the dispatcher is it, and rooms beside it that may not name it use this."""

    async def take(
        self, items: Sequence[Inbound], replay_key: str | None, patience: float, *, waits: bool = False
    ) -> Sequence[Stored]:
        """Store arrivals and begin their turns; DatabaseBusy or RequestStale, and nothing is stored.

        `waits`: the caller asks next for the `passive_reply` of the first, or whether it is `finished`.
        """
        ...

    async def passive_reply(self, stored: Stored, seconds: float) -> Said | None:
        """What the turn says, for the answer of the platform's request; None: the pump sends it, if anything."""
        ...

    async def finished(self, stored: Stored, seconds: float) -> bool:
        """Whether the turn is over, waiting at most so long."""
        ...
