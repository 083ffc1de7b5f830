"""Holdings, trades and cash: pushed in batches, told row by row what was not taken."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Security
from pydantic import BaseModel, Field
from starlette.responses import Response

from bot.vocabulary import Scope, TableKind
from console.api.batches import PushedOut, pushed
from console.api.callers import Writer, writer
from console.api.fields import Body, problems
from services.holdings import tables
from services.integrations import batches as rules
from services.integrations.batches import MOST
from storage.unit import Unit

router = APIRouter(tags=["holdings"])

Pusher = Annotated[Writer, Security(writer, scopes=[Scope.HOLDINGS_WRITE])]
Day = Annotated[date, Path(description="a day of the branch")]
Cell = Annotated[str | None, Field(max_length=64)]
"""Written as in a table."""


class Named(Body):
    """What every row tells."""

    number: Cell = Field(default=None, description="the client's number")
    on: Cell = None


class HoldingIn(Named):
    """One instrument that a client holds on a day; a quantity and value of 0 where everything was sold."""

    code: Cell = None
    market: Cell = None
    instrument: Cell = None
    asset_class: Cell = None
    quantity: Cell = None
    cost: Cell = None
    price: Cell = None
    value: Cell = None


class TradeIn(Named):
    """One trade of a client; the reference is unique on its day."""

    reference: Cell = None
    code: Cell = None
    side: Cell = None
    quantity: Cell = None
    value: Cell = None
    market: Cell = None
    instrument: Cell = None
    asset_class: Cell = None
    price: Cell = None


class CashIn(Named):
    """Cash of a client on a day, below nothing where money is owed; the margin ratio in percent."""

    cash: Cell = None
    margin_ratio: Cell = None


class Holdings(Body):
    """All rows of a client's day stand in one request."""

    rows: list[HoldingIn] = Field(min_length=1, max_length=MOST)


class Trades(Body):
    """Trades in any order."""

    rows: list[TradeIn] = Field(min_length=1, max_length=MOST)


class Cash(Body):
    """Cash in any order."""

    rows: list[CashIn] = Field(min_length=1, max_length=MOST)


class DayOut(BaseModel):
    """A day whose holdings are known to the end."""

    on: date


@router.post("/holdings", response_model=PushedOut, responses=problems(409, 413, 422))
async def hold(by: Pusher, body: Holdings) -> Response:
    """Push what clients hold on a day; nothing is said of clients whom no row names."""
    return await pushed(by, tables.noun(TableKind.HOLDING), body.rows)


@router.post("/trades", response_model=PushedOut, responses=problems(409, 413, 422))
async def trade(by: Pusher, body: Trades) -> Response:
    """Push trades."""
    return await pushed(by, tables.noun(TableKind.TRADE), body.rows)


@router.post("/cash", response_model=PushedOut, responses=problems(409, 413, 422))
async def keep(by: Pusher, body: Cash) -> Response:
    """Push cash and margin ratios."""
    return await pushed(by, tables.noun(TableKind.BALANCE), body.rows)


@router.put("/holding-days/{on}", response_model=DayOut, responses=problems(409, 413, 422))
async def close(by: Pusher, on: Day) -> Response:
    """Say that all holdings of a day were pushed: clients without any then held nothing."""

    def work(unit: Unit) -> tuple[int, BaseModel]:
        rules.whole_day(unit, by.by, on)
        return 200, DayOut(on=on)

    return await by.carry_out(work)
