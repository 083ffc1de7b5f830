"""Clients to write to: who agrees to everything and has a chat on one channel, and a message for all of them."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from sqlalchemy import insert, select, text

from bot.channels.base import Channel
from bot.clock import Clock
from bot.texts import Texts
from bot.vocabulary import ChannelKind, ConsentPurpose, DayFacts, Purpose, RiskLevel
from services.delivery.composing import Composer
from services.delivery.submission import Fanout
from services.delivery.submit import Delivery
from services.rules import Rules
from services.wording import Wording
from storage.models import ChatAccountRow, ClientRow
from storage.repositories.clients import NewClient, enrol
from storage.unit import Database, Unit

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SLICE = 1000
GREETING = Fanout(
    "bench",
    Purpose.CARE,
    "care_birthday_solar/standard_1",
    parameters={"branch": "Branch", "manager": "Li"},
    personal=frozenset({"salutation"}),
    expires_at=NOON + timedelta(hours=8),
)
"""A greeting with each client's own salutation."""


@dataclass(frozen=True, slots=True)
class FromNoon:
    """A clock that was at noon when the machine's monotonic clock, which all processes share, stood at `began`."""

    began: float

    def now(self) -> datetime:
        """Noon and what has passed since."""
        return NOON + timedelta(seconds=time.monotonic() - self.began)


def way_out(channel: Channel, clock: Clock) -> Delivery:
    """The one way out with the packaged texts and one account."""
    key = (channel.kind, channel.account)
    composer = Composer(Texts.load(), Wording.from_seed())
    return Delivery(composer, {key: channel.capabilities}, (key[0],), Rules(), lambda _day: DayFacts(), clock)


async def enrolled(database: Database, kind: ChannelKind, recipients: int, now: datetime = NOON) -> None:
    """So many clients, each with a chat (addresses from 100000 on) in which they wrote just now."""
    for first in range(0, recipients, SLICE):
        numbers = range(first, min(first + SLICE, recipients))
        await database.write(partial(_enrol, kind=kind, numbers=numbers, now=now))
    if database.dialect == "postgresql":
        await database.write(lambda unit: unit.session.execute(text("ANALYZE")))  # as autovacuum does within minutes


async def submitted(database: Database, delivery: Delivery, wanted: Fanout = GREETING) -> None:
    """One row for each client."""
    await database.write(lambda unit: delivery.submit_many(unit, wanted, select(ClientRow.id)))


def _enrol(unit: Unit, kind: ChannelKind, numbers: range, now: datetime) -> None:
    clients = [
        NewClient(
            number=f"B{n:07d}",
            name=f"Client {n}",
            salutation=f"Dear {n}",
            phone=f"{13000000000 + n}",
            identity=f"{n:018d}",
            risk_level=RiskLevel.C3,
            risk_valid_until=date(2027, 6, 1),
            consents=tuple(ConsentPurpose),
        )
        for n in numbers
    ]
    chat = {"channel": kind, "account": "main", "created_at": now, "last_inbound_at": now}
    chats = [chat | {"address": f"{100_000 + n}", "client_id": n} for n in enrol(unit, clients, now).values()]
    unit.session.execute(insert(ChatAccountRow), chats)
