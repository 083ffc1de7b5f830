"""`quanfu integration`: systems of the branch that use the JSON API."""

from functools import partial
from typing import Annotated

import typer

from bot.commands import session
from bot.commands.session import Session
from bot.commands.tables import show
from bot.commands.words import tell, word
from bot.vocabulary import Scope
from services.integrations import register
from services.integrations.register import PER_MINUTE, Wish
from storage.repositories.integrations import Integration
from storage.repositories.staff import Staff

app = typer.Typer(no_args_is_help=True)

Number = Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")]
Name = Annotated[str, typer.Argument(help="the system's name: small letters, digits, - and _")]


@app.callback()
def integration() -> None:
    """Systems of the branch that use the JSON API."""


@app.command()
def add(
    name: Name,
    scope: Annotated[list[Scope], typer.Option(help="what it may do; may be given several times")],
    number: Number,
    per_minute: Annotated[int, typer.Option(help="requests a minute")] = PER_MINUTE,
) -> None:
    """Let a system in and print its token, once."""
    session.run_as(number, partial(_add, wish=Wish(name, scope, per_minute)))


@app.command("list")
def show_all(number: Number) -> None:
    """Show all systems with their scopes."""
    session.run_as(number, _list)


@app.command()
def revoke(name: Name, number: Number) -> None:
    """Shut a system out at once."""
    session.run_as(number, partial(_revoke, name=name))


async def _add(desk: Session, staff: Staff, wish: Wish) -> None:
    token = await desk.database.write(lambda unit: register.add(unit, staff, wish, desk.clock.now()))
    tell("integration_added", name=wish.name, token=token)


async def _list(desk: Session, staff: Staff) -> None:
    found = await desk.database.read(lambda unit: register.listed(unit, staff))
    heads = [word(f"integration_head_{head}") for head in ("name", "state", "per_minute", "scopes")]
    show([heads, *map(_row, found)])


def _row(one: Integration) -> list[str]:
    state = word("integration_active" if one.revoked_at is None else "integration_revoked")
    return [one.name, state, str(one.per_minute), ",".join(sorted(one.scopes))]


async def _revoke(desk: Session, staff: Staff, name: str) -> None:
    await desk.database.write(lambda unit: register.revoke(unit, staff, name, desk.clock.now()))
    tell("integration_shut_out", name=name)
