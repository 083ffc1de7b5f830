"""`quanfu clients export|erase|merge|…`: what one person may ask for, and what stands against it."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.clock import branch_time
from bot.commands import session
from bot.commands.session import Session, private
from bot.commands.tables import show
from bot.commands.words import tell, word
from bot.errors import Refused
from bot.vocabulary.rights import RequestKind
from services.rights import copies, erasure, holds, merging, requests
from services.rights.erasure import Plan
from services.rights.requests import Answer, Wish
from storage.repositories.client_requests import Listed
from storage.repositories.staff import Staff

app = typer.Typer(no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="the client's number")]
Acting = Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")]
Reason = Annotated[str, typer.Option(help="why; it is kept in the audit trail")]


RequestId = Annotated[int, typer.Argument(help="the request's number")]


@app.command()
def export(
    client_number: Number,
    number: Acting,
    reason: Annotated[str, typer.Option(help="why; asks for a copy, which somebody else approves")] = "",
    out: Annotated[Path | None, typer.Option(help="the ZIP of an approved copy; it must not be there yet")] = None,
) -> None:
    """Ask for a copy of all that is held of one person, or write the approved one to a file; both are recorded."""
    if bool(reason) == (out is not None):
        raise typer.BadParameter(word("copy_ask_or_take"))
    if out is None:
        session.run_as(number, partial(_ask_copy, client=client_number, reason=reason))
    else:
        session.run_as(number, partial(_export, client=client_number, out=out))


async def _ask_copy(desk: Session, staff: Staff, client: str, reason: str) -> None:
    wish = Wish(client, staff, reason, desk.clock.now())
    tell("request_asked", request=await desk.database.write(lambda unit: copies.ask(unit, wish)))


async def _export(desk: Session, staff: Staff, client: str, out: Path) -> None:
    now, file = desk.clock.now(), private(out)
    try:
        copy = await desk.database.write(lambda unit: copies.take(unit, staff, client, now))
    except Refused:
        file.unlink()
        raise
    file.write_bytes(copies.packed(copy))
    tell("client_exported", file=out)


@app.command()
def erase(
    client_number: Number,
    number: Acting,
    reason: Annotated[str, typer.Option(help="why; not needed for a dry run")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="only tell what would go, what must stay, until when")
    ] = False,
) -> None:
    """Ask for a client's erasure; somebody else approves it."""
    if dry_run:
        session.run_as(number, partial(_plan, client=client_number))
    else:
        session.run_as(number, partial(_erase, client=client_number, reason=reason))


@app.command()
def merge(
    client_number: Number,
    into: Annotated[str, typer.Argument(help="the number of the record that stays")],
    number: Acting,
    reason: Reason,
) -> None:
    """Ask for two records of one person to be made one; somebody else approves it."""
    session.run_as(number, partial(_merge, client=client_number, into=into, reason=reason))


@app.command()
def approve(request: RequestId, number: Acting) -> None:
    """Carry out what somebody else asked for."""
    session.run_as(number, partial(_approve, request=request))


@app.command()
def decline(request: RequestId, number: Acting, reason: Reason) -> None:
    """Decline a request, or take one's own back."""
    session.run_as(number, partial(_decline, request=request, reason=reason))


@app.command("requests")
def list_requests(number: Acting) -> None:
    """Show what waits for a second person, or for a day."""
    session.run_as(number, _requests)


@app.command()
def hold(client_number: Number, number: Acting, reason: Reason) -> None:
    """Set a legal hold: nothing of the client is erased until it is lifted."""
    session.run_as(number, partial(_hold, client=client_number, reason=reason))


@app.command()
def release(client_number: Number, number: Acting, reason: Reason) -> None:
    """Lift the legal hold of a client."""
    session.run_as(number, partial(_release, client=client_number, reason=reason))


async def _plan(desk: Session, staff: Staff, client: str) -> None:
    now = desk.clock.now()
    _told(await desk.database.read(lambda unit: erasure.plan(unit, staff, client, now)))


async def _erase(desk: Session, staff: Staff, client: str, reason: str) -> None:
    wish = Wish(client, staff, reason, desk.clock.now())
    tell("request_asked", request=await desk.database.write(lambda unit: erasure.ask(unit, wish)))


async def _merge(desk: Session, staff: Staff, client: str, into: str, reason: str) -> None:
    wish = Wish(client, staff, reason, desk.clock.now())
    tell("request_asked", request=await desk.database.write(lambda unit: merging.ask(unit, wish, into)))


async def _approve(desk: Session, staff: Staff, request: int) -> None:
    answer = Answer(request, staff, desk.clock.now())
    kind = await desk.database.read(lambda unit: requests.kind_of(unit, staff, request))
    if kind is RequestKind.MERGE:
        pair = await desk.database.write(lambda unit: merging.approve(unit, answer))
        tell("merge_done", one=pair.one.number, into=pair.into.number)
    elif kind is RequestKind.COPY:
        await desk.database.write(lambda unit: copies.approve(unit, answer))
        tell("copy_approved")
    else:
        _erased(await desk.database.write(lambda unit: erasure.approve(unit, answer)))


def _erased(found: Plan) -> None:
    _told(found)
    if found.next_on is None:
        tell("erase_done_whole")
    else:
        tell("erase_done", next=found.next_on)


async def _decline(desk: Session, staff: Staff, request: int, reason: str) -> None:
    answer = Answer(request, staff, desk.clock.now(), reason)
    await desk.database.write(lambda unit: requests.decline(unit, answer))
    tell("request_declined", request=request)


async def _requests(desk: Session, staff: Staff) -> None:
    found = await desk.database.read(lambda unit: requests.waiting(unit, staff))
    if not found:
        tell("request_none")
        return
    heads = [word(f"request_head_{name}") for name in ("id", "kind", "client", "asked", "at", "next")]
    show([heads, *map(_line, found)])


def _line(one: Listed) -> list[str]:
    request = one.request
    asked_at = f"{branch_time(request.asked_at):%Y-%m-%d %H:%M}"
    return [
        str(request.id),
        word(f"request_kind_{request.kind}"),
        one.client,
        one.staff,
        asked_at,
        _day(request.next_on),
    ]


async def _hold(desk: Session, staff: Staff, client: str, reason: str) -> None:
    wish = Wish(client, staff, reason, desk.clock.now())
    await desk.database.write(lambda unit: holds.put(unit, wish))
    tell("hold_put")


async def _release(desk: Session, staff: Staff, client: str, reason: str) -> None:
    wish = Wish(client, staff, reason, desk.clock.now())
    await desk.database.write(lambda unit: holds.lift(unit, wish))
    tell("hold_lifted")


def _told(plan: Plan) -> None:
    heads = [word(f"erase_head_{name}") for name in ("class", "goes", "stays", "until")]
    lines = [[word(f"keep_{one.keep}"), str(one.goes), str(one.stays), _day(one.until)] for one in plan.shares]
    show([heads, *lines])
    for hold in plan.holds:
        tell("hold_standing", at=f"{branch_time(hold.set_at):%Y-%m-%d}", reason=hold.reason)
    if plan.open_tickets:
        tell("erase_open_tickets", number=plan.open_tickets)
    if plan.awaiting_staff:
        tell("erase_awaiting_staff")


def _day(day: date | None) -> str:
    return "–" if day is None else day.isoformat()
