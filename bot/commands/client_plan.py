"""`quanfu clients plan`: what a client is sent, how often and by which channel."""

from functools import partial
from typing import Annotated

import typer

from bot.commands import session
from bot.commands.session import Session
from bot.commands.words import spoken, tell, word
from bot.errors import Refused
from bot.vocabulary import Action
from services import plans
from services.plans import Choice, Standing
from services.staff import demand
from storage.repositories import clients
from storage.repositories.staff import Staff
from storage.unit import Unit

NONE = "-"


def plan(
    number: Annotated[str, typer.Argument(help="the client's number")],
    staff: Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")],
    choose: Annotated[str, typer.Option("--set", help="the code of another plan, at the client's word")] = "",
    weekly: Annotated[int | None, typer.Option(help="with --set: messages in 7 days, else as the plan says")] = None,
) -> None:
    """Show a client's content plan, or enter another."""
    session.run_as(staff, partial(_plan, number=number, choose=choose, weekly=weekly))


async def _plan(desk: Session, staff: Staff, number: str, choose: str, weekly: int | None) -> None:
    now = desk.clock.now()

    def work(unit: Unit) -> Standing:
        client = clients.by_number(unit, number)
        demand(staff, Action.READ_CLIENTS, own=client is not None and staff.has(*client.keepers))
        if client is None:
            raise Refused("client_unknown")
        if choose:
            plans.choose(unit, staff, Choice(client.id, choose, weekly, now))
        return plans.standing(unit, client.id, now)

    found = await (desk.database.write(work) if choose else desk.database.read(work))
    texts = desk.outreach.broadcasts.speech.texts
    subjects = " / ".join(texts.label(f"interest_{one}", spoken()) for one in found.interests)
    channel = texts.label(f"channel_{found.channel}", spoken()) if found.channel else NONE
    limit = word("plan_no_number") if found.weekly is None else str(found.weekly)
    tell("plan_stands", number=number, plan=found.plan.called(spoken()), code=found.plan.code)
    tell("plan_details", weekly=limit, sent=found.sent, subjects=subjects or NONE, channel=channel)
