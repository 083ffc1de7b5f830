"""`quanfu audit`: whether the audit trail is whole, and a file of it for the regulator."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot import settings
from bot.app import open_database
from bot.commands import session
from bot.commands.session import Session, private
from bot.commands.words import tell, word
from bot.errors import QuanfuError, Refused
from services.audit import heads, trail
from services.audit.chain import Break, Chain, Report
from services.audit.trail import Days, Form
from storage.repositories.audit_chain import Head
from storage.repositories.staff import Staff

app = typer.Typer(no_args_is_help=True)


@app.callback()
def audit() -> None:
    """The audit trail."""


@app.command()
def verify(
    head: Annotated[
        list[str] | None, typer.Option(help='an end told in the log, as "ENTRIES SEAL"; may be given several times')
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--heads", help="a file of ends instead of the one in the settings")
    ] = None,
) -> None:
    """Look through the whole audit trail: names the first broken entry, finds a cut end, counts unsealed entries."""
    asyncio.run(_verify(head or [], file))


@app.command()
def export(
    number: Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="the first day")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="the last day")],
    out: Annotated[Path, typer.Option(help="the file to be written, .csv or .jsonl; it must not be there yet")],
) -> None:
    """Write the audit trail of some days to a file; that you did is recorded."""
    if out.suffix[1:] not in list(Form):
        raise typer.BadParameter(word("audit_suffix"))
    days = Days(first.date(), last.date())
    session.run_as(number, partial(_export, days=days, out=out))


async def _export(desk: Session, staff: Staff, days: Days, out: Path) -> None:
    form, now = Form(out.suffix[1:]), desk.clock.now()
    file = private(out)
    try:
        await desk.database.write(lambda unit: trail.begin_export(unit, staff, days, form, now))
    except Refused:
        file.unlink()
        raise
    with file.open("w", encoding="utf-8", newline="") as opened:
        async for piece in trail.exported(desk.database, days, form):
            opened.write(piece)
    tell("audit_exported", file=out)


async def _verify(given: Sequence[str], file: Path | None) -> None:
    current = settings.load()
    told = file or (Path(current.audit.heads) if current.audit.heads else None)
    published = [*_read("\n".join(given), "--head"), *_published(told)]
    database = open_database(current)
    try:
        report = await Chain(database).verify(published)
    finally:
        database.close()
    _tell(report, len(published))
    if report.broken:
        raise QuanfuError(_said(report.broken))


def _published(file: Path | None) -> list[Head]:
    """The ends in a file; one that is not there is refused, as it may have been taken away."""
    if file is None:
        return []
    try:
        return _read(file.read_text("utf-8"), str(file))
    except FileNotFoundError:
        raise QuanfuError(word("audit_no_heads", file=file)) from None


def _read(text: str, place: str) -> list[Head]:
    try:
        return heads.read(text)
    except ValueError:
        raise QuanfuError(word("audit_heads_unreadable", place=place)) from None


def _tell(report: Report, published: int) -> None:
    tell("audit_sealed", entries=report.head.place, published=published)
    if report.unsealed:
        tell("audit_unsealed", entries=report.unsealed)
    if not report.broken:
        tell("audit_whole")


def _said(broken: Break) -> str:
    return word(f"audit_{broken.fault}", place=broken.place, entry=broken.entry_id or "–")
