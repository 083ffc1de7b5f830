"""Tables of products: their columns, their rows, and how they come onto the register."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum

from bot.vocabulary import Action, ProductRisk, TableKind
from services.client_import import days
from services.suitability import products
from services.suitability.products import LONGEST, Product
from services.tables import cells, headings, sheets
from services.tables.cells import BadCell, Fault, Value, Values, Wrong, choice
from services.tables.headings import Headings, folded
from services.tables.run import Check, Good, Manner, Noun, Taken
from services.tables.sheets import Row
from storage import seeds
from storage.repositories.imports import Counts
from storage.unit import Unit

SEED = "product_columns.yaml"


class Field(StrEnum):
    """What a table may tell of a product; one that is not `offered` any more stays on the register."""

    CODE = "product_code"
    NAME = "product_name"
    RISK = "risk"
    RATED_ON = "rated_on"
    OFFERED = "offered"


NEEDED = (Field.CODE, Field.NAME, Field.RISK, Field.RATED_ON)


def known() -> Headings:
    """The names by which columns are known."""
    names: Headings = seeds.read(SEED)["headings"]
    return names


def _check(_unit: Unit, manner: Manner, heading: Row) -> Check:
    places = headings.places(heading.cells, manner.mapping, known(), NEEDED)
    width = sheets.width_of(heading.cells)

    def check(row: Row) -> tuple[Values, list[BadCell]]:
        values, bad = cells.read(row, places.items(), width, lambda name, text: READERS[name](text))
        told = {*values, *(one.field for one in bad)}
        missing = [BadCell(name, Fault.MISSING) for name in NEEDED if name not in told]
        return values, bad if cells.of_row(bad) else bad + missing

    return check


def _take(unit: Unit, manner: Manner, good: Sequence[Good]) -> Taken:
    done = products.take(unit, [_product(one.values) for one in good], manner.by, manner.at, dry=manner.dry)
    return Counts(done.new, done.changed, done.unchanged), []


def _product(values: Values) -> Product:
    rated_on = date.fromisoformat(str(values[Field.RATED_ON]))
    risk, offered = ProductRisk(str(values[Field.RISK])), bool(values.get(Field.OFFERED, 1))
    return Product(str(values[Field.CODE]), str(values[Field.NAME]), risk, rated_on, offered)


def _text(most: int) -> Callable[[str], Value]:
    def reader(text: str) -> Value:
        cells.plain(text, most)
        return text

    return reader


def _yes_no(text: str) -> Value:
    found: int | None = seeds.read(SEED)["values"][Field.OFFERED].get(folded(text))
    if found is None:
        raise Wrong(Fault.NO_CHOICE)
    return found


READERS: Mapping[str, Callable[[str], Value]] = {
    Field.CODE: _text(LONGEST["code"]),
    Field.NAME: _text(LONGEST["name"]),
    Field.RISK: choice(SEED, Field.RISK, ProductRisk),
    Field.RATED_ON: days.told,
    Field.OFFERED: _yes_no,
}

PRODUCTS = Noun(
    kind=TableKind.PRODUCT,
    action=Action.IMPORT_CLIENTS,
    deeds=("product.import_begin", "product.import"),
    fields=tuple(Field),
    needed=NEEDED,
    known=known,
    check=_check,
    once=((Field.CODE,),),
    take=_take,
)
