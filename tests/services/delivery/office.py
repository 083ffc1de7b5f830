"""A small branch for the tests of the way out: clients with chats, accounts that keep a ledger, and a pump."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from bot.channels.base import Capabilities, HttpAnswer, Received, Route, Unit, WebhookRequest
from bot.clock import MovableClock
from bot.messages import Outgoing, Receipt
from bot.vocabulary import (
    ChannelKind,
    ClientKind,
    ConsentPurpose,
    DayFacts,
    Locale,
    RiskLevel,
    Role,
    StaffState,
)
from bot.vocabulary.health import Observation, Remark
from services.delivery.composing import Composer
from services.delivery.pump import Pump
from services.delivery.submission import Fanned, Fanout, Submission, Submitted
from services.delivery.submission import Route as Way
from services.delivery.submit import Delivery
from services.rules import Rules
from services.wording import Wording
from storage.engine import open_engines
from storage.models import ChatAccountRow, ClientRow, ConversationRow, DeliveryRow, StaffRow
from storage.repositories.claims import Lane
from storage.repositories.clients import NewClient, enrol
from storage.repositories.staff import Staff
from storage.unit import Database
from storage.unit import Unit as Transaction
from storage.vault import Vault
from tests.packaged import texts

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Noon at the branch on a trading day."""
PLAIN = Capabilities(longest_text=4096, unit=Unit.CHARACTERS)
SOMEBODY = Staff(7, "s7", "He", "", "", frozenset({Role.SERVICE}), StaffState.ACTIVE, "", False, False)
Accounts = dict[tuple[ChannelKind, str], Capabilities]


@dataclass
class Ledger:
    """A channel that keeps what it is given; `answers` are raised or returned first, one a call."""

    kind: ChannelKind
    account: str
    capabilities: Capabilities
    sent: list[Outgoing] = field(default_factory=list)
    answers: list[Exception | Receipt] = field(default_factory=list)
    gate: asyncio.Event | None = None
    called: asyncio.Event = field(default_factory=asyncio.Event)

    def routes(self) -> tuple[Route, ...]:
        """It is never called."""
        return ()

    async def receive(self, request: WebhookRequest) -> Received:
        """It is never called."""
        return Received(HttpAnswer())

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Write it down, or do what the test wants."""
        self.called.set()
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else Receipt(platform_message_ids=(f"p{outgoing.delivery_id}",))
        if isinstance(answer, Exception):
            raise answer
        self.sent.append(outgoing)
        return answer

    async def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """Nothing is wrong with it."""
        yield Observation(Remark.RECORDER_READY)


@dataclass
class Office:
    """Everything a test of delivery needs."""

    database: Database
    clock: MovableClock
    delivery: Delivery
    channels: dict[tuple[ChannelKind, str], Ledger]
    pump: Pump
    slept: list[float]
    signals: list[tuple[str, str]]

    def ledger(self, kind: ChannelKind = ChannelKind.RECORDING) -> Ledger:
        """The main account on a platform."""
        return self.channels[kind, "main"]

    async def drain(self, kind: ChannelKind = ChannelKind.RECORDING) -> None:
        """Work off both lanes of an account."""
        for urgent in (True, False):
            while await self.pump.work(Lane(kind, "main", urgent)):
                pass

    def lane(self, kind: ChannelKind) -> Lane:
        """The urgent lane of the main account on a platform."""
        return Lane(kind, "main", urgent=True)

    async def submit(self, submission: Submission, way: Way = Way.PUMP) -> Submitted:
        """Submit in a transaction of its own."""
        return await self.database.write(lambda unit: self.delivery.submit(unit, submission, way))

    async def submit_many(self, fanout: Fanout) -> Fanned:
        """Submit to every client."""
        return await self.database.write(lambda unit: self.delivery.submit_many(unit, fanout, select(ClientRow.id)))

    async def rows(self) -> list[Any]:
        """All deliveries by id."""
        columns = DeliveryRow.__table__.c
        return await self.database.read(
            lambda unit: list(unit.session.execute(select(*columns).order_by(columns.id)).all())
        )

    async def row(self) -> Any:
        """The only delivery."""
        (row,) = await self.rows()
        return row

    async def change(self, model: type[Any], row_id: int, **values: Any) -> None:
        """Set columns of one row."""
        await self.database.write(
            lambda unit: unit.session.execute(update(model).where(model.id == row_id).values(**values))
        )

    async def clients(self, count: int = 1, kind: ChannelKind = ChannelKind.RECORDING, **changes: Any) -> list[int]:
        """Enrol clients who agree to everything, each with a chat and a conversation; returns their ids."""
        return await self.database.write(lambda unit: enrolled(unit, count, kind, changes, self.clock.now()))

    async def hire(self) -> None:
        """Have SOMEBODY, who may settle doubts."""
        values = {"id": SOMEBODY.id, "number": SOMEBODY.number, "name": "He", "password_hash": "x", "created_at": NOON}
        await self.database.write(lambda unit: unit.session.execute(insert(StaffRow).values(values)))

    async def also(self, client_id: int, kind: ChannelKind) -> None:
        """Give a client a further chat."""
        await self.database.write(lambda unit: chat(unit, client_id, kind, self.clock.now()))


def enrolled(unit: Transaction, count: int, kind: ChannelKind, changes: dict[str, Any], now: datetime) -> list[int]:
    """Clients with a chat and a conversation."""
    base = NewClient("", "王晓明", "尊敬的王先生", "13800000000", "110101197001010011")
    base = replace(
        base,
        risk_level=RiskLevel.C3,
        risk_valid_until=date(2027, 6, 1),
        kind=ClientKind.ORDINARY,
        consents=tuple(ConsentPurpose),
    )
    first = unit.session.query(ClientRow).count()
    new = [replace(base, number=f"Q{first + n:06d}", **changes) for n in range(count)]
    ids = list(enrol(unit, new, now).values())
    unit.session.execute(update(ClientRow).values(birth_year=1980, birth_month=1, birth_day=1))
    for client_id in ids:
        chat(unit, client_id, kind, now)
    return sorted(ids)


def chat(unit: Transaction, client_id: int | None, kind: ChannelKind, now: datetime) -> int:
    """A chat with its conversation; returns the conversation's id."""
    address = f"{kind}-{client_id}"
    account = insert(ChatAccountRow).values(
        channel=kind, account="main", address=address, client_id=client_id, created_at=now, last_inbound_at=now
    )
    account_id = unit.session.execute(account.returning(ChatAccountRow.id)).scalar_one()
    held = insert(ConversationRow).values(account_id=account_id, locale=Locale.ZH_CN, created_at=now)
    return unit.session.execute(held.returning(ConversationRow.id)).scalar_one()


@contextmanager
def opened(url: str, accounts: Accounts | None = None, rules: Rules | None = None) -> Iterator[Office]:
    """An office on a database, closed afterwards."""
    known = accounts or {(ChannelKind.RECORDING, "main"): PLAIN}
    clock = MovableClock(NOON)
    database = Database(open_engines(url), Vault((b"k" * 32,)))
    signals: list[tuple[str, str]] = []
    database.listen(lambda heard: signals.extend((signal.topic, signal.key) for signal in heard))
    delivery = Delivery(
        Composer(texts(), Wording.from_seed()), known, tuple(ChannelKind), rules or Rules(), calm, clock
    )
    channels = {key: Ledger(*key, capabilities) for key, capabilities in known.items()}
    slept: list[float] = []
    pump = Pump(database, delivery, channels, "tester", sleep=_sleeper(clock, slept))
    try:
        yield Office(database, clock, delivery, channels, pump, slept, signals)
    finally:
        database.close()


def calm(_day: date) -> DayFacts:
    """A day like any other."""
    return DayFacts()


def _sleeper(clock: MovableClock, slept: list[float]) -> Callable[[float], Any]:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.set(datetime.fromtimestamp(clock.now().timestamp() + seconds, UTC))

    return sleep
