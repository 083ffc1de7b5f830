"""Every kind of table that can be brought in."""

from bot.vocabulary import TableKind
from services.client_import.intake import CLIENTS
from services.code_tables import BIND_CODES
from services.holdings import tables
from services.segments import lists
from services.suitability.product_tables import PRODUCTS
from services.tables.run import Noun

KINDS = tuple(TableKind)


def noun(kind: TableKind) -> Noun:
    """What such a table holds; for one import, as some gather what their file tells of."""
    alone = {TableKind.CLIENT: CLIENTS, TableKind.PRODUCT: PRODUCTS, TableKind.BIND_CODE: BIND_CODES}
    if kind is TableKind.SEGMENT_LIST:
        return lists.noun()
    return alone[kind] if kind in alone else tables.noun(kind)
