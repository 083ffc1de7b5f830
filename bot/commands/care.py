"""`quanfu care`: the greetings of a day, looked at or sent."""

from collections import Counter
from datetime import date, datetime
from functools import partial
from typing import Annotated

import typer

from bot.app import served
from bot.commands import session
from bot.commands.session import Session
from bot.commands.tables import show
from bot.commands.words import name, tell, word
from services.care import Line

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
    totals: Counter[str] = Counter()
    heads = [word(f"care_head_{head}") for head in ("number", "name", "occasion", "channel", "result")]
    async for lines in desk.outreach.care.plan(desk.database, on, segment):
        show([heads, *map(_row, lines)] if not totals else [*map(_row, lines)])
        totals.update(line.reason or "" for line in lines)
    if totals:
        _totals(on, totals)
    else:
        tell("care_nobody", on=on)


def _row(line: Line) -> list[str]:
    result = word("care_goes_out") if line.goes_out else name("rule", line.reason or "")
    channel = name("channel", line.channel) if line.channel else "–"
    return [line.number, line.name, name("occasion", line.occasion), channel, result]


def _totals(on: date, totals: Counter[str]) -> None:
    """How many are kept back for each reason; under the empty word stands how many get theirs."""
    tell("care_total", on=on, all=totals.total(), out=totals.pop("", 0))
    for reason, number in totals.most_common():
        tell("care_kept_back", reason=name("rule", reason), number=number)


async def _send(desk: Session, on: date, segment: str | None) -> None:
    await desk.database.read(desk.outreach.calendars.refresh)
    submitted = await desk.outreach.care.greet(desk.database, on, segment)
    tell("care_submitted", on=on, number=submitted)
    if not served(desk.settings):
        tell("no_server")
