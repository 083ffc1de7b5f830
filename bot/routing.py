"""Which handler answers a turn: an ordered list of filters, first match wins."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.knowledge.outcome import Finding

from bot.messages import Event, Inbound, Incoming, Reply
from bot.vocabulary import Locale
from services import Services
from storage.repositories.clients import Client
from storage.repositories.conversations import Conversation
from storage.repositories.intakes import Intake
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Turn:
    """One incoming message with all that was known when its turn came.

    `choice` is the value of the option picked by button or number; `stale` says that it named a list that is no
    longer valid; `finding` is what the knowledge base makes of the text (None for events and silent turns).
    """

    inbox_id: int
    message: Inbound
    conversation: Conversation
    client: Client | None
    intake: Intake | None
    finding: Finding | None
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
