"""The register of products, and what a client may receive of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.clock import branch_date
from bot.errors import Refused
from bot.vocabulary import Action, Purpose
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

LONGEST = {"code": 32, "name": 120}


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did, or would do."""

    new: int
    changed: int
    unchanged: int


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
    known = facts.people(unit, [client.id], (), question.at)[client.id].facts
    day = Day(branch_date(question.at), question.elder_age)
    decision = may_receive(known, content_of(product), day)
    found = {"reasons": ",".join(decision.reasons), **decision.inputs}
    deed = Deed("suitability.ask", f"client:{client.id}", question.at, staff.id, {"version": decision.version})
    audit.record(unit, replace(deed, personal=found))
    return decision


def content_of(product: Product) -> Content:
    """The product as the rule sees it."""
    return Content(Purpose.PRODUCT, product.risk, on_offer=product.offered)
