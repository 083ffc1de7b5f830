"""The tags of clients."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete, insert, select

from storage.models import ClientTagRow
from storage.unit import Unit


def of(unit: Unit, ids: Collection[int]) -> Mapping[int, Sequence[str]]:
    """The tags of clients by id, in the order of their signs; who has none is not in it."""
    found: dict[int, list[str]] = {}
    statement = select(ClientTagRow.client_id, ClientTagRow.tag).where(ClientTagRow.client_id.in_(ids))
    for client_id, tag in unit.session.execute(statement.order_by(ClientTagRow.tag)):
        found.setdefault(client_id, []).append(tag)
    return found


def replace(unit: Unit, client_id: int, tags: Collection[str]) -> None:
    """Give a client these tags and no others."""
    unit.session.execute(delete(ClientTagRow).where(ClientTagRow.client_id == client_id))
    if tags:
        unit.session.execute(insert(ClientTagRow), [{"client_id": client_id, "tag": tag} for tag in sorted(tags)])
