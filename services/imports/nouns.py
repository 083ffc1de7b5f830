"""Every kind of table that can be brought in."""

from bot.vocabulary import TableKind
from services.client_import.intake import CLIENTS
from services.holdings import tables
from services.tables.run import Noun

KINDS = tuple(TableKind)


def noun(kind: TableKind) -> Noun:
    """What such a table holds; for one import, as some gather what their file tells of."""
    return CLIENTS if kind is TableKind.CLIENT else tables.noun(kind)
