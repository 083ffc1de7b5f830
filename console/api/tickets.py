"""Tickets and where they stand."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Security
from pydantic import BaseModel, Field

from bot.vocabulary import Level, Scope, TicketKind, TicketState
from console.api.callers import Caller, caller
from console.api.fields import After, Limit, WrittenNumber, cut, problems
from services.integrations import tickets as rules
from storage.repositories.ticket_standings import Standing

router = APIRouter(tags=["tickets"])


Reader = Annotated[Caller, Security(caller, scopes=[Scope.TICKETS_READ])]
Number = Annotated[str, Path(pattern="^[0-9A-Z-]{1,24}$", description="the ticket's number")]
OfClient = Annotated[WrittenNumber | None, Query(description="only of the client with this number")]


class TicketOut(BaseModel):
    """A ticket; nothing of what was said in it."""

    number: str
    kind: TicketKind
    level: Level
    state: TicketState
    opened_at: datetime
    category: str | None = None
    client: str | None = Field(default=None, description="the client's number, where the chat is somebody's")
    due_at: datetime | None = Field(default=None, description="by when the next step is promised")
    closed_at: datetime | None = None


class TicketPage(BaseModel):
    """Tickets in the order in which they were opened."""

    items: list[TicketOut]
    next: int | None = Field(default=None, description="`after` of the next page; not there at the end")


@router.get("/tickets", responses=problems(422), response_model_exclude_none=True)
async def index(by: Reader, client: OfClient = None, after: After = 0, limit: Limit = 50) -> TicketPage:
    """List tickets, of one client or all."""
    found = await by.ask(partial(rules.page, by=by.by, client=client, after=after, limit=limit))
    shown, more = cut(found, limit)
    return TicketPage(items=[_out(one) for one in shown], next=shown[-1].id if more else None)


@router.get("/tickets/{number}", responses=problems(404, 422), response_model_exclude_none=True)
async def show(by: Reader, number: Number) -> TicketOut:
    """One ticket."""
    return _out(await by.ask(partial(rules.one, by=by.by, number=number)))


def _out(found: Standing) -> TicketOut:
    return TicketOut.model_validate(found, from_attributes=True)
