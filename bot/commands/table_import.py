"""What commands share that bring in a table: the run with its bad rows in a file, and named mappings."""

import csv
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, TextIO

import typer

from bot.commands import session
from bot.commands.session import Session
from bot.commands.tables import show as print_table
from bot.commands.words import spoken, tell, word
from bot.texts.words import Words
from bot.vocabulary import Extent
from services.tables import rejections, run
from services.tables.mappings import Mappings
from services.tables.run import Noun, Step, Wish
from storage.repositories.staff import Staff

As = Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")]
Table = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV (UTF-8 or GBK) or XLSX")]
MappingName = Annotated[str | None, typer.Option("--mapping", help="a named mapping of its columns")]
Dry = Annotated[bool, typer.Option("--dry-run", help="only tell what would change")]
Name = Annotated[str, typer.Argument(help="the mapping's name")]
TOLD = 20
"""Bad rows on the terminal; the file has them all."""


@dataclass(frozen=True, slots=True)
class Given:
    """Which table is to be brought in, by which mapping; `dry` only tells."""

    file: Path
    name: str | None
    dry: bool
    extent: Extent | None = None


def bring_in(number: str, noun: Noun, given: Given) -> None:
    """Import a table: good rows are taken, every bad one is told and written to FILE.rejected.csv."""
    session.run_as(number, partial(_import, noun=noun, given=given))


def mapping_commands(noun: Callable[[], Noun]) -> typer.Typer:
    """`mapping set`, `list` and `show` for a kind of table."""
    app = typer.Typer(no_args_is_help=True, help="Named mappings: their column to our field.")

    @app.command("set")
    def set_mapping(
        name: Name, pairs: Annotated[list[str], typer.Argument(metavar="COLUMN=FIELD...")], number: As
    ) -> None:
        """Keep a mapping under a name, over an earlier one."""
        session.run_as(number, partial(_set, mappings=Mappings(noun()), name=name, pairs=pairs))

    @app.command("list")
    def list_mappings(number: As) -> None:
        """Show the names of all mappings."""
        session.run_as(number, partial(_list, mappings=Mappings(noun())))

    @app.command("show")
    def show_mapping(name: Name, number: As) -> None:
        """Show the columns of a mapping."""
        session.run_as(number, partial(_show, mappings=Mappings(noun()), name=name))

    return app


async def _import(desk: Session, staff: Staff, noun: Noun, given: Given) -> None:
    mappings = Mappings(noun)
    name, file = given.name, given.file
    columns = await desk.database.read(lambda unit: mappings.named(unit, staff, name)) if name else {}
    wish = Wish(file, staff, desk.clock.now(), columns, given.dry, given.extent)
    words = _words()
    out, told = file.with_name(f"{file.name}.rejected.csv"), 0
    steps = run.steps(desk.database, noun, wish)
    step = await anext(steps)  # a table that is refused leaves the file of an earlier run alone
    with _private(out) as rejected:
        file_of_rejected = csv.writer(rejected)
        file_of_rejected.writerow(rejections.heading(words, step.heading))
        async for step in steps:
            for one in step.rejected:
                file_of_rejected.writerow(rejections.line(words, one))
                told += 1
                if told <= TOLD:
                    sys.stderr.write(f"{file}:{one.row.line}: {rejections.reasons(words, one.bad)}\n")
            _progress(step)
    _finished(step, told, out, given.dry)
    if step.missing:
        tell("import_missing", clients=step.missing)


def _finished(step: Step, rejected: int, out: Path, dry: bool) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    if rejected:
        tell("import_rejected_file", file=out, rows=rejected)
    else:
        out.unlink()
    counts = step.counts
    numbers = {"new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged}
    tell("import_would_do" if dry else "import_done", rejected=counts.rejected, **numbers)


@contextmanager
def _private(path: Path) -> Iterator[TextIO]:
    """An empty file that only its owner reads, over the one of an earlier run: it holds personal data."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="", errors="replace") as file:
        yield file


def _words() -> Words:
    """Of tables, in the terminal's language."""
    return rejections.catalogue().of(spoken())


def _progress(step: Step) -> None:
    """On a terminal one line that is written over; nothing where the output is a file."""
    if sys.stderr.isatty():
        counts = step.counts
        rows = counts.new + counts.changed + counts.unchanged + counts.rejected
        sys.stderr.write("\r" + word("import_progress", rows=rows, rejected=counts.rejected))
        sys.stderr.flush()


async def _set(desk: Session, staff: Staff, mappings: Mappings, name: str, pairs: list[str]) -> None:
    now = desk.clock.now()
    kept = await desk.database.write(lambda unit: mappings.keep(unit, staff, name, pairs, now))
    tell("mapping_kept", name=name, columns=len(kept))


async def _list(desk: Session, staff: Staff, mappings: Mappings) -> None:
    for name in await desk.database.read(lambda unit: mappings.listed(unit, staff)):
        sys.stdout.write(name + "\n")


async def _show(desk: Session, staff: Staff, mappings: Mappings, name: str) -> None:
    found = await desk.database.read(lambda unit: mappings.named(unit, staff, name))
    print_table([[column, field, _words()(f"field.{field}")] for column, field in found.items()])
