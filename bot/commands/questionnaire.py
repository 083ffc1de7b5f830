"""`quanfu questionnaire`: the versions of the questionnaire by which clients' tolerance of risk is judged."""

import sys
from functools import partial
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer

from bot.clock import branch_date, branch_time
from bot.commands import session
from bot.commands.session import Session
from bot.commands.tables import show
from bot.commands.words import tell, word
from bot.errors import QuanfuError
from services.suitability import questionnaires
from services.suitability.questionnaire import Questionnaire, read
from storage.repositories import questionnaires as rows

app = typer.Typer(no_args_is_help=True)

VersionFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a version in the form of the sample")]


@app.callback()
def questionnaire() -> None:
    """The questionnaire of risk tolerance."""


@app.command("import")
def import_version(file: VersionFile) -> None:
    """Import a version and ask it from now on; earlier ones are kept. A file with faults changes nothing."""
    found = read(file.read_bytes())
    if isinstance(found, Questionnaire):
        session.run(partial(_import, found=found))
        return
    for fault in found:
        sys.stderr.write(f"{file}: {fault.place}: {word(f'questionnaire_fault_{fault.kind.value}')}\n")
    raise QuanfuError(word("questionnaire_refused", file=file, faults=len(found)))


@app.command("list")
def list_versions() -> None:
    """Show the imported versions, the one in use first."""
    session.run(_list)


async def _import(desk: Session, found: Questionnaire) -> None:
    now = desk.clock.now()
    new = await desk.database.write(lambda unit: questionnaires.take(unit, found, getuser(), now))
    if new:
        tell("questionnaire_imported", version=found.version, questions=len(found.questions))
    else:
        tell("questionnaire_unchanged", version=found.version)
    if found.sample:
        tell("questionnaire_sample")


async def _list(desk: Session) -> None:
    versions = await desk.database.read(rows.all_of)
    heads = [word(f"questionnaire_head_{name}") for name in ("version", "used", "by", "at")]
    lines = [
        [
            one.version,
            f"{branch_time(one.used_from):%Y-%m-%d %H:%M}",
            one.imported_by,
            str(branch_date(one.imported_at)),
        ]
        for one in versions
    ]
    show([heads, *lines])
