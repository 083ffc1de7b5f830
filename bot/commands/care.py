"""`quanfu care`: the greetings of a day, looked at or sent."""

from datetime import date, datetime
from functools import partial
from typing import Annotated

import typer

from bot.app import served
from bot.commands import session
from bot.commands.session import Session
from bot.commands.tables import show
from bot.commands.words import name, tell, word
from services.care import Line, Plan

app = typer.Typer(no_args_is_help=True)

Day = Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="the day at the branch")]
Send = Annotated[bool, typer.Option("--send", help="submit the greetings; without it nothing is written")]

Segment = Annotated[str | None, typer.Option("--segment", help="only clients of this segment")]


@app.callback()
def care() -> None:
    """Greetings."""


@app.command()
def run(day: Day, send: Send = False, segment: Segment = None) -> None:
    """Show who would get what on a day and why others do not; with --send, submit it."""
    session.run(partial(_send if send else _show, on=day.date(), segment=segment))


async def _show(desk: Session, on: date, segment: str | None) -> None:
    await desk.database.read(desk.outreach.calendars.refresh)
    plan = await desk.database.read(lambda unit: desk.outreach.care.plan(unit, on, segment))
    if not plan.lines:
        tell("care_nobody", on=on)
        return
    heads = [word(f"care_head_{head}") for head in ("number", "name", "occasion", "channel", "result")]
    show([heads, *map(_row, plan.lines)])
    _totals(plan)


def _row(line: Line) -> list[str]:
    result = word("care_goes_out") if line.goes_out else name("rule", line.reason or "")
    channel = name("channel", line.channel) if line.channel else "–"
    return [line.number, line.name, name("occasion", line.occasion), channel, result]


def _totals(plan: Plan) -> None:
    totals = plan.totals()
    tell("care_total", on=plan.on, all=len(plan.lines), out=totals.pop("", 0))
    for reason, number in totals.most_common():
        tell("care_kept_back", reason=name("rule", reason), number=number)


async def _send(desk: Session, on: date, segment: str | None) -> None:
    await desk.database.read(desk.outreach.calendars.refresh)
    submitted = await desk.outreach.care.greet(desk.database, on, segment)
    tell("care_submitted", on=on, number=submitted)
    if not served(desk.settings):
        tell("no_server")
