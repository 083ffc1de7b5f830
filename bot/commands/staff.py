"""quanfu staff: who may sign in to the console."""

import asyncio
import os
import sys
from getpass import getpass
from typing import Annotated

import typer

from bot import settings
from bot.app import open_database
from bot.clock import SystemClock
from bot.commands.words import tell, word
from bot.errors import QuanfuError, Refused
from bot.vocabulary import Role
from services import audit
from services.audit import Deed
from services.staff import hash_password
from storage.repositories import staff as rows
from storage.repositories.staff import NewStaff
from storage.unit import Unit

app = typer.Typer(no_args_is_help=True)

PASSWORD = "QUANFU_PASSWORD"  # noqa: S105 - the variable's name


@app.callback()
def staff() -> None:
    """Members of staff."""


@app.command()
def add(
    number: Annotated[str, typer.Argument(help="what the person signs in with")],
    name: Annotated[str, typer.Argument(help="the person's name")],
    role: Annotated[list[Role], typer.Option(help="a role; may be given several times")],
    licence: Annotated[str, typer.Option(help="practising licence")] = "",
) -> None:
    """Add a member of staff; the password is asked for, and must be changed at the first sign-in."""
    asyncio.run(_add(number, name, role, licence))


async def _add(number: str, name: str, roles: list[Role], licence: str) -> None:
    database = open_database(settings.load())
    try:
        if await database.read(lambda unit: rows.by_number(unit, number)):
            raise QuanfuError(word("staff_taken", number=number))
        new = NewStaff(number, name, roles, _hashed(_chosen(number)), licence=licence)
        await database.write(lambda unit: _kept(unit, new))
        tell("staff_added", number=number, roles=", ".join(roles))
    finally:
        database.close()


def _kept(unit: Unit, new: NewStaff) -> None:
    now = SystemClock().now()
    staff_id = rows.add(unit, new, now)
    audit.record(unit, Deed("staff.add", f"staff:{staff_id}", now, detail={"roles": ",".join(new.roles)}))


def _hashed(password: str) -> str:
    try:
        return hash_password(password)
    except Refused as refusal:
        raise QuanfuError(word(refusal.key, **refusal.parameters)) from None


def _chosen(number: str) -> str:
    """The password: from the environment for scripts, else asked for twice without echo."""
    given = os.environ.get(PASSWORD)
    if given:
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass(word("staff_password", number=number))
    if getpass(word("staff_again")) != first:
        raise QuanfuError(word("staff_differ"))
    return first
