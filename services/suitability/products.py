"""The register of products: read from a table with every bad row told, and what a client may receive of it."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bot.clock import branch_date
from bot.errors import Refused
from bot.vocabulary import Action, ProductRisk, Purpose
from services import audit
from services.audit import Deed
from services.staff import demand
from services.suitability.rule import Content, Day, Decision, may_receive
from storage.repositories import clients, facts
from storage.repositories import products as rows
from storage.repositories.holds import Matter, hold
from storage.repositories.products import Product
from storage.repositories.staff import Staff
from storage.unit import Unit

__all__ = ["Product"]

NEEDED = ("code", "name", "risk", "rated_on")
OFFERED = "offered"
"""The one column that may be left out; 0 takes a product off the offer."""

LONGEST = {"code": 32, "name": 120}
YES_NO = {"": True, "1": True, "0": False}
ENCODINGS = ("utf-8-sig", "gb18030")


class Fault(StrEnum):
    """Why a row is not taken."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    NO_RATING = "no_rating"
    NO_DATE = "no_date"
    NO_YES_NO = "no_yes_no"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is not taken: its line in the file, the column, and why."""

    line: int
    field: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds: the good rows and the bad ones."""

    products: tuple[Product, ...]
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did, or would do."""

    new: int
    changed: int
    unchanged: int


def read(raw: bytes) -> Table:
    """The table of a CSV file, UTF-8 or GBK; Refused where it is none or lacks a column."""
    try:
        table = csv.DictReader(io.StringIO(_decoded(raw), newline=""), strict=True)
        if missing := [name for name in NEEDED if name not in (table.fieldnames or ())]:
            raise Refused("list_without_numbers", column=missing[0])
        lines = [(table.line_num, row) for row in table]
    except csv.Error:
        raise Refused("list_unreadable") from None
    good: dict[str, Product] = {}
    bad: list[BadRow] = []
    for line, row in lines:
        values = {name: str(row.get(name) or "").strip() for name in (*NEEDED, OFFERED)}
        faults = list(_faults(line, values, good))
        bad += faults
        if not faults:
            good[values["code"]] = _product(values)
    return Table(tuple(good.values()), tuple(bad))


def take(unit: Unit, products: Sequence[Product], by: str, now: datetime, *, dry: bool = False) -> Taken:
    """Bring products onto the register; the same file twice changes nothing, and `dry` writes nothing."""
    if not dry:
        hold(unit, Matter.PRODUCTS)
    known = rows.by_codes(unit, [product.code for product in products])
    new = [product for product in products if product.code not in known]
    changed = [product for product in products if known.get(product.code, product) != product]
    for product in () if dry else (*new, *changed):
        rows.save(unit, product, now)
        former = known.get(product.code)
        detail = {"by": by, "risk": product.risk.value, "former": former.risk.value if former else None}
        audit.record(unit, Deed("product.rate", f"product:{product.code}", now, detail={**detail}))
    return Taken(len(new), len(changed), len(products) - len(new) - len(changed))


def one(unit: Unit, code: str) -> Product:
    """A product of the register; Refused where there is none."""
    found = rows.by_code(unit, code)
    if found is None:
        raise Refused("product_unknown", code=code)
    return found


@dataclass(frozen=True, slots=True)
class Question:
    """Whether the client of this number may receive this product; asked from this age on nobody may."""

    number: str
    code: str
    elder_age: int
    at: datetime


def asked(unit: Unit, staff: Staff, question: Question) -> Decision:
    """The rule's answer for a client and a product of the register; it is kept with version, inputs and who asked."""
    client = clients.by_number(unit, question.number)
    demand(staff, Action.READ_CLIENTS, own=client is not None and staff.has(*client.keepers))
    if client is None:
        raise Refused("client_unknown")
    product = one(unit, question.code)
    known = facts.people(unit, [client.id], (), question.at, locked=False)[client.id].facts
    day = Day(branch_date(question.at), question.elder_age)
    decision = may_receive(known, content_of(product), day)
    found = {"reasons": ",".join(decision.reasons), **decision.inputs}
    deed = Deed("suitability.ask", f"client:{client.id}", question.at, staff.id, {"version": decision.version})
    audit.record(unit, replace(deed, personal=found))
    return decision


def content_of(product: Product) -> Content:
    """The product as the rule sees it."""
    return Content(Purpose.PRODUCT, product.risk, on_offer=product.offered)


def _decoded(raw: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("list_unreadable")


def _faults(line: int, values: Mapping[str, str], good: Mapping[str, Product]) -> Iterator[BadRow]:
    for name in NEEDED:
        if not values[name]:
            yield BadRow(line, name, Fault.MISSING)
        elif len(values[name]) > LONGEST.get(name, len(values[name])):
            yield BadRow(line, name, Fault.TOO_LONG)
    if values["code"] in good:
        yield BadRow(line, "code", Fault.TWICE)
    if values["risk"] and values["risk"] not in list(ProductRisk):
        yield BadRow(line, "risk", Fault.NO_RATING)
    if values["rated_on"] and _day(values["rated_on"]) is None:
        yield BadRow(line, "rated_on", Fault.NO_DATE)
    if values[OFFERED] not in YES_NO:
        yield BadRow(line, OFFERED, Fault.NO_YES_NO)


def _product(values: Mapping[str, str]) -> Product:
    rated_on = _day(values["rated_on"]) or date.min
    return Product(values["code"], values["name"], ProductRisk(values["risk"]), rated_on, YES_NO[values[OFFERED]])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
