"""`quanfu holdings`: what clients hold, trade and keep in cash, from tables of the counter system."""

from functools import partial
from typing import Annotated

import typer

from bot.clock import branch_date
from bot.commands import session, table_import
from bot.commands.session import Session
from bot.commands.table_import import As, Dry, Given, MappingName, Table
from bot.commands.words import tell
from bot.vocabulary import Action, Extent, TableKind
from services import engagement
from services.holdings import figures, tables
from services.staff import demand
from storage.repositories.staff import Staff

app = typer.Typer(no_args_is_help=True)
mapping = typer.Typer(no_args_is_help=True, help="Named mappings: their column to our field.")
for _name, _kind in (("holdings", TableKind.HOLDING), ("trades", TableKind.TRADE), ("cash", TableKind.BALANCE)):
    mapping.add_typer(table_import.mapping_commands(partial(tables.noun, _kind)), name=_name)
app.add_typer(mapping, name="mapping")


@app.callback()
def holdings() -> None:
    """Holdings, trades and cash of clients; imported, never edited."""


@app.command("import")
def import_holdings(
    file: Table,
    number: As,
    of: Annotated[
        Extent,
        typer.Option(
            help="of whom the file tells everything: who is not in one of the branch held nothing on its days"
        ),
    ],
    name: MappingName = None,
    dry_run: Dry = False,
) -> None:
    """Import what clients hold on a day, each instrument in a row; bad rows are written to FILE.rejected.csv."""
    table_import.bring_in(number, tables.noun(TableKind.HOLDING), Given(file, name, dry_run, of))


@app.command("trades")
def import_trades(file: Table, number: As, name: MappingName = None, dry_run: Dry = False) -> None:
    """Import trades, each with its reference in a row; bad rows are written to FILE.rejected.csv."""
    table_import.bring_in(number, tables.noun(TableKind.TRADE), Given(file, name, dry_run))


@app.command("cash")
def import_cash(file: Table, number: As, name: MappingName = None, dry_run: Dry = False) -> None:
    """Import cash and margin ratios of a day; bad rows are written to FILE.rejected.csv."""
    table_import.bring_in(number, tables.noun(TableKind.BALANCE), Given(file, name, dry_run))


@app.command("figures")
def reckon(number: As) -> None:
    """Bring assets, shares and engagement up to date now, as every morning does by itself."""
    session.run_as(number, _reckon)


async def _reckon(desk: Session, staff: Staff) -> None:
    demand(staff, Action.IMPORT_CLIENTS)
    now = desk.clock.now()
    tell("figures_done", clients=await figures.refresh(desk.database, now))
    await engagement.count(desk.database, branch_date(now))
