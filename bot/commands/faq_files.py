"""`quanfu faq import|export`: entries to and from files."""

import asyncio
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import session
from bot.commands.session import Session
from bot.commands.words import name, tell, word
from bot.errors import QuanfuError
from services.knowledge import exports, imports
from services.knowledge.contents import Changed
from services.knowledge.editions import Editions
from services.knowledge.files import FileFault
from services.knowledge.imports import Plan
from services.knowledge.published import stock_of
from storage.repositories.staff import Staff

WRITERS = {".yaml": exports.as_yaml, ".yml": exports.as_yaml, ".xlsx": exports.as_workbook}

Source = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML or XLSX")]
Target = Annotated[Path, typer.Argument(dir_okay=False, help="a new file: .yaml or .xlsx")]
AsWho = Annotated[str | None, typer.Option("--as", help="your staff number; the password is asked for")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="show what it would change, and change nothing")]


@dataclass(frozen=True, slots=True)
class Given:
    """A file and what is in it."""

    file: Path
    content: bytes


def import_file(file: Source, number: AsWho = None, dry_run: DryRun = False) -> None:
    """Take entries from FILE as drafts; a file with faults changes nothing, and every fault is told with its line."""
    given = Given(file, file.read_bytes())
    if dry_run:
        session.run(partial(_show, given=given))
    elif number is None:
        raise typer.BadParameter(word("faq_who"))
    else:
        session.run_as(number, partial(_take, given=given))


def export_file(file: Target) -> None:
    """Write the published entries to FILE, to be changed and imported again."""
    if file.suffix.lower() not in WRITERS:
        raise typer.BadParameter(word("faq_suffix", file=file))
    if file.exists():
        raise QuanfuError(word("faq_file_exists", file=file))
    session.run(partial(_export, file=file))


async def _show(desk: Session, given: Given) -> None:
    await _plan(desk, given)


async def _plan(desk: Session, given: Given) -> Plan:
    """What a file would change, told step by step; QuanfuError where it has faults."""
    editions = Editions(desk.clock)
    plan = await desk.database.read(lambda unit: imports.plan(editions, unit, given.content))
    for fault in plan.faults:
        sys.stderr.write(_fault(given.file, fault) + "\n")
    if plan.faults:
        raise QuanfuError(word("faq_refused", file=given.file, faults=len(plan.faults)))
    for step in plan.steps:
        if step.before is None:
            tell("faq_new", entry=step.entry_id)
        else:
            tell("faq_changed", entry=step.entry_id, fields=_fields(step.changed))
    tell("faq_plan", changed=len(plan.steps), unchanged=plan.unchanged)
    return plan


async def _take(desk: Session, author: Staff, given: Given) -> None:
    plan = await _plan(desk, given)
    editions = Editions(desk.clock)
    drafts = await desk.database.write(lambda unit: imports.take(editions, unit, author, plan.steps))
    tell("faq_drafted", number=len(drafts))


async def _export(desk: Session, file: Path) -> None:
    stock = await desk.database.read(stock_of)
    written = WRITERS[file.suffix.lower()](stock.editions)
    await asyncio.to_thread(file.write_bytes, written)
    tell("faq_exported", number=len(stock.editions), file=file)


def _fault(file: Path, fault: FileFault) -> str:
    said = word(f"faq_fault_{fault.kind.value}", entry=fault.entry_id, detail=fault.detail)
    return f"{file}:{fault.line}: {said}"


def _fields(changed: list[Changed]) -> str:
    return ", ".join(name("faq_field", one.field) for one in changed)
