"""Clients: one by number, lists, enrolling and changing, tags, state, bind codes."""

from datetime import date, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Security
from pydantic import BaseModel, Field
from starlette.responses import Response

from bot.vocabulary import Birthday, ClientState, ConsentPurpose, Scope
from console.api.callers import Caller, Writer, caller, writer
from console.api.fields import After, Body, ClientNumber, Limit, Line, cut, problems
from services.client_import import days
from services.client_import.columns import Field as Name
from services.identity import Order
from services.integrations import clients as rules
from services.integrations.clients import LONGEST_TAG, MOST_TAGS, Shown
from storage.unit import Unit

router = APIRouter(tags=["clients"])

Reader = Annotated[Caller, Security(caller, scopes=[Scope.CLIENTS_READ])]
Pusher = Annotated[Writer, Security(writer, scopes=[Scope.CLIENTS_WRITE])]
Issuer = Annotated[Writer, Security(writer, scopes=[Scope.BIND_CODES_ISSUE])]

Cell = Annotated[str | None, Field(max_length=300)]
"""Written as in a table; nothing, or an empty one, leaves what is on record."""


class ClientOut(BaseModel):
    """A client; personal fields are only there with the scope clients:personal."""

    number: str
    state: str
    kind: str
    asset_band: str
    style: str | None = Field(default=None, description="how the client likes to invest, by their own word")
    prefers: str | None = Field(default=None, description="the asset classes they like, as share,fund")
    branch: str | None = Field(default=None, description="where the account is kept, as the counter system writes it")
    locale: str
    tags: list[str]
    manager: str | None = Field(default=None, description="staff number")
    risk_level: str | None = None
    risk_valid_until: date | None = None
    opened_on: date | None = None
    name: str | None = None
    salutation: str | None = None
    gender: str | None = None
    birthday: str | None = Field(default=None, description="1990-05-01, 05-01, lunar 1990-05-01, lunar leap05-01")
    phone: str | None = None
    email: str | None = None
    identity: str | None = None
    fund_account: str | None = None
    occupation: str | None = None
    region: str | None = None


class ClientPage(BaseModel):
    """Clients in order of enrolment."""

    items: list[ClientOut]
    next: int | None = Field(default=None, description="`after` of the next page; not there at the end")


class ClientIn(Body):
    """A client as a row of a table tells them: the same ways of writing, rules and faults."""

    name: Cell = None
    salutation: Cell = None
    phone: Cell = None
    email: Cell = None
    identity: Cell = None
    gender: Cell = None
    birthday: Cell = None
    manager: Cell = None
    opened_on: Cell = None
    fund_account: Cell = None
    occupation: Cell = None
    region: Cell = None
    state: Cell = None
    kind: Cell = None
    asset_band: Cell = None
    style: Cell = None
    prefers: Cell = None
    branch: Cell = None
    risk_level: Cell = None
    risk_valid_until: Cell = None
    locale: Cell = None


class TakenOut(BaseModel):
    """What became of a client who was pushed."""

    number: str
    outcome: str = Field(description="new, changed or unchanged")
    changed: list[str] = Field(description="the fields that changed")


class StateIn(Body):
    """How the client relation stands."""

    state: ClientState


class Tags(Body):
    """All tags of a client."""

    tags: list[Annotated[Line, Field(min_length=1, max_length=LONGEST_TAG)]] = Field(max_length=MOST_TAGS)


class CodeIn(Body):
    """What the client has agreed to in writing; it holds once the chat is bound."""

    consents: list[ConsentPurpose] = Field(default=[], max_length=len(ConsentPurpose))


class CodeOut(BaseModel):
    """A code to hand to the client."""

    code: str
    expires_at: datetime


@router.get("/clients", responses=problems(422), response_model_exclude_none=True)
async def index(by: Reader, after: After = 0, limit: Limit = 50) -> ClientPage:
    """List clients in order of enrolment."""
    personal = by.may(Scope.CLIENTS_PERSONAL)
    found = await by.ask(partial(rules.page, by=by.by, after=after, limit=limit, personal=personal))
    shown, more = cut(found, limit)
    return ClientPage(items=[_out(one) for one in shown], next=shown[-1].id if more else None)


@router.get("/clients/{number}", responses=problems(404, 422), response_model_exclude_none=True)
async def show(by: Reader, number: ClientNumber) -> ClientOut:
    """One client."""
    personal = by.may(Scope.CLIENTS_PERSONAL)
    return _out(await by.ask(partial(rules.one, by=by.by, number=number, personal=personal)))


@router.put(
    "/clients/{number}", response_model=TakenOut, responses={201: {"model": TakenOut}, **problems(409, 413, 422)}
)
async def take(by: Pusher, number: ClientNumber, body: ClientIn) -> Response:
    """Enrol a client or change one; what is not sent stays as it is."""
    cells = {Name(field): text for field, text in body.model_dump(exclude_none=True).items()}
    return await by.carry_out(partial(_taken, by=by, number=number, cells=cells))


@router.put("/clients/{number}/state", response_model=TakenOut, responses=problems(404, 409, 413, 422))
async def set_state(by: Pusher, number: ClientNumber, body: StateIn) -> Response:
    """Set the state of a client: frozen, closed and deceased ones hear less at once."""

    def work(unit: Unit) -> tuple[int, BaseModel]:
        rules.id_of(unit, number)
        return _taken(unit, by, number, {Name.STATE: body.state.value})

    return await by.carry_out(work)


@router.put("/clients/{number}/tags", response_model=Tags, responses=problems(404, 409, 413, 422))
async def tag(by: Pusher, number: ClientNumber, body: Tags) -> Response:
    """Give a client these tags and no others."""

    def work(unit: Unit) -> tuple[int, BaseModel]:
        return 200, Tags(tags=list(rules.tag(unit, by.by, number, body.tags)))

    return await by.carry_out(work)


@router.post(
    "/clients/{number}/bind-codes", status_code=201, response_model=CodeOut, responses=problems(404, 409, 413, 422)
)
async def issue(by: Issuer, number: ClientNumber, body: CodeIn) -> Response:
    """Issue a code that binds a chat to the client; codes issued before and not used end."""

    def work(unit: Unit) -> tuple[int, BaseModel]:
        identity, who = by.caller.api.identity, by.by
        client = rules.id_of(unit, number)
        code = identity.issue(unit, Order(client, None, body.consents, who.at, by=who.integration.signed))
        return 201, CodeOut(code=code, expires_at=who.at + identity.rules.bind_span)

    return await by.carry_out(work)


def _taken(unit: Unit, by: Writer, number: str, cells: dict[Name, str]) -> tuple[int, BaseModel]:
    done = rules.take(unit, by.by, number, cells)
    outcome = "new" if done.new else "changed" if done.changed else "unchanged"
    return 201 if done.new else 200, TakenOut(number=done.number, outcome=outcome, changed=list(done.changed))


def _out(found: Shown) -> ClientOut:
    values = {
        name: days.written(value) if isinstance(value, Birthday) else value for name, value in found.values.items()
    }
    return ClientOut.model_validate({**values, "number": found.number, "tags": list(found.tags)})
