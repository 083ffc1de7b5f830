"""`quanfu broadcast`: written by one member of staff, approved by another, sent by the running server."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.app import served
from bot.clock import branch_time
from bot.commands import session
from bot.commands.broadcast_options import Given, content, enclosed, segment
from bot.commands.session import Session
from bot.commands.tables import show
from bot.commands.words import name, spoken, tell, word
from bot.errors import QuanfuError
from bot.vocabulary import Action, AssetBand, Interest, Locale, ProductRisk, Purpose, RiskLevel
from bot.vocabulary.broadcasts import BroadcastState
from services.broadcasts import Broadcasts, Content, Report, freeze, give_up, report
from services.broadcasts.content import audience_of
from services.segments import Sentences
from services.segments.sentences import catalogue
from services.staff import demand
from storage.repositories.broadcasts import Broadcast
from storage.repositories.staff import Staff
from storage.unit import Unit

app = typer.Typer(no_args_is_help=True)

MINUTE = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
As = Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")]
Id = Annotated[int, typer.Argument(help="number of the broadcast")]
Reason = Annotated[str | None, typer.Option(help="why, for the audit trail")]
Wait = Annotated[bool, typer.Option("--wait", help="follow the progress to the end")]
File = Annotated[Path | None, typer.Option(exists=True, dir_okay=False)]
Moment = Annotated[datetime | None, typer.Option(formats=MINUTE, help="branch time")]

Deed = Callable[[Broadcasts, Unit, Staff], Broadcast]


@app.callback()
def broadcast() -> None:
    """Messages to many clients."""


@app.command()
def create(
    number: As,
    title: Annotated[str, typer.Option("--name", help="how staff call it")],
    purpose: Annotated[Purpose, typer.Option(help="what it is for")],
    body: Annotated[str | None, typer.Option(help="the Chinese text")] = None,
    body_file: File = None,
    body_en: Annotated[str | None, typer.Option(help="the English text")] = None,
    body_en_file: File = None,
    where: File = None,
    asset_band: Annotated[list[AssetBand] | None, typer.Option(help="repeatable")] = None,
    risk_level: Annotated[list[RiskLevel] | None, typer.Option(help="repeatable")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="repeatable")] = None,
    named: Annotated[str | None, typer.Option("--segment", help="a named segment")] = None,
    material: Annotated[str | None, typer.Option(help="number of the reviewed material")] = None,
    risk: Annotated[ProductRisk | None, typer.Option(help="risk of the product")] = None,
    topic: Annotated[Interest | None, typer.Option(help="its subject, for clients who chose subjects")] = None,
    enclose: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="a picture or PDF below")] = None,
    send_at: Moment = None,
    latest_at: Moment = None,
    edit: Annotated[int | None, typer.Option(help="put this content into an earlier broadcast of yours")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="do not hand it in for approval yet")] = False,
) -> None:
    """Write a broadcast and hand it in for approval."""
    bodies = {Locale.ZH_CN: (body, body_file), Locale.EN: (body_en, body_en_file)}
    condition = segment(where, asset_band or [], risk_level or [], tag or [], named)
    given = Given(title, purpose, bodies, condition, material, risk, topic, send_at, latest_at)
    order = Order(content(given), edit, draft, enclose.read_bytes() if enclose else None)
    session.run_as(number, partial(_create, order=order))


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be kept: as an edit of an earlier one, as a draft only, and with a file below the words."""

    written: Content
    edit: int | None
    draft: bool
    file: bytes | None


async def _create(desk: Session, author: Staff, order: Order) -> None:
    broadcasts, edit = desk.outreach.broadcasts, order.edit
    demand(author, Action.WRITE_BROADCAST)  # before a file is kept
    media_id = await enclosed(desk.library, order.file) if order.file else None
    written = replace(order.written, media_id=media_id)

    def keep(unit: Unit) -> Broadcast:
        kept = broadcasts.edit(unit, author, edit, written) if edit else broadcasts.create(unit, author, written)
        return kept if order.draft else broadcasts.submit(unit, author, kept.id)

    _told(await desk.database.write(keep))


@app.command()
def submit(broadcast_id: Id, number: As) -> None:
    """Hand a draft in for approval."""
    _deed(number, lambda broadcasts, unit, staff: broadcasts.submit(unit, staff, broadcast_id))


@app.command()
def preview(broadcast_id: Id, number: As) -> None:
    """Show whom it would reach, who cannot be reached and why, and what they would read."""
    session.run_as(number, partial(_preview, broadcast_id=broadcast_id))


async def _preview(desk: Session, reader: Staff, broadcast_id: int) -> None:
    broadcasts = desk.outreach.broadcasts
    found = await desk.database.read(lambda unit: broadcasts.preview(unit, reader, broadcast_id))
    tell("broadcast_count", number=found.count)
    for channel, reached in found.reachable.items():
        tell("broadcast_reaches", channel=name("channel", channel), number=reached)
    for rule, later in found.waiting.items():
        tell("broadcast_waits", reason=name("rule", rule), number=later)
    for rule, kept_back in found.unreachable.items():
        tell("broadcast_misses", reason=name("rule", rule), number=kept_back)
    if found.sample:
        show([[member.number, member.name] for member in found.sample])
    await _content(desk, reader, broadcast_id)


async def _content(desk: Session, reader: Staff, broadcast_id: int) -> Broadcast:
    """Show whom it is for and what clients would read; returns the broadcast that was shown."""
    broadcasts = desk.outreach.broadcasts
    one, said = await desk.database.read(lambda unit: broadcasts.read_out(unit, reader, broadcast_id))
    sentences = Sentences(catalogue(), broadcasts.speech.texts)
    tell("broadcast_for", sentence=sentences.say(audience_of(one.content), spoken()))
    if one.content.media_id is not None:
        tell("broadcast_encloses", id=one.id)
    if one.content.topic is not None:
        tell("broadcast_topic", topic=broadcasts.speech.texts.label(f"interest_{one.content.topic}", spoken()))
    for locale, text in said.items():
        sys.stdout.write(f"--- {locale}\n{text}\n")
    _told(one)
    return one


@app.command()
def approve(
    broadcast_id: Id, number: As, yes: Annotated[bool, typer.Option("--yes", help="do not ask again")] = False
) -> None:
    """Release it for sending, as somebody else than its author."""
    session.run_as(number, partial(_approve, broadcast_id=broadcast_id, sure=yes))


async def _approve(desk: Session, approver: Staff, broadcast_id: int, sure: bool) -> None:
    shown = await _content(desk, approver, broadcast_id)
    sure = sure or not sys.stdin.isatty()  # a script that names the broadcast has decided
    if not sure and not typer.confirm(word("broadcast_approve_ask")):
        raise QuanfuError(word("broadcast_not_approved"))
    broadcasts = desk.outreach.broadcasts
    _told(await desk.database.write(lambda unit: broadcasts.approve(unit, approver, broadcast_id, shown.content_hash)))


@app.command()
def send(broadcast_id: Id, number: As, wait: Wait = False) -> None:
    """Freeze the audience and let the server send."""
    session.run_as(number, partial(_send, broadcast_id=broadcast_id, wait=wait))


async def _send(desk: Session, sender: Staff, broadcast_id: int, wait: bool) -> None:
    broadcasts = desk.outreach.broadcasts
    await desk.database.write(lambda unit: broadcasts.send(unit, sender, broadcast_id))
    await freeze(desk.database, broadcasts, broadcast_id)
    begun = await desk.database.read(lambda unit: broadcasts.one(unit, broadcast_id))
    tell("broadcast_begun", id=broadcast_id, audience=begun.audience)
    if not served(desk.settings):
        tell("no_server")
    elif wait:
        await _follow(desk, sender, broadcast_id)


async def _follow(desk: Session, reader: Staff, broadcast_id: int) -> None:
    """A line whenever something moved, and what waits for a rule, until nothing is left or somebody stopped it."""
    broadcasts, before = desk.outreach.broadcasts, None
    while True:
        found = await desk.database.read(lambda unit: broadcasts.report(unit, reader, broadcast_id))
        left = found.number(report.OPEN)
        moved = left, found.figures.held
        if moved != before:
            tell("broadcast_left", left=left, audience=found.broadcast.audience)
            for rule, number in found.figures.held.items():
                tell("broadcast_held", reason=name("rule", rule), number=number)
        if not left or found.broadcast.state is not BroadcastState.SENDING:
            _figures(found)
            return
        before = moved
        await asyncio.sleep(1)


@app.command("report")
def show_report(
    broadcast_id: Id,
    number: As,
    csv: Annotated[
        Path | None, typer.Option(dir_okay=False, help="write every recipient, masked, into this file")
    ] = None,
) -> None:
    """Show what became of it, by state, channel and reason, and every doubtful message."""
    session.run_as(number, partial(_report, broadcast_id=broadcast_id, csv=csv))


async def _report(desk: Session, reader: Staff, broadcast_id: int, csv: Path | None) -> None:
    broadcasts = desk.outreach.broadcasts
    found = await desk.database.read(lambda unit: broadcasts.report(unit, reader, broadcast_id))
    _figures(found)
    for line in await desk.database.read(lambda unit: report.doubtful(unit, broadcast_id)):
        tell("broadcast_doubtful", delivery=line.delivery_id, number=line.client_number, channel=line.channel)
    if csv:
        with csv.open("w", encoding="utf-8-sig", newline="") as file:  # with the mark that Excel wants
            await desk.database.read(lambda unit: report.download(unit, broadcast_id, file))
        tell("broadcast_written", file=csv)


@app.command()
def pause(broadcast_id: Id, number: As, reason: Reason = None) -> None:
    """Hold back what has not gone out."""
    _deed(number, lambda broadcasts, unit, staff: broadcasts.pause(unit, staff, broadcast_id, reason))


@app.command()
def resume(broadcast_id: Id, number: As) -> None:
    """Go on with a paused one."""
    _deed(number, lambda broadcasts, unit, staff: broadcasts.resume(unit, staff, broadcast_id))


@app.command()
def kill(broadcast_id: Id, number: As, reason: Reason = None) -> None:
    """Give up what has not gone out, for good."""
    session.run_as(number, partial(_kill, broadcast_id=broadcast_id, reason=reason))


async def _kill(desk: Session, stopper: Staff, broadcast_id: int, reason: str | None) -> None:
    broadcasts = desk.outreach.broadcasts
    cancelled = await desk.database.write(lambda unit: broadcasts.kill(unit, stopper, broadcast_id, reason))
    await give_up(desk.database, broadcasts.clock.now())
    tell("broadcast_cancelled", id=broadcast_id, number=cancelled)


@app.command("list")
def list_all(number: As) -> None:
    """Show the newest broadcasts."""
    session.run_as(number, _list)


async def _list(desk: Session, reader: Staff) -> None:
    broadcasts = desk.outreach.broadcasts
    found = await desk.database.read(lambda unit: broadcasts.listed(unit, reader))
    if found:
        show([_row(one) for one in found])


def _row(one: Broadcast) -> list[str]:
    at = one.started_at or one.content.send_at
    when = f"{branch_time(at):%Y-%m-%d %H:%M}" if at else "–"
    audience = "–" if one.audience is None else str(one.audience)
    return [str(one.id), name("broadcast_state", one.state), one.content.purpose, audience, when, one.content.name]


def _deed(number: str, deed: Deed) -> None:
    async def done(desk: Session, staff: Staff) -> None:
        broadcasts = desk.outreach.broadcasts
        _told(await desk.database.write(lambda unit: deed(broadcasts, unit, staff)))

    session.run_as(number, done)


def _told(one: Broadcast) -> None:
    tell("broadcast_stands", id=one.id, name=one.content.name, state=name("broadcast_state", one.state))


def _figures(found: Report) -> None:
    _told(found.broadcast)
    rows = [
        [
            name("delivery", each.state),
            name("channel", each.channel or "none"),
            name("rule", each.rule or "none"),
            str(each.number),
        ]
        for each in found.figures.counts
    ]
    if rows:
        show(rows)
