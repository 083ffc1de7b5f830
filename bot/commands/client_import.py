"""`quanfu clients import` and `quanfu clients mapping`: clients from a table of another system."""

from bot.commands import table_import
from bot.commands.table_import import As, Dry, Given, MappingName, Table
from services.client_import.intake import CLIENTS

mapping = table_import.mapping_commands(lambda: CLIENTS)


def import_file(file: Table, number: As, name: MappingName = None, dry_run: Dry = False) -> None:
    """Import clients: good rows are taken, every bad one is told and written to FILE.rejected.csv."""
    table_import.bring_in(number, CLIENTS, Given(file, name, dry_run))
