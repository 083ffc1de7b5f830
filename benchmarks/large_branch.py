"""A branch of any size in bulk: clients with chats, consents and tags, and what they hold, traded and keep in cash.

Statements are made by the database from the clients' ids, so that five million holdings take a minute and are the
same in every run. Amounts are in fen.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, Executable, Insert, cast, insert, literal, select, text

from benchmarks.audience import NOON
from bot.clock import branch_date
from bot.vocabulary import AssetBand, AssetClass, ChannelKind, ConsentPurpose, RiskLevel, Side
from storage.models import (
    BalanceRow,
    ChatAccountRow,
    ClientDayRow,
    ClientRow,
    ClientTagRow,
    ConsentRow,
    FiguresDueRow,
    HoldingDayRow,
    HoldingRow,
    InstrumentRow,
    TradeRow,
)
from storage.repositories.clients import NAME
from storage.unit import Database, Unit

SLICE = 5_000
TODAY = branch_date(NOON)
HOLDINGS = 5
"""Of each client, of as many hundreds of instruments."""
HUNDRED = 100
PAST = 20
"""Working days before the last one of which a client's assets are known."""
ONE = 10_000
"""A quantity of one as the database keeps it."""


async def founded(database: Database, clients: int) -> None:
    """Fill an empty database; nothing is reckoned yet."""
    for first in range(0, clients, SLICE):
        await database.write(partial(_clients, numbers=range(first, min(first + SLICE, clients))))
    await database.write(_named)
    for statement in _statements():
        await database.write(partial(_done, statement=statement))
    await database.write(partial(_done, statement=text("ANALYZE")))


def _done(unit: Unit, statement: Executable) -> None:
    if unit.connection.dialect.name == "postgresql":  # what is made of the clients needs no look at each of them
        unit.connection.execute(text("SET LOCAL session_replication_role = replica"))
        unit.connection.execute(text("SET LOCAL statement_timeout = 0"))
    unit.connection.execute(statement)


def _clients(unit: Unit, numbers: range) -> None:
    """Clients of every band and level; half agree to education, a third wrote in the last 90 days."""
    draw = Random(numbers.start)  # noqa: S311 - no secret
    sealed, key = unit.vault.seal(NAME, "Client"), unit.vault.lookup(NAME, "Client")
    clients = [_client(draw, number, sealed, key) for number in numbers]
    unit.connection.execute(insert(ClientRow), clients)
    agreed = [_consent(client["id"]) for client in clients if draw.random() < 0.5]
    unit.connection.execute(insert(ConsentRow), agreed)
    unit.connection.execute(insert(ChatAccountRow), [_chat(draw, client["id"]) for client in clients])


def _client(draw: Random, number: int, sealed: bytes, key: bytes) -> dict[str, Any]:
    return {
        "id": number + 1,
        "public_id": f"c_{number:010d}",
        "number": f"B{number:07d}",
        "name_sealed": sealed,
        "name_key": key,
        "prefix_key": key,
        "phone_sealed": sealed,
        "identity_sealed": sealed,
        "salutation_sealed": sealed,
        "asset_band": draw.choice(list(AssetBand)),
        "risk_level": draw.choice((None, *RiskLevel)),
        "risk_valid_until": TODAY + timedelta(days=draw.randrange(-200, 500)),
        "created_at": NOON,
        "updated_at": NOON,
    }


def _consent(client_id: int) -> dict[str, Any]:
    purpose = {"purpose": ConsentPurpose.EDUCATION, "granted": True, "current": True, "version": "1"}
    return {**purpose, "client_id": client_id, "channel": "counter", "at": NOON}


def _chat(draw: Random, client_id: int) -> dict[str, Any]:
    wrote_at = NOON - timedelta(days=draw.randrange(270))
    address = {"channel": ChannelKind.WECHAT, "account": "main", "address": f"{client_id}"}
    return {**address, "client_id": client_id, "created_at": NOON, "last_inbound_at": wrote_at}


def code(place: int) -> str:
    """The code of an instrument; a tenth of all clients hold the one at place 0, few those before each full hundred."""
    return f"{600_000 + place}.SH"


def _named(unit: Unit) -> None:
    """Instruments by their place, and the days that are whole."""
    kinds = list(AssetClass)
    named = [
        {"id": place + 1, "code": code(place), "name": code(place), "asset_class": kinds[place // HUNDRED % len(kinds)]}
        for place in range(HOLDINGS * HUNDRED)
    ]
    unit.connection.execute(insert(InstrumentRow), named)
    unit.connection.execute(insert(HoldingDayRow), [{"on": on} for on in _days()])


def yesterday() -> date:
    """The last working day, which everybody is told of."""
    return _days()[0]


def _days() -> list[date]:
    """Working days, the last of them yesterday's."""
    past = [TODAY - timedelta(days=back) for back in range(1, 2 * PAST)]
    return [on for on in past if on.weekday() < 5][: PAST + 1]


def _statements() -> Iterator[Insert]:
    """What was told of the last working day, each a statement over all clients, and the assets of the days before."""
    last = _on(yesterday())
    yield insert(ClientTagRow).from_select(["client_id", "tag"], select(_ID, literal("margin")).where(_ID % 5 == 0))
    for place in range(HOLDINGS):
        yield held(place, yesterday())
    cash = select(_ID, last, _drawn(9) % 10_000_000)
    yield insert(BalanceRow).from_select(["client_id", "on", "cash_fen"], cash)
    yield from map(_traded, range(12))
    worth = _worth(0) * HOLDINGS
    past = select(_ID, HoldingDayRow.on, worth, literal(0), worth).select_from(ClientRow)
    past = past.join(HoldingDayRow, HoldingDayRow.on < yesterday())
    names = ["client_id", "on", "securities_fen", "cash_fen", "assets_fen"]
    yield insert(ClientDayRow).from_select(names, past.order_by(_ID, HoldingDayRow.on))
    yield insert(FiguresDueRow).from_select(["client_id", "since"], select(_ID, last))


def held(place: int, on: date) -> Insert:
    """One holding of each client on a day."""
    draw = _drawn(place) % HUNDRED
    instrument = draw * draw // HUNDRED + place * HUNDRED + 1
    names = ["client_id", "on", "instrument_id", "quantity", "value_fen", "current"]
    row = (_ID, _on(on), instrument, literal(ONE), _worth(place), literal(False))
    return insert(HoldingRow).from_select(names, select(*row))


def _traded(step: int) -> Insert:
    """Every second client traded once, some time in the last 60 days."""
    names = ["client_id", "on", "reference", "instrument_id", "side", "quantity", "value_fen"]
    on = _on(TODAY - timedelta(days=5 * step + 1))
    trade = (_ID, on, literal("1"), literal(1), literal(Side.BUY.value), literal(ONE), _worth(0))
    turn = _ID % 24
    return insert(TradeRow).from_select(names, select(*trade).where(turn == 2 * step))


_ID = ClientRow.id


def _on(day: date) -> ColumnElement[date]:
    return literal(day, Date)


def _drawn(seed: int) -> ColumnElement[int]:
    """A number from 0 to 999,982 that looks drawn, for each client and seed."""
    return cast(_ID, BigInteger) * (48_271 + seed * 15_838) % 999_983


def _worth(place: int) -> ColumnElement[int]:
    """From 10 yuan to a million: most clients have little."""
    size = _drawn(3) % 10
    return (_drawn(20 + place) % 1000 + 1) * (size * size * size * size * 15 + 1000)
