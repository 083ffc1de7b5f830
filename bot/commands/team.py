"""`quanfu team`: whose clients and work the head of a team sees."""

from functools import partial
from typing import Annotated

import typer

from bot.commands import session
from bot.commands.session import Session
from bot.commands.tables import show
from bot.commands.words import tell, word
from services import teams
from storage.repositories.staff import Staff

app = typer.Typer(no_args_is_help=True)

As = Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")]
Name = Annotated[str, typer.Argument(help="name of the team")]
Person = Annotated[str, typer.Argument(help="the staff number")]


@app.callback()
def team() -> None:
    """Teams of staff."""


@app.command("list")
def show_all(number: As) -> None:
    """Show every team with its head and members."""
    session.run_as(number, _show)


@app.command()
def put(name: Name, number: As, head: Annotated[str, typer.Option(help="staff number of its head")]) -> None:
    """Make a team, or give one another head."""
    session.run_as(number, partial(_put, name=name, head=head))


@app.command()
def join(person: Person, name: Name, number: As) -> None:
    """Put somebody into a team, out of the one they were in."""
    session.run_as(number, partial(_join, person=person, name=name))


@app.command()
def leave(person: Person, number: As) -> None:
    """Put somebody into no team."""
    session.run_as(number, partial(_join, person=person, name=""))


@app.command()
def dissolve(name: Name, number: As) -> None:
    """Forget a team."""
    session.run_as(number, partial(_dissolve, name=name))


async def _show(desk: Session, staff: Staff) -> None:
    found = await desk.database.read(lambda unit: teams.listed(unit, staff))
    heads = [word(f"team_head_{head}") for head in ("name", "head", "members")]
    show([heads, *([one.name, one.head or "-", ",".join(one.members) or "-"] for one in found)])


async def _put(desk: Session, staff: Staff, name: str, head: str) -> None:
    await desk.database.write(lambda unit: teams.put(unit, staff, name, head, desk.clock.now()))
    tell("team_put", name=name, head=head)


async def _join(desk: Session, staff: Staff, person: str, name: str) -> None:
    await desk.database.write(lambda unit: teams.join(unit, staff, person, name, desk.clock.now()))
    if name:
        tell("team_joined", number=person, name=name)
    else:
        tell("team_left", number=person)


async def _dissolve(desk: Session, staff: Staff, name: str) -> None:
    await desk.database.write(lambda unit: teams.dissolve(unit, staff, name, desk.clock.now()))
    tell("team_dissolved", name=name)
