"""`quanfu clients`: bind codes for a list of clients, clients from a table, their plans and their rights."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.app import house_rules
from bot.clock import branch_date
from bot.commands import client_import, client_plan, client_rights, session
from bot.commands.broadcast_options import segment
from bot.commands.session import Session, private
from bot.commands.words import tell, word
from bot.vocabulary import Action, AssetBand, ConsentPurpose, RiskLevel
from services import code_lists, segments
from services.code_lists import Line
from services.identity import Identity, Order
from services.staff import demand
from storage.repositories import audiences
from storage.repositories.staff import Staff
from storage.unit import Unit

app = typer.Typer(no_args_is_help=True)
app.command("import")(client_import.import_file)
app.command("plan")(client_plan.plan)
app.command("import-codes")(client_import.import_codes)
app.add_typer(client_import.mapping, name="mapping")
app.add_typer(client_import.code_mapping, name="code-mapping")
app.add_typer(client_rights.app)

CHUNK = 100
"""Codes issued in one transaction."""

Table = Annotated[Path | None, typer.Option("--csv", exists=True, dir_okay=False, help="a table with a column number")]
Where = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="a condition as JSON")]


@dataclass(frozen=True, slots=True)
class Given:
    """Whose codes are wanted (a table, or a condition), with which consents, for how long, and where to."""

    table: Path | None
    condition: Mapping[str, Any] | None
    consents: Sequence[ConsentPurpose]
    days: int
    out: Path


@app.callback()
def clients() -> None:
    """Clients of the branch."""


@app.command()
def codes(
    number: Annotated[str, typer.Option("--as", help="your staff number; the password is asked for")],
    out: Annotated[Path, typer.Option(help="the table to be written; it must not be there yet")],
    table: Table = None,
    where: Where = None,
    asset_band: Annotated[list[AssetBand] | None, typer.Option(help="repeatable")] = None,
    risk_level: Annotated[list[RiskLevel] | None, typer.Option(help="repeatable")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="repeatable")] = None,
    name: Annotated[str | None, typer.Option("--segment", help="a named segment")] = None,
    consent: Annotated[list[ConsentPurpose] | None, typer.Option(help="agreed to in writing; repeatable")] = None,
    days: Annotated[int, typer.Option(min=1, max=30, help="life of the codes")] = 7,
) -> None:
    """Issue a bind code to each client of a table or a segment; earlier unused codes of theirs end."""
    chosen = bool(where or asset_band or risk_level or tag or name)
    if chosen == (table is not None):
        raise typer.BadParameter(word("codes_source"))
    condition = segment(where, asset_band or [], risk_level or [], tag or [], name) if chosen else None
    given = Given(table, condition, consent or [], days, out)
    session.run_as(number, partial(_codes, given=given))


async def _codes(desk: Session, staff: Staff, given: Given) -> None:
    demand(staff, Action.ISSUE_BIND_CODE)
    numbers = await desk.database.read(lambda unit: _numbers(unit, desk, staff, given))
    identity, now = Identity(house_rules(desk.settings.rules)), desk.clock.now()
    order = Order(0, staff.id, given.consents, now, timedelta(days=given.days))
    lines: list[Line] = []
    with private(given.out).open("w", encoding="utf-8-sig", newline="") as file:
        code_lists.begin(file)
        for start in range(0, len(numbers), CHUNK):
            part = numbers[start : start + CHUNK]
            hand_out = partial(code_lists.hand_out, identity=identity, staff=staff, numbers=part, order=order)
            made = await desk.database.write(hand_out)
            code_lists.append(made, file)
            lines += made
    await desk.database.write(lambda unit: code_lists.note(unit, staff, lines, now))
    _told(lines, given.out)


def _numbers(unit: Unit, desk: Session, staff: Staff, given: Given) -> list[str]:
    if given.table is not None:
        with given.table.open(encoding="utf-8-sig", newline="") as file:
            return code_lists.read(file)
    condition = segments.looked_up(unit, segments.read(given.condition))
    today = branch_date(desk.clock.now())
    return code_lists.members(unit, staff, audiences.chosen(condition, today))


def _told(lines: Sequence[Line], out: Path) -> None:
    reasons = Counter(line.refused for line in lines if line.refused)
    tell("codes_written", codes=sum(line.code is not None for line in lines), file=out)
    for reason, count in reasons.most_common():
        tell("codes_refused", reason=word(reason), number=count)
