"""Reading and writing what a client wants: what they like to read about, when they are left alone, their language."""

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import delete, select, update

from bot.vocabulary import Interest, Locale
from storage.models import ClientInterestRow, ClientRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a client wants; `quiet` are hours of the branch's clock."""

    interests: tuple[Interest, ...]
    quiet: tuple[time, time] | None
    locale: Locale
    opted_out: bool


def of(unit: Unit, client_id: int) -> Wishes:
    """A client's wishes as they stand."""
    row = unit.session.get_one(ClientRow, client_id)
    found = select(ClientInterestRow.interest).where(ClientInterestRow.client_id == client_id)
    liked = set(unit.session.scalars(found))
    quiet = (row.quiet_from, row.quiet_to) if row.quiet_from and row.quiet_to else None
    interests = tuple(interest for interest in Interest if interest in liked)
    return Wishes(interests, quiet, row.locale, row.opted_out_at is not None)


def like(unit: Unit, client_id: int, interest: Interest, now: datetime) -> None:
    """Note an interest that is not noted yet."""
    unit.session.add(ClientInterestRow(client_id=client_id, interest=interest, at=now))
    unit.flush()


def unlike(unit: Unit, client_id: int, interest: Interest) -> None:
    """Take an interest back."""
    own = ClientInterestRow
    unit.session.execute(delete(own).where(own.client_id == client_id, own.interest == interest))


def set_quiet(unit: Unit, client_id: int, span: tuple[time, time] | None, now: datetime) -> None:
    """Set the client's own quiet hours, or none."""
    start, end = span or (None, None)
    _set(unit, client_id, quiet_from=start, quiet_to=end, updated_at=now)


def set_locale(unit: Unit, client_id: int, locale: Locale, now: datetime) -> None:
    """Write to the client in this language."""
    _set(unit, client_id, locale=locale, updated_at=now)


def _set(unit: Unit, client_id: int, **values: object) -> None:
    unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(**values))
