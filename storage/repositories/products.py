"""Reading and writing the register of products."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import select

from bot.vocabulary import ProductRisk
from storage.models import ProductRow
from storage.unit import Unit

CHUNK = 500
"""Codes looked up at a time."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product as the firm rates it; one that is not `offered` any more stays on the register."""

    code: str
    name: str
    risk: ProductRisk
    rated_on: date
    offered: bool = True


def by_code(unit: Unit, code: str) -> Product | None:
    """One product, if it is on the register."""
    row = unit.session.get(ProductRow, code)
    return None if row is None else _product(row)


def by_codes(unit: Unit, codes: Sequence[str]) -> dict[str, Product]:
    """Products by code."""
    found: dict[str, Product] = {}
    for start in range(0, len(codes), CHUNK):
        part = ProductRow.code.in_(codes[start : start + CHUNK])
        rows = unit.session.scalars(select(ProductRow).where(part))
        found |= {row.code: _product(row) for row in rows}
    return found


def save(unit: Unit, product: Product, now: datetime) -> None:
    """Write a product over what was known of it."""
    unit.session.merge(ProductRow(**asdict(product), changed_at=now))
    unit.flush()


def page(unit: Unit, risk: ProductRisk | None, after: str, limit: int) -> list[Product]:
    """Products by code, those after a code; of one rating, or all."""
    found = select(ProductRow).where(ProductRow.code > after)
    if risk is not None:
        found = found.where(ProductRow.risk == risk)
    return [_product(row) for row in unit.session.scalars(found.order_by(ProductRow.code).limit(limit))]


def _product(row: ProductRow) -> Product:
    return Product(row.code, row.name, row.risk, row.rated_on, row.offered)
