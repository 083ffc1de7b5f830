"""`quanfu doubts`: messages that may or may not have gone out; staff look, and decide."""

from functools import partial
from typing import Annotated

import typer

from bot.commands import session
from bot.commands.session import Session
from bot.commands.tables import show
from bot.commands.words import name, tell, word
from services.delivery import doubts
from services.delivery.doubts import Decision, Settlement
from storage.repositories.doubt_lists import Item
from storage.repositories.staff import Staff

app = typer.Typer(no_args_is_help=True)

Number = Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")]
DeliveryId = Annotated[int, typer.Argument(help="the delivery's number, as `list` shows it")]


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
    session.run_as(number, partial(_decide, delivery_id=delivery_id, decision=Decision.RESEND))


@app.command()
def delivered(delivery_id: DeliveryId, number: Number) -> None:
    """The client has it, as you found out."""
    session.run_as(number, partial(_decide, delivery_id=delivery_id, decision=Decision.DELIVERED))


@app.command("drop")
def give_up(delivery_id: DeliveryId, number: Number) -> None:
    """Do not send it again."""
    session.run_as(number, partial(_decide, delivery_id=delivery_id, decision=Decision.DROP))


async def _show(desk: Session, staff: Staff) -> None:
    found = await desk.database.read(lambda unit: doubts.listed(unit, staff))
    if not found:
        tell("doubts_none")
        return
    show([[word(f"doubts_head_{head}") for head in ("delivery", "channel", "text")], *map(_row, found)])


def _row(one: Item) -> list[str]:
    return [str(one.id), name("channel", one.channel) if one.channel else "–", one.text.replace("\n", " ")[:40]]


async def _decide(desk: Session, staff: Staff, delivery_id: int, decision: Decision) -> None:
    settlement = Settlement(delivery_id, decision, desk.clock.now())
    await desk.database.write(lambda unit: doubts.settle(unit, staff, settlement))
    tell("doubts_decided", delivery=delivery_id)
