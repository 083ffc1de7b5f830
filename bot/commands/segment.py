"""`quanfu segment`: who a segment means, in words and numbers, and fixed lists from a table."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.clock import branch_date, branch_time
from bot.commands import session
from bot.commands.broadcast_options import read_condition
from bot.commands.session import Session
from bot.commands.tables import show as show_table
from bot.commands.words import name as word_for
from bot.commands.words import spoken, tell, word
from bot.errors import NotPermitted, Refused
from bot.vocabulary import Action, Purpose
from bot.vocabulary.conditions import Condition
from services import code_lists, segments
from services.segments import Preview, Register, Sentences, Wanted
from services.segments.register import MOST_NUMBERS
from services.segments.sentences import catalogue
from services.staff import scope
from storage.repositories import segments as rows
from storage.repositories.segments import Meaning, Segment
from storage.repositories.staff import Staff
from storage.unit import Unit

app = typer.Typer(no_args_is_help=True)

As = Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")]
Name = Annotated[str, typer.Argument(help="name of the segment")]
Why = Annotated[Purpose, typer.Option(help="what would be said: decides who can be reached")]


@app.callback()
def segment() -> None:
    """Named groups of clients."""


@app.command("list")
def list_all(number: As) -> None:
    """Show every segment with the number of its clients."""
    session.run_as(number, _list)


async def _list(desk: Session, reader: Staff) -> None:
    register, today = Register(desk.clock), branch_date(desk.clock.now())

    def counted(unit: Unit) -> list[list[str]]:
        found = register.listed(unit, reader)
        return [[one.name, _counted(unit, reader, one, today), one.author or "–", one.meaning.note] for one in found]

    show_table(await desk.database.read(counted))


def _counted(unit: Unit, reader: Staff, found: Segment, today: date) -> str:
    """The number of its clients, or that it is broken: the others are listed all the same."""
    try:
        return str(segments.count(unit, reader, segments.condition_of(found), today))
    except NotPermitted:
        raise
    except Refused:
        return word("segment_broken")


@app.command()
def show(name: Name, number: As) -> None:
    """Show what a segment means, who made it when, and who uses it."""
    session.run_as(number, partial(_show, name=name))


async def _show(desk: Session, reader: Staff, name: str) -> None:
    found = await desk.database.read(lambda unit: Register(desk.clock).named(unit, reader, name))
    sentences = Sentences(catalogue(), desk.outreach.broadcasts.speech.texts)
    tell("segment_reads", name=found.name, sentence=sentences.say(segments.condition_of(found), spoken()))
    for one in await desk.database.read(lambda unit: rows.versions(unit, found.id)):
        tell(
            "segment_version", version=one.version, author=one.author or "–", at=f"{branch_time(one.at):%Y-%m-%d %H:%M}"
        )
    used = await desk.database.read(lambda unit: segments.uses(unit, name))
    for user in [*used.segments, *(f"#{one.number} {one.name} ({one.author})" for one in used.broadcasts)]:
        tell("segment_used_by", by=user)


@app.command()
def count(name: Name, number: As, purpose: Why = Purpose.SERVICE_NOTICE) -> None:
    """Show how many there are now, how many can be reached by channel, and why others cannot."""
    session.run_as(number, partial(_count, name=name, purpose=purpose))


async def _count(desk: Session, reader: Staff, name: str, purpose: Purpose) -> None:
    found = await _preview(desk, reader, name, purpose)
    tell("broadcast_count", number=found.count)
    for channel, reached in found.reachable.items():
        tell("broadcast_reaches", channel=word_for("channel", channel), number=reached)
    for rule, kept_back in found.unreachable.items():
        tell("broadcast_misses", reason=word_for("rule", rule), number=kept_back)


@app.command()
def sample(name: Name, number: As) -> None:
    """Show twenty of its clients, with masked names."""
    session.run_as(number, partial(_sample, name=name))


async def _sample(desk: Session, reader: Staff, name: str) -> None:
    found = await _preview(desk, reader, name, Purpose.SERVICE_NOTICE)
    if found.sample:
        show_table([[member.number, member.name] for member in found.sample])


@app.command()
def overlap(first: Name, second: Name, number: As) -> None:
    """Show how many clients two segments share."""
    session.run_as(number, partial(_overlap, first=first, second=second))


async def _overlap(desk: Session, reader: Staff, first: str, second: str) -> None:
    today = branch_date(desk.clock.now())

    def counted(unit: Unit) -> tuple[int, int, int]:
        one, other = _condition(unit, desk, reader, first), _condition(unit, desk, reader, second)
        shared = segments.overlap(unit, reader, one, other, today)
        return shared.first, shared.both, shared.second

    only_first, both, only_second = await desk.database.read(counted)
    tell("segment_only", name=first, number=only_first)
    tell("segment_both", number=both)
    tell("segment_only", name=second, number=only_second)


@app.command()
def create(
    name: Name,
    number: As,
    where: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="a condition as JSON")],
    note: Annotated[str, typer.Option(help="what it is for")] = "",
) -> None:
    """Keep a condition under a name."""
    session.run_as(number, partial(_create, meaning=Meaning(name, note, read_condition(where))))


async def _create(desk: Session, author: Staff, meaning: Meaning) -> None:
    register = Register(desk.clock)
    made = await desk.database.write(lambda unit: register.create(unit, author, meaning))
    await _show(desk, author, made.name)


@app.command("import")
def import_list(
    name: Name,
    number: As,
    table: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a table with a column number")],
) -> None:
    """Make the clients of a table a fixed list, or replace the members of one."""
    session.run_as(number, partial(_import, name=name, table=table))


async def _import(desk: Session, author: Staff, name: str, table: Path) -> None:
    with table.open(encoding="utf-8-sig", newline="") as file:
        numbers = code_lists.read(file, MOST_NUMBERS)
    register = Register(desk.clock)
    filled = await desk.database.write(lambda unit: register.fill(unit, author, name, numbers))
    tell("segment_filled", name=name, number=filled.members)
    for missing in filled.missing:
        tell("segment_missing", number=missing)


async def _preview(desk: Session, reader: Staff, name: str, purpose: Purpose) -> Preview:
    today, delivery = branch_date(desk.clock.now()), desk.outreach.broadcasts.delivery

    def seen(unit: Unit) -> Preview:
        wanted = Wanted(_condition(unit, desk, reader, name), purpose, whose=scope(reader, Action.BUILD_SEGMENTS))
        return segments.preview(unit, delivery, wanted, today)

    return await desk.database.read(seen)


def _condition(unit: Unit, desk: Session, reader: Staff, name: str) -> Condition:
    return segments.condition_of(Register(desk.clock).named(unit, reader, name))
