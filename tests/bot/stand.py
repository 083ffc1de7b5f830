"""A dispatcher on a real database, with small handlers and a way out that only writes rows."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import cast

from sqlalchemy import select

from bot.clock import MovableClock
from bot.dispatcher import Dispatcher, Parts
from bot.dispatcher.typing import Typing, unseen
from bot.messages import Incoming, ShownOption, Topic, say
from bot.routing import Handler, Outcome, Router, Turn
from bot.vocabulary import Addressee, ChannelKind, DeliveryState, Locale, MessageKind
from services import Rules, Services
from services.delivery.submission import Route, Submission, Submitted, ToConversation
from services.knowledge.outcome import Finding
from services.knowledge.outcome import Outcome as Kind
from storage.engine import open_engines
from storage.models import DeliveryRow, InboxRow
from storage.repositories import conversations, deliveries
from storage.repositories.conversations import Conversation
from storage.unit import Database, Unit
from storage.vault import Vault

STATES = {
    Route.PUMP: DeliveryState.PENDING,
    Route.PASSIVE: DeliveryState.SENDING,
    Route.DIRECT: DeliveryState.SENT,
}


@dataclass
class RowsOnly:
    """A way out that renders `key|parameters` and writes the row; nothing is sent."""

    clock: MovableClock

    def submit_all(self, unit: Unit, wanted: Sequence[tuple[Submission, Route]]) -> list[Submitted]:
        """One row per submission."""
        return [self.submit(unit, submission, route) for submission, route in wanted]

    def submit(self, unit: Unit, submission: Submission, route: Route) -> Submitted:
        """One row per submission."""
        assert isinstance(submission.to, ToConversation)
        conversation = conversations.by_id(unit, submission.to.conversation_id)
        assert conversation is not None
        text = str(submission.parameters.get("text", submission.text_key))
        options = tuple(ShownOption(option.value, option.label) for option in submission.options)
        row = self._row(submission, conversation, STATES[route], self.clock.now())
        row.text, row.options = text, [{"value": one.value, "label": one.label} for one in options]
        unit.session.add(row)
        unit.flush()
        unit.announce("conversation", conversation.id)
        return Submitted(row.id, STATES[route], text, options)

    def _row(self, wanted: Submission, chat: Conversation, state: DeliveryState, now: datetime) -> DeliveryRow:
        return DeliveryRow(
            key=wanted.key,
            purpose=wanted.purpose,
            priority=0,
            state=state,
            conversation_id=chat.id,
            account_id=chat.account_id,
            inbox_id=wanted.inbox_id,
            staff_id=wanted.author_id,
            text_key=wanted.text_key,
            parameters=dict(wanted.parameters),
            answer_kind=wanted.kind,
            entry_id=wanted.entry_id,
            media_id=wanted.media_id,
            notice=wanted.notice,
            claimed_by=deliveries.PASSIVE if state is DeliveryState.SENDING else None,
            locale=wanted.locale,
            created_at=now,
            not_before=now,
            sent_at=now if state is DeliveryState.SENT else None,
        )


@dataclass
class Script:
    """A handler that notes its turns and answers as told; by default with the client's own words."""

    turns: list[Turn] = field(default_factory=list)
    answer: Callable[[Turn], Outcome] = lambda turn: (say("echo", text=turn.text),)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def __call__(self, turn: Turn, services: Services) -> Outcome:
        """Wait for the gate, then answer."""
        self.turns.append(turn)
        await self.gate.wait()
        return self.answer(turn)


@dataclass
class Tickets:
    """Where the words of clients whom a person answers land."""

    lines: list[tuple[int, str]] = field(default_factory=list)

    def client_wrote(self, unit: Unit, conversation: Conversation, inbox_id: int, text: str) -> None:
        """Note a line."""
        self.lines.append((inbox_id, text))


async def unknown(_text: str, _locale: Locale, _topic: Topic | None) -> Finding:
    """Finds nothing."""
    return Finding(Kind.UNKNOWN)


@dataclass
class Stand:
    """Everything a test of the front holds in hand."""

    database: Database
    clock: MovableClock
    script: Script
    tickets: Tickets
    delivery: RowsOnly

    def dispatcher(
        self, holder: str = "one", handler: Handler | None = None, typing: Typing | None = None
    ) -> Dispatcher:
        """A dispatcher as a process of its own would have it."""
        return Dispatcher(
            Parts(
                database=self.database,
                router=Router((), handler or self.script),
                services=cast(Services, SimpleNamespace(rules=Rules())),
                submit=self.delivery.submit_all,
                find=unknown,
                client_wrote=self.tickets.client_wrote,
                clock=self.clock,
                holder=holder,
                busy=say("system_busy"),
                typing=typing or Typing(unseen),
                pauses=(0.0, 0.0),
            )
        )

    async def inbox(self) -> list[tuple[str, str]]:
        """State and text of every row, in order."""
        chosen = select(InboxRow.state, InboxRow.text).order_by(InboxRow.id)
        return await self.database.read(lambda unit: [(row[0], row[1]) for row in unit.session.execute(chosen)])

    async def said(self) -> list[tuple[str, str]]:
        """State and text of every delivery, in order."""
        chosen = select(DeliveryRow.state, DeliveryRow.text).order_by(DeliveryRow.id)
        rows = await self.database.read(lambda unit: unit.session.execute(chosen).all())
        return [(row[0].value, row[1] or "") for row in rows]


@asynccontextmanager
async def standing(url: str) -> AsyncIterator[Stand]:
    """A stand on a migrated database."""
    clock = MovableClock()
    database = Database(open_engines(url), Vault((b"0" * 32,)))
    yield Stand(database, clock, Script(), Tickets(), RowsOnly(clock))
    database.close()


def wrote(text: str, platform_id: str = "m1", *, sender: str = "client-1", choice: str | None = None) -> Incoming:
    """A text from a client on a channel that the pump serves."""
    kind = MessageKind.TEXT if choice is None else MessageKind.CHOICE
    return Incoming(Addressee(ChannelKind.WECHAT, "main", sender), platform_id, kind, text, choice)


__all__ = ["Locale", "RowsOnly", "Script", "Stand", "Tickets", "standing", "wrote"]
