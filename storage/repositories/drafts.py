"""Texts that staff have typed and not sent."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, delete, select

from storage.models import DraftRow
from storage.unit import Unit


def save(unit: Unit, staff_id: int, place: str, text: str, now: datetime) -> None:
    """Keep a text; an empty one removes what was kept."""
    row = unit.session.scalars(_one(staff_id, place)).one_or_none()
    if not text:
        forget(unit, staff_id, place)
    elif row is None:
        unit.session.add(DraftRow(staff_id=staff_id, place=place, text=text, at=now))
    else:
        row.text, row.at = text, now
    unit.flush()


def kept(unit: Unit, staff_id: int, place: str) -> str:
    """The text kept for a place, or an empty one."""
    row = unit.session.scalars(_one(staff_id, place)).one_or_none()
    return row.text if row else ""


def kept_at(unit: Unit, staff_id: int, places: Collection[str]) -> dict[str, str]:
    """The texts kept for those of the places that have any."""
    ours = (DraftRow.staff_id == staff_id, DraftRow.place.in_(places))
    found = select(DraftRow.place, DraftRow.text).where(*ours)
    return {row.place: row.text for row in unit.session.execute(found)}


def places(unit: Unit, staff_id: int) -> frozenset[str]:
    """Where the person has texts kept."""
    return frozenset(unit.session.scalars(select(DraftRow.place).where(DraftRow.staff_id == staff_id)))


def forget(unit: Unit, staff_id: int, place: str) -> None:
    """Remove the text kept for a place."""
    unit.session.execute(delete(DraftRow).where(DraftRow.staff_id == staff_id, DraftRow.place == place))


def _one(staff_id: int, place: str) -> Select[DraftRow]:
    return select(DraftRow).where(DraftRow.staff_id == staff_id, DraftRow.place == place)
