"""The register of products."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Security
from pydantic import BaseModel, Field
from starlette.responses import Response

from bot.vocabulary import ProductRisk, Scope
from console.api.batches import PushedOut, pushed
from console.api.callers import Caller, Writer, caller, writer
from console.api.fields import Body, Limit, Line, cut, problems
from services.integrations.batches import MOST
from services.suitability import products as rules
from services.suitability.product_tables import PRODUCTS
from services.suitability.products import LONGEST, Product
from storage.repositories import products as rows
from storage.unit import Unit

router = APIRouter(tags=["products"])

Reader = Annotated[Caller, Security(caller, scopes=[Scope.PRODUCTS_READ])]
Rater = Annotated[Writer, Security(writer, scopes=[Scope.PRODUCTS_WRITE])]
Cell = Annotated[str | None, Field(max_length=LONGEST["name"])]
"""Written as in a table."""
CODE = "^[^/\\x00-\\x20\\x7f]{1,32}$"
Code = Annotated[str, Path(pattern=CODE, description="the product's code")]
Last = Annotated[
    str, Query(max_length=LONGEST["code"], pattern=r"^[^\x00-\x1f\x7f]*$", description="`next` of the page before")
]


class ProductIn(Body):
    """A product as the firm rates it."""

    name: Annotated[Line, Field(min_length=1, max_length=LONGEST["name"])]
    risk: ProductRisk
    rated_on: date
    offered: bool = Field(default=True, description="one that is not offered any more stays on the register")


class ProductRow(Body):
    """A product as a row of a table."""

    product_code: Cell = None
    product_name: Cell = None
    risk: Cell = None
    rated_on: Cell = None
    offered: Cell = None


class ProductRows(Body):
    """Products in any order."""

    rows: list[ProductRow] = Field(min_length=1, max_length=MOST)


class ProductOut(BaseModel):
    """A product of the register."""

    code: str
    name: str
    risk: ProductRisk
    rated_on: date
    offered: bool


class ProductPage(BaseModel):
    """Products by code."""

    items: list[ProductOut]
    next: str | None = Field(default=None, description="`after` of the next page; not there at the end")


@router.get("/products", responses=problems(422), response_model_exclude_none=True)
async def index(by: Reader, risk: ProductRisk | None = None, after: Last = "", limit: Limit = 50) -> ProductPage:
    """List products by code, of one rating or all."""
    found = await by.look(lambda unit: rows.page(unit, risk, after, limit + 1))
    shown, more = cut(found, limit)
    return ProductPage(items=[_out(one) for one in shown], next=shown[-1].code if more else None)


@router.get("/products/{code}", responses=problems(404, 422))
async def show(by: Reader, code: Code) -> ProductOut:
    """One product."""
    return _out(await by.look(lambda unit: rules.one(unit, code)))


@router.put(
    "/products/{code}", response_model=ProductOut, responses={201: {"model": ProductOut}, **problems(409, 413, 422)}
)
async def rate(by: Rater, code: Code, body: ProductIn) -> Response:
    """Bring a product onto the register, or rate it anew."""
    product = Product(code, body.name, body.risk, body.rated_on, body.offered)

    def work(unit: Unit) -> tuple[int, BaseModel]:
        who = by.by
        done = rules.take(unit, [product], who.integration.signed, who.at)
        return 201 if done.new else 200, _out(product)

    return await by.carry_out(work)


@router.post("/products", response_model=PushedOut, responses=problems(409, 413, 422))
async def push(by: Rater, body: ProductRows) -> Response:
    """Bring products onto the register, or rate them anew, many at a time."""
    return await pushed(by, PRODUCTS, body.rows)


def _out(product: Product) -> ProductOut:
    return ProductOut.model_validate(product, from_attributes=True)
