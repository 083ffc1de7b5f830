"""`quanfu doubts`: messages that may or may not have gone out; staff look, and decide."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated

import typer

from bot.commands import session
from bot.commands.session import Session
from bot.commands.tables import show
from bot.commands.words import name, tell, word
from bot.vocabulary import Action
from services import audit
from services.audit import Deed
from services.delivery import doubts
from services.staff import demand
from storage.repositories.deliveries import Stored
from storage.repositories.staff import Staff
from storage.unit import Unit

app = typer.Typer(no_args_is_help=True)

Number = Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")]
DeliveryId = Annotated[int, typer.Argument(help="the delivery's number, as `list` shows it")]
Decision = Callable[[Unit, int, int, datetime], None]


@app.callback()
def doubtful() -> None:
    """Messages of which nobody knows whether they went out."""


@app.command("list")
def show_all(number: Number) -> None:
    """Show what waits for a decision, oldest first."""
    session.run_as(number, _show)


@app.command()
def resend(delivery_id: DeliveryId, number: Number) -> None:
    """Send it once more; the client may get it twice."""
    session.run_as(number, partial(_decide, delivery_id=delivery_id, deed="resend", decision=doubts.resend))


@app.command()
def delivered(delivery_id: DeliveryId, number: Number) -> None:
    """The client has it, as you found out."""
    session.run_as(number, partial(_decide, delivery_id=delivery_id, deed="delivered", decision=doubts.mark_delivered))


@app.command("drop")
def give_up(delivery_id: DeliveryId, number: Number) -> None:
    """Do not send it again."""
    session.run_as(number, partial(_decide, delivery_id=delivery_id, deed="drop", decision=doubts.give_up))


async def _show(desk: Session, staff: Staff) -> None:
    demand(staff, Action.WORK_TICKETS)
    found = await desk.database.read(doubts.listed)
    if not found:
        tell("doubts_none")
        return
    show([[word(f"doubts_head_{head}") for head in ("delivery", "channel", "text")], *map(_row, found)])


def _row(one: Stored) -> list[str]:
    return [str(one.id), name("channel", one.channel) if one.channel else "–", one.text.replace("\n", " ")[:40]]


async def _decide(desk: Session, staff: Staff, delivery_id: int, deed: str, decision: Decision) -> None:
    demand(staff, Action.WORK_TICKETS)
    now = desk.clock.now()

    def decided(unit: Unit) -> None:
        decision(unit, delivery_id, staff.id, now)
        audit.record(unit, Deed(f"delivery.{deed}", f"delivery:{delivery_id}", now, staff.id))

    await desk.database.write(decided)
    tell("doubts_decided", delivery=delivery_id)
