"""Lists of clients for staff, and the exact look-ups that find one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select

from bot.vocabulary import AssetBand, ChannelKind, ClientState, RiskLevel
from bot.vocabulary.rights import Gone
from storage.models import ChatAccountRow, ClientRow, StaffRow
from storage.repositories import client_tags
from storage.repositories.clients import NAME, PHONE, PREFIX
from storage.repositories.listing import Whose, kept_by, opened
from storage.unit import Unit

MOST_ALIKE = 10
"""Records shown that may be of the same person."""
PREFIX_SIGNS = 2
"""Signs of a name that find it by its beginning."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list: what was typed into the search, and whose clients only."""

    search: str = ""
    whose: Whose = None
    after: int = 0
    limit: int = 40


@dataclass(frozen=True, slots=True)
class Item:
    """One client of a list; name and phone are in clear."""

    id: int
    public_id: str
    number: str
    name: str
    phone: str | None
    state: ClientState
    risk_level: RiskLevel | None
    risk_valid_until: date | None
    asset_band: AssetBand
    manager: str | None
    manager_id: int | None
    adviser_id: int | None
    opted_out_at: datetime | None
    channels: tuple[ChannelKind, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def keepers(self) -> tuple[int | None, int | None]:
        """Whose client it is: who manages them, and who advises them."""
        return self.manager_id, self.adviser_id


def page(unit: Unit, wanted: Wanted) -> list[Item]:
    """One page in order of enrolment, and one row more than `limit` where there are more."""
    statement = (
        select(ClientRow, StaffRow.name)
        .outerjoin(StaffRow, StaffRow.id == ClientRow.manager_id)
        .where(ClientRow.id > wanted.after, ClientRow.gone.is_(None), *_conditions(unit, wanted))
    )
    rows = unit.session.execute(statement.order_by(ClientRow.id).limit(wanted.limit + 1)).all()
    ids = [row[0].id for row in rows]
    channels, tags = _channels(unit, ids), client_tags.of(unit, ids)
    return [_item(unit, row, channels, tags) for row in rows]


def alike(unit: Unit, client_id: int) -> list[Item]:
    """Other records that say the same of name, telephone, e-mail, id number or account; the first few."""
    row = unit.session.get_one(ClientRow, client_id)
    keys = {name: getattr(row, name) for name in _TELLING}
    same = [getattr(ClientRow, name) == key for name, key in keys.items() if key]
    found = select(ClientRow.id).where(or_(*same), ClientRow.id != client_id, ClientRow.gone.is_(None))
    ids = unit.session.scalars(found.order_by(ClientRow.id).limit(MOST_ALIKE))
    return [item for one in ids if (item := by_id(unit, one))]


_TELLING = ("name_key", "phone_key", "identity_key", "email_key", "fund_account_key")
"""Columns that are looked up, by which two records of one person are found."""


def by_id(unit: Unit, client_id: int) -> Item | None:
    """The client as a list shows them."""
    statement = select(ClientRow, StaffRow.name).outerjoin(StaffRow, StaffRow.id == ClientRow.manager_id)
    row = unit.session.execute(statement.where(ClientRow.id == client_id)).one_or_none()
    return None if row is None else _item(unit, row, _channels(unit, [client_id]), client_tags.of(unit, [client_id]))


def by_public_id(unit: Unit, public_id: str) -> Item | None:
    """The client of a page's address; that of a merged record is the one it was merged into."""
    own = select(func.coalesce(ClientRow.merged_into, ClientRow.id)).where(ClientRow.public_id == public_id)
    found = unit.session.scalar(own.where(ClientRow.gone.is_distinct_from(Gone.ERASED)))
    return None if found is None else by_id(unit, found)


def _conditions(unit: Unit, wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    own = kept_by(wanted.whose)
    word = wanted.search.strip()
    return (*own, _matches(unit, word)) if word else own


def _matches(unit: Unit, word: str) -> ColumnElement[bool]:
    """Keyed look-ups only: nothing personal can be compared in clear."""
    found = [
        ClientRow.number == word.upper(),
        ClientRow.id == select(ClientRow.merged_into).where(ClientRow.number == word.upper()).scalar_subquery(),
        ClientRow.name_key == unit.vault.lookup(NAME, word),
        ClientRow.phone_key == unit.vault.lookup(PHONE, word),
    ]
    if len(word) == PREFIX_SIGNS:
        found.append(ClientRow.prefix_key == unit.vault.lookup(PREFIX, word))
    return or_(*found)


def _channels(unit: Unit, ids: Sequence[int]) -> dict[int, list[ChannelKind]]:
    found: dict[int, list[ChannelKind]] = {}
    statement = select(ChatAccountRow.client_id, ChatAccountRow.channel).where(ChatAccountRow.client_id.in_(ids))
    for client_id, channel in unit.session.execute(statement.order_by(ChatAccountRow.id)):
        if (kind := ChannelKind(channel)) not in found.setdefault(client_id or 0, []):
            found[client_id or 0].append(kind)
    return found


def _item(
    unit: Unit, row: Row[*tuple[Any, ...]], channels: dict[int, list[ChannelKind]], tags: Mapping[int, Sequence[str]]
) -> Item:
    client: ClientRow = row[0]
    return Item(
        id=client.id,
        public_id=client.public_id,
        number=client.number,
        name=opened(unit, NAME, client.name_sealed) or "",
        phone=opened(unit, PHONE, client.phone_sealed),
        state=client.state,
        risk_level=client.risk_level,
        risk_valid_until=client.risk_valid_until,
        asset_band=client.asset_band,
        manager=row[1],
        manager_id=client.manager_id,
        adviser_id=client.adviser_id,
        opted_out_at=client.opted_out_at,
        channels=tuple(channels.get(client.id, ())),
        tags=tuple(tags.get(client.id, ())),
    )
