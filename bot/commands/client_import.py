"""`quanfu clients import` and `import-codes`, and their mappings: clients and bind codes from tables of others."""

from bot.commands import table_import
from bot.commands.table_import import As, Dry, Given, MappingName, Table
from services.client_import.intake import CLIENTS
from services.code_tables import BIND_CODES

mapping = table_import.mapping_commands(lambda: CLIENTS)
code_mapping = table_import.mapping_commands(lambda: BIND_CODES)


def import_file(file: Table, number: As, name: MappingName = None, dry_run: Dry = False) -> None:
    """Import clients: good rows are taken, every bad one is told and written to FILE.rejected.csv."""
    table_import.bring_in(number, CLIENTS, Given(file, name, dry_run))


def import_codes(file: Table, number: As, name: MappingName = None, dry_run: Dry = False) -> None:
    """Import bind codes that others printed: an earlier unused code ends, the same file changes nothing."""
    table_import.bring_in(number, BIND_CODES, Given(file, name, dry_run))
