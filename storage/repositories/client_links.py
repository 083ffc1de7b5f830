"""Clients who belong together: one household, or who referred whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, or_, select

from bot.vocabulary import LinkKind
from storage.models import ClientLinkRow, ClientRow
from storage.repositories.clients import NAME
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Link:
    """Another client as seen from one: `referred` says that the one referred the other. The name is in clear."""

    id: int
    kind: LinkKind
    referred: bool
    client_id: int
    public_id: str
    number: str
    name: str
    manager_id: int | None
    adviser_id: int | None

    @property
    def keepers(self) -> tuple[int | None, int | None]:
        """Whose client it is: who manages them, and who advises them."""
        return self.manager_id, self.adviser_id


@dataclass(frozen=True, slots=True)
class NewLink:
    """Who belongs to whom, by whose word; of a referrer `other_id` is the one who referred."""

    client_id: int
    other_id: int
    kind: LinkKind
    staff_id: int
    at: datetime


def of(unit: Unit, client_id: int) -> list[Link]:
    """All links of a client to those who are still there, in the order in which they were made."""
    row, other = ClientLinkRow, ClientRow
    joined = or_(
        and_(row.client_id == client_id, other.id == row.other_id),
        and_(row.other_id == client_id, other.id == row.client_id),
    )
    mine = or_(row.client_id == client_id, row.other_id == client_id)
    statement = select(row, other).join(other, joined).where(mine, other.gone.is_(None)).order_by(row.id)
    return [_link(unit, found, one, client_id) for found, one in unit.session.execute(statement)]


def _link(unit: Unit, row: ClientLinkRow, other: ClientRow, client_id: int) -> Link:
    name = unit.vault.open(NAME, other.name_sealed)
    referred = row.kind is LinkKind.REFERRER and row.other_id == client_id
    return Link(
        id=row.id,
        kind=row.kind,
        referred=referred,
        client_id=other.id,
        public_id=other.public_id,
        number=other.number,
        name=name,
        manager_id=other.manager_id,
        adviser_id=other.adviser_id,
    )


def referrers(unit: Unit, client_id: int) -> set[int]:
    """Who referred a client, who referred that one, and so on."""
    found, latest = set[int](), _referrer(unit, client_id)
    while latest is not None and latest not in found:
        found.add(latest)
        latest = _referrer(unit, latest)
    return found


def _referrer(unit: Unit, client_id: int) -> int | None:
    row = ClientLinkRow
    return unit.session.scalar(select(row.other_id).where(row.client_id == client_id, row.kind == LinkKind.REFERRER))


def hold(unit: Unit, ids: Collection[int]) -> None:
    """Let nobody else link these clients until the transaction ends."""
    chosen = select(ClientRow.id).where(ClientRow.id.in_(ids)).order_by(ClientRow.id)
    unit.session.execute(chosen.with_for_update())


def add(unit: Unit, new: NewLink) -> bool:
    """Link two clients; False where they are linked so already."""
    pair = (new.client_id, new.other_id)
    first, second = sorted(pair) if new.kind is LinkKind.HOUSEHOLD else pair
    row = ClientLinkRow
    there = select(row.id).where(row.client_id == first, row.kind == new.kind, row.other_id == second)
    if unit.session.scalars(there).one_or_none() is not None:
        return False
    unit.session.add(row(client_id=first, other_id=second, kind=new.kind, staff_id=new.staff_id, at=new.at))
    unit.flush()
    return True


def remove(unit: Unit, client_id: int, link_id: int) -> int | None:
    """Part two clients; the other's id, or None where there is no such link of this client."""
    row = ClientLinkRow
    mine = (row.id == link_id, or_(row.client_id == client_id, row.other_id == client_id))
    gone = unit.session.execute(delete(row).where(*mine).returning(row.client_id, row.other_id)).one_or_none()
    return None if gone is None else gone.other_id if gone.client_id == client_id else gone.client_id
