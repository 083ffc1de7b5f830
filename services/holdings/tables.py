"""Tables of holdings, trades and cash: their columns, their rows, and how they are brought in.

A client's row is found by the client's number; an instrument that nobody knows yet comes with the first row that
names it. Nothing here can be changed by hand: what is wrong is put right where it came from and imported again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache

from bot.clock import branch_date
from bot.errors import Refused
from bot.vocabulary import Action, AssetClass, Extent, Market, Side, TableKind
from services.client_import import days
from services.holdings import amounts
from services.tables import cells, headings, sheets
from services.tables.cells import BadCell, Fault, Value, Values, Wrong, choice, client_number, fitting
from services.tables.numbers import Numbers
from services.tables.run import Check, Good, Manner, Noun, Rejected, Taken
from services.tables.sheets import Row
from storage import seeds
from storage.repositories import holdings as rows
from storage.repositories.holdings import Instrument, Statement
from storage.unit import Unit

SEED = "holding_columns.yaml"
KINDS = (TableKind.HOLDING, TableKind.TRADE, TableKind.BALANCE)


class Field(StrEnum):
    """What the three tables may tell; amounts in yuan, the margin ratio in percent."""

    NUMBER = "number"
    ON = "on"
    CODE = "code"
    MARKET = "market"
    INSTRUMENT = "instrument"
    ASSET_CLASS = "asset_class"
    QUANTITY = "quantity"
    COST = "cost"
    PRICE = "price"
    VALUE = "value"
    SIDE = "side"
    REFERENCE = "reference"
    CASH = "cash"
    MARGIN_RATIO = "margin_ratio"


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which fields a table has: those that every row needs, and the others."""

    needed: tuple[Field, ...]
    others: tuple[Field, ...]
    once: tuple[Field, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """All of them."""
        return (*self.needed, *self.others)

    def known(self) -> headings.Headings:
        """The names by which its columns are known."""
        return {name: said for name, said in seeds.read(SEED)["headings"].items() if name in self.fields}


_NAMED = (Field.MARKET, Field.INSTRUMENT, Field.ASSET_CLASS)
_LAYOUTS: Mapping[TableKind, _Layout] = {
    TableKind.HOLDING: _Layout(
        (Field.NUMBER, Field.ON, Field.CODE, Field.QUANTITY, Field.VALUE),
        (*_NAMED, Field.COST, Field.PRICE),
        (Field.NUMBER, Field.ON, Field.CODE),
    ),
    TableKind.TRADE: _Layout(
        (Field.NUMBER, Field.ON, Field.REFERENCE, Field.CODE, Field.SIDE, Field.QUANTITY, Field.VALUE),
        (*_NAMED, Field.PRICE),
        (Field.NUMBER, Field.ON, Field.REFERENCE),
    ),
    TableKind.BALANCE: _Layout((Field.NUMBER, Field.ON, Field.CASH), (Field.MARGIN_RATIO,), (Field.NUMBER, Field.ON)),
}


_DEEDS = {
    TableKind.HOLDING: ("holding.import_begin", "holding.import"),
    TableKind.TRADE: ("trade.import_begin", "trade.import"),
    TableKind.BALANCE: ("balance.import_begin", "balance.import"),
}


def noun(kind: TableKind) -> Noun:
    """One of the three kinds of table; for one import, as it gathers the days that the file tells of."""
    layout, told = _LAYOUTS[kind], _Told(kind)
    return Noun(
        kind=kind,
        action=Action.IMPORT_CLIENTS,
        deeds=_DEEDS[kind],
        fields=layout.fields,
        needed=layout.needed,
        known=layout.known,
        check=lambda unit, wish, heading: _check(kind, wish, heading),
        once=(layout.once,),
        take=told.take,
        finish=told.finish,
        missing=told.missing,
    )


@dataclass(frozen=True)
class _Told:
    """Writes the rows of a file, and what of its holdings counts as told whole.

    Of a file that tells of the branch that is each day, at its end; else the clients of each batch on their days.
    """

    kind: TableKind
    days: dict[date, Numbers] = field(default_factory=dict)

    def take(self, unit: Unit, wish: Manner, good: Sequence[Good]) -> Taken:
        clients = rows.clients(unit, {str(one.values[Field.NUMBER]) for one in good})
        late = [_nobody(one) for one in good if one.values[Field.NUMBER] not in clients]
        known = [one.values for one in good if one.values[Field.NUMBER] in clients]
        instruments = rows.instruments(unit, _instruments(known), dry=wish.dry)
        statements = [_statement(self.kind, values, clients, instruments) for values in known]
        for one in statements if self.kind is TableKind.HOLDING else ():
            self.days.setdefault(one.on, Numbers()).add(one.client_id)
        if self.kind is TableKind.HOLDING and wish.extent is Extent.CLIENTS and not wish.dry:
            rows.tell_client_days(unit, {(one.client_id, one.on) for one in statements})
        return rows.bring_in(unit, self.kind, statements, dry=wish.dry), late

    def finish(self, unit: Unit, wish: Manner) -> None:
        if wish.extent is Extent.BRANCH:
            rows.tell_days(unit, self.days)

    def missing(self, unit: Unit, wish: Manner) -> int:
        """Clients who held something until now and are not in the newest day of a file that tells of the branch."""
        if not self.days or wish.extent is not Extent.BRANCH:
            return 0
        newest = max(self.days)
        return sum(client_id not in self.days[newest] for client_id in rows.holders(unit, newest))


def _check(kind: TableKind, wish: Manner, heading: Row) -> Check:
    layout = _LAYOUTS[kind]
    if kind is TableKind.HOLDING and wish.extent is None:
        raise Refused("holdings_extent")
    places = headings.places(heading.cells, wish.mapping, layout.known(), layout.needed)
    width, today = sheets.width_of(heading.cells), branch_date(wish.at)

    def check(row: Row) -> tuple[Values, list[BadCell]]:
        values, bad = cells.read(row, places.items(), width, lambda name, text: _value(name, text, today))
        return _coded(values), bad if cells.of_row(bad) else bad + list(_missing(layout, values, bad))

    return check


def _missing(layout: _Layout, values: Values, bad: Sequence[BadCell]) -> Iterator[BadCell]:
    told = {*values, *(one.field for one in bad)}
    return (BadCell(name, Fault.MISSING) for name in layout.needed if name not in told)


def _coded(values: dict[str, Value]) -> Values:
    """With the market as the code's ending: the same digits are a share in one market and a fund in another."""
    code, market = values.get(Field.CODE), values.pop(Field.MARKET, None)
    if code is not None and market is not None and "." not in str(code):
        values[Field.CODE] = f"{code}.{market}"
    return values


def _value(name: str, text: str, today: date) -> Value:
    cells.plain(text, 64)
    return _day(text, today) if name == Field.ON else READERS[name](text)


@lru_cache(maxsize=128)
def _day(text: str, today: date) -> date:
    found = days.told(text)
    if found > today:
        raise Wrong(Fault.FUTURE)
    return found


def _code(text: str) -> str:
    return fitting(r"[0-9A-Z][0-9A-Z._-]{0,31}", text.upper())


READERS: Mapping[str, Callable[[str], Value]] = {
    Field.NUMBER: client_number,
    Field.CODE: _code,
    Field.MARKET: choice(SEED, Field.MARKET, Market),
    Field.INSTRUMENT: str,
    Field.ASSET_CLASS: choice(SEED, Field.ASSET_CLASS, AssetClass),
    Field.QUANTITY: amounts.quantity,
    Field.COST: amounts.fen,
    Field.PRICE: amounts.quantity,
    Field.VALUE: amounts.owned_fen,
    Field.SIDE: choice(SEED, Field.SIDE, Side),
    Field.REFERENCE: str,
    Field.CASH: amounts.fen,
    Field.MARGIN_RATIO: amounts.percent,
}


def _nobody(one: Good) -> Rejected:
    return Rejected(one.row, (BadCell(Field.NUMBER, Fault.NO_CLIENT),))


def _instruments(told: Sequence[Values]) -> list[Instrument]:
    """Each once, with what any of its rows says of it."""
    names: dict[str, str | None] = {}
    kinds: dict[str, AssetClass] = {}
    for values in told:
        if (code := values.get(Field.CODE)) is not None:
            name, kind = values.get(Field.INSTRUMENT), values.get(Field.ASSET_CLASS)
            names[str(code)] = str(name) if name else names.get(str(code))
            if isinstance(kind, AssetClass):
                kinds[str(code)] = kind
    return [Instrument(code, names[code], kinds.get(code)) for code in sorted(names)]


_COLUMNS: Mapping[str, str] = {Field.COST: "cost_fen", Field.VALUE: "value_fen", Field.CASH: "cash_fen"}
_ELSEWHERE = (Field.NUMBER, Field.ON, Field.CODE, Field.INSTRUMENT, Field.ASSET_CLASS)


def _statement(
    kind: TableKind, values: Values, clients: Mapping[str, int], instruments: Mapping[str, int]
) -> Statement:
    columns: dict[str, object] = {
        _COLUMNS.get(name, name): value for name, value in values.items() if name not in _ELSEWHERE
    }
    if kind is not TableKind.BALANCE:
        columns["instrument_id"] = instruments.get(str(values[Field.CODE]), rows.NEW)
    return Statement(clients[str(values[Field.NUMBER])], date.fromisoformat(str(values[Field.ON])), columns)
