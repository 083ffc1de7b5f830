"""`quanfu calendar`: the branch's days off, make-up days and market closures, year by year."""

import sys
from functools import partial
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer

from bot.clock import branch_date
from bot.commands import session
from bot.commands.session import Session
from bot.commands.tables import show
from bot.commands.words import tell, word
from bot.errors import QuanfuError
from services import calendars
from services.calendar import CalendarFault, CalendarYear, read_year
from storage.repositories import calendar_years

app = typer.Typer(no_args_is_help=True)

YearFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a year in the form of the packaged ones")]


@app.callback()
def calendar() -> None:
    """The branch's calendar."""


@app.command("import")
def import_year(file: YearFile) -> None:
    """Import a year; a file with faults changes nothing, and every fault is told with its line."""
    read = read_year(file.read_bytes())
    if isinstance(read, CalendarYear):
        session.run(partial(_import, year=read))
        return
    for fault in read:
        sys.stderr.write(_fault(file, fault) + "\n")
    raise QuanfuError(word("calendar_refused", file=file, faults=len(read)))


@app.command("list")
def list_years() -> None:
    """Show the imported years."""
    session.run(_list)


def _fault(file: Path, fault: CalendarFault) -> str:
    said = word(f"calendar_fault_{fault.kind.value}", detail=fault.detail)
    return f"{file}:{fault.line}: {said}"


async def _import(desk: Session, year: CalendarYear) -> None:
    await desk.database.write(lambda unit: calendars.take(unit, year, getuser(), desk.clock.now()))
    tell("calendar_imported", year=year.year)


async def _list(desk: Session) -> None:
    years = await desk.database.read(calendar_years.all_of)
    heads = [word(f"calendar_head_{name}") for name in ("year", "source", "by", "at")]
    rows = ([str(each.year), each.source, each.imported_by, str(branch_date(each.imported_at))] for each in years)
    show([heads, *rows])
