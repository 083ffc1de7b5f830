"""What clients agree to: reading it, and recording what they said elsewhere."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Security
from pydantic import BaseModel, Field
from starlette.responses import Response

from bot.vocabulary import ConsentPurpose, Scope
from console.api.callers import Caller, Writer, caller, writer
from console.api.fields import Body, ClientNumber, problems
from services.integrations import consents as rules
from services.integrations.consents import VERSION, Agreed, Said
from storage.unit import Unit

router = APIRouter(tags=["consents"])

Reader = Annotated[Caller, Security(caller, scopes=[Scope.CONSENTS_READ])]
Recorder = Annotated[Writer, Security(writer, scopes=[Scope.CONSENTS_WRITE])]


class ConsentsOut(BaseModel):
    """What a client agrees to now."""

    purposes: list[ConsentPurpose]
    opted_out: bool = Field(description="everything that is not essential is stopped, whatever was agreed to")


class ConsentIn(Body):
    """A client's yes or no to one purpose."""

    purpose: ConsentPurpose
    granted: bool
    version: str = Field(default=VERSION, pattern="^[A-Za-z0-9._-]{1,32}$", description="of the words agreed to")
    channel: str = Field(default="counter", pattern="^[a-z_]{1,16}$", description="by which way it was said")


@router.get("/clients/{number}/consents", responses=problems(404, 422))
async def show(by: Reader, number: ClientNumber) -> ConsentsOut:
    """What a client agrees to."""
    return _out(await by.ask(partial(rules.shown, by=by.by, number=number)))


@router.post(
    "/clients/{number}/consents", status_code=201, response_model=ConsentsOut, responses=problems(404, 409, 413, 422)
)
async def record(by: Recorder, number: ClientNumber, body: ConsentIn) -> Response:
    """Record a yes or a no; a yes lets somebody who had stopped everything hear of that purpose again."""
    said = Said(body.purpose, body.granted, body.version, body.channel)

    def work(unit: Unit) -> tuple[int, BaseModel]:
        return 201, _out(rules.record(unit, by.by, number, said))

    return await by.carry_out(work)


def _out(agreed: Agreed) -> ConsentsOut:
    return ConsentsOut(purposes=sorted(agreed.purposes), opted_out=agreed.opted_out)
