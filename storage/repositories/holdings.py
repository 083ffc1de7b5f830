"""Writing what tables tell of holdings, trades and cash: set-wise, and only what differs."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select, tuple_, update

from bot.vocabulary import AssetClass, TableKind
from storage.bulk import add_all, put_all
from storage.models import (
    BalanceRow,
    ClientRow,
    FiguresDueRow,
    HoldingClientDayRow,
    HoldingDayRow,
    HoldingRow,
    InstrumentRow,
    TradeRow,
)
from storage.repositories.imports import Counts
from storage.unit import Unit
from storage.upserts import Insert, insertion

CHUNK = 10_000
"""Clients read at a time."""
NEW = 0
"""No instrument has this id: in a dry run it stands for one that would be new."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument as a table tells of it; what it does not tell is None."""

    code: str
    name: str | None = None
    asset_class: AssetClass | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A row about a client and a day, its columns by name; one that is not named stays as it is."""

    client_id: int
    on: date
    columns: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Table:
    """A model, what tells its rows of a client and day apart, and its other columns."""

    model: type[HoldingRow | TradeRow | BalanceRow]
    apart: tuple[str, ...]
    columns: tuple[str, ...]


_TABLES: Mapping[TableKind, _Table] = {
    TableKind.HOLDING: _Table(HoldingRow, ("instrument_id",), ("quantity", "cost_fen", "price", "value_fen")),
    TableKind.TRADE: _Table(TradeRow, ("reference",), ("instrument_id", "side", "quantity", "price", "value_fen")),
    TableKind.BALANCE: _Table(BalanceRow, (), ("cash_fen", "margin_ratio")),
}


def clients(unit: Unit, numbers: Collection[str]) -> dict[str, int]:
    """Ids of the clients that there are, by number."""
    there = select(ClientRow.number, ClientRow.id).where(ClientRow.number.in_(numbers), ClientRow.gone.is_(None))
    found = unit.session.execute(there)
    return {row.number: row.id for row in found}


def instruments(unit: Unit, told: Sequence[Instrument], *, dry: bool) -> dict[str, int]:
    """Ids by code; what is new is added and what is told otherwise changed, unless nothing may be written."""
    known = _known(unit, told)
    new = [
        {"code": one.code, "name": one.name or one.code, "asset_class": one.asset_class or AssetClass.OTHER}
        for one in told
        if one.code not in known
    ]
    changes = [change for one in told if one.code in known and (change := _renamed(one, known[one.code]))]
    if changes and not dry:
        unit.session.execute(update(InstrumentRow), changes)
        _held_due(unit, [each["id"] for each in changes])
    if new and not dry:
        unit.session.execute(insertion(unit, InstrumentRow).on_conflict_do_nothing(), new)
        known = _known(unit, told)
    return {code: each.id for code, each in known.items()}


def _known(unit: Unit, told: Sequence[Instrument]) -> dict[str, Any]:
    row = InstrumentRow
    wanted = select(row.id, row.code, row.name, row.asset_class).where(row.code.in_([one.code for one in told]))
    return {each.code: each for each in unit.session.execute(wanted)}


def _renamed(one: Instrument, known: Any) -> dict[str, object] | None:
    name, kind = one.name or known.name, one.asset_class or known.asset_class
    if (name, kind) == (known.name, known.asset_class):
        return None
    return {"id": known.id, "name": name, "asset_class": kind}


def bring_in(unit: Unit, kind: TableKind, told: Sequence[Statement], *, dry: bool) -> Counts:
    """Write statements, each once in `told`; whose changed, their figures are due."""
    table = _TABLES[kind]
    there = _there(unit, table, told)
    new = [one for one in told if _key(table, one) not in there]
    pairs = [(one, there[_key(table, one)]) for one in told if _key(table, one) in there]
    changed = [one for one, known in pairs if any(known[name] != value for name, value in one.columns.items())]
    if not dry:
        _write(unit, table, new, changed)
        _due(unit, [*new, *changed])
    return Counts(len(new), len(changed), len(pairs) - len(changed))


def _there(unit: Unit, table: _Table, told: Sequence[Statement]) -> dict[tuple[object, ...], Mapping[str, Any]]:
    model = table.model
    names = ("client_id", "on", *table.apart)
    pairs = tuple_(model.client_id, model.on).in_({(one.client_id, one.on) for one in told})
    wanted = select(*(getattr(model, name) for name in (*names, *table.columns))).where(pairs)
    rows = unit.session.execute(wanted).mappings()
    return {tuple(row[name] for name in names): dict(row) for row in rows}


def _key(table: _Table, one: Statement) -> tuple[object, ...]:
    return (one.client_id, one.on, *(one.columns[name] for name in table.apart))


def _write(unit: Unit, table: _Table, new: Sequence[Statement], changed: Sequence[Statement]) -> None:
    add_all(unit, table.model, [{"client_id": one.client_id, "on": one.on, **one.columns} for one in new])
    if changed:
        rows = [{"client_id": one.client_id, "on": one.on, **one.columns} for one in changed]
        unit.session.execute(update(table.model), rows)


def _due(unit: Unit, changed: Sequence[Statement]) -> None:
    """Note from which day on a client's figures must be reckoned again."""
    since: dict[int, date] = {}
    for one in changed:
        since[one.client_id] = min(one.on, since.get(one.client_id, one.on))
    if not since:
        return
    rows = [{"client_id": client_id, "since": since[client_id]} for client_id in sorted(since)]
    put_all(unit, _earliest(insertion(unit, FiguresDueRow)), FiguresDueRow, rows)


def due_anew(unit: Unit, client_id: int) -> None:
    """Note that all figures of a client must be reckoned again, from the first statement on."""
    firsts = (
        select(func.min(HoldingRow.on)).where(HoldingRow.client_id == client_id),
        select(func.min(TradeRow.on)).where(TradeRow.client_id == client_id),
        select(func.min(BalanceRow.on)).where(BalanceRow.client_id == client_id),
    )
    known = [day for day in map(unit.session.scalar, firsts) if day is not None]
    if known:
        rows = [{"client_id": client_id, "since": min(known)}]
        unit.session.execute(_earliest(insertion(unit, FiguresDueRow)), rows)


def _held_due(unit: Unit, instruments: Collection[object]) -> None:
    """Whoever holds an instrument whose class may have changed."""
    row = HoldingRow
    held = select(row.client_id, func.max(row.on)).where(row.instrument_id.in_(instruments), row.current)
    due = insertion(unit, FiguresDueRow).from_select(["client_id", "since"], held.group_by(row.client_id))
    unit.session.execute(_earliest(due))


def _earliest(wanted: Insert) -> Insert:
    """Who is due already is due from the earlier day."""
    since, now = wanted.excluded.since, FiguresDueRow.since
    return wanted.on_conflict_do_update(
        index_elements=["client_id"], set_={"since": case((since < now, since), else_=now)}
    )


def tell_client_days(unit: Unit, told: Collection[tuple[int, date]]) -> None:
    """The holdings of these clients on these days are whole."""
    if told:
        rows = [{"client_id": client_id, "on": on} for client_id, on in sorted(told)]
        unit.session.execute(insertion(unit, HoldingClientDayRow).on_conflict_do_nothing(), rows)


def holders(unit: Unit, before: date) -> Iterator[int]:
    """Clients, each once, who held something on the newest day that is known of them, which is before this one."""
    row = HoldingRow
    held = select(row.client_id).where(row.current, row.on < before, row.quantity > Decimal(0))
    yield from unit.session.scalars(held.distinct().execution_options(yield_per=CHUNK))


def tell_days(unit: Unit, days: Collection[date]) -> None:
    """The holdings of these days are whole."""
    if days:
        rows = [{"on": on} for on in sorted(days)]
        unit.session.execute(insertion(unit, HoldingDayRow).on_conflict_do_nothing(), rows)
