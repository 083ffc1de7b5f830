"""`quanfu staff`: who works here, in which roles, and who takes over from whom."""

import asyncio
import os
import sys
from datetime import date, datetime
from functools import partial
from getpass import getpass
from typing import Annotated

import typer

from bot import settings
from bot.app import open_database
from bot.clock import SystemClock
from bot.commands import session
from bot.commands.session import Session
from bot.commands.tables import show
from bot.commands.words import tell, word
from bot.errors import QuanfuError, Refused
from bot.vocabulary import Role
from services import absences, personnel, second_factor
from services.personnel import Member
from services.staff import hash_password
from storage.repositories import staff as rows
from storage.repositories.staff import NewStaff, Staff

app = typer.Typer(no_args_is_help=True)

Number = Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")]
Person = Annotated[str, typer.Argument(help="the staff number")]
Taker = Annotated[str, typer.Option(help="the colleague's staff number")]
HEADS = ("number", "name", "roles", "team", "state", "clients", "tickets", "chats")
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
            raise Refused("staff_taken", number=number)
        new = NewStaff(number, name, roles, _hashed(_chosen(number)), licence=licence)
        await database.write(lambda unit: personnel.add(unit, None, new, SystemClock().now()))
        tell("staff_added", number=number, roles=", ".join(roles))
    except Refused as refusal:
        raise QuanfuError(session.said(refusal)) from None
    finally:
        database.close()


@app.command("list")
def show_all(number: Number) -> None:
    """Show everybody with their roles and what they are in charge of."""
    session.run_as(number, _show)


@app.command("role")
def change(
    person: Person,
    role: Annotated[list[Role], typer.Option(help="a role; may be given several times, and replaces those before")],
    number: Number,
) -> None:
    """Give somebody these roles and no others."""
    session.run_as(number, partial(_change, person=person, roles=role))


@app.command()
def handover(person: Person, number: Number, to: Taker) -> None:
    """Give somebody's clients, open tickets and conversations to a colleague."""
    session.run_as(number, partial(_hand_over, person=person, to=to))


@app.command()
def deactivate(person: Person, number: Number, to: Taker = "") -> None:
    """Let somebody go: a colleague takes over, sign-ins end at once."""
    session.run_as(number, partial(_deactivate, person=person, to=to))


@app.command()
def absent(
    person: Person,
    number: Number,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="the first day away")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="the last day away")],
) -> None:
    """Note days on which somebody is not here: their clients go to the queue then."""
    session.run_as(number, partial(_absent, person=person, days=(first.date(), last.date())))


@app.command("reset-code")
def reset_code(person: Person, number: Number) -> None:
    """Take somebody's one-time codes away, as after a lost telephone; they set them up anew."""
    session.run_as(number, partial(_reset, person=person))


async def _absent(desk: Session, staff: Staff, person: str, days: tuple[date, date]) -> None:
    await desk.database.write(lambda unit: absences.add(unit, staff, person, days, desk.clock.now()))
    tell("staff_absent", number=person, first=days[0].isoformat(), last=days[1].isoformat())


async def _reset(desk: Session, staff: Staff, person: str) -> None:
    await desk.database.write(lambda unit: second_factor.reset(unit, staff, person, desk.clock.now()))
    tell("staff_second_reset", number=person)


async def _show(desk: Session, staff: Staff) -> None:
    found = await desk.database.read(lambda unit: personnel.listed(unit, staff))
    show([[word(f"staff_head_{head}") for head in HEADS], *map(_row, found)])


def _row(member: Member) -> list[str]:
    person, charge = member.staff, member.charge
    numbers = [str(number) for number in (charge.clients, charge.tickets, charge.chats)]
    return [
        person.number,
        person.name,
        ",".join(sorted(person.roles)),
        member.team or "-",
        word(f"staff_{person.state}"),
        *numbers,
    ]


async def _change(desk: Session, staff: Staff, person: str, roles: list[Role]) -> None:
    await desk.database.write(lambda unit: personnel.set_roles(unit, staff, person, roles, desk.clock.now()))
    tell("staff_roles_set", number=person, roles=", ".join(roles))


async def _hand_over(desk: Session, staff: Staff, person: str, to: str) -> None:
    charge = await desk.database.write(lambda unit: personnel.hand_over(unit, staff, person, to, desk.clock.now()))
    tell("staff_handed", to=to, clients=charge.clients, tickets=charge.tickets, chats=charge.chats)


async def _deactivate(desk: Session, staff: Staff, person: str, to: str) -> None:
    charge = await desk.database.write(lambda unit: personnel.deactivate(unit, staff, person, to, desk.clock.now()))
    if charge:
        tell("staff_handed", to=to, clients=charge.clients, tickets=charge.tickets, chats=charge.chats)
    tell("staff_deactivated", number=person)


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
