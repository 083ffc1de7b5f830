"""How many clients segments have: several counted in one pass, kept by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from bot.vocabulary.conditions import Condition
from storage import segments
from storage.models import ClientRow, SegmentCountRow
from storage.unit import Unit
from storage.upserts import insertion


@dataclass(frozen=True, slots=True)
class Day:
    """How many clients a segment had on a day."""

    on: date
    members: int


def counted(unit: Unit, conditions: Sequence[Condition], today: date) -> list[int]:
    """How many clients meet each condition; the clients are gone through once for all of them."""
    numbers = [func.count().filter(segments.criterion(one, today)) for one in conditions]
    return list(unit.session.execute(select(*numbers).select_from(ClientRow).where(segments.THERE)).one())


def keep(unit: Unit, numbers: Mapping[int, int], on: date) -> None:
    """Keep the numbers of a day by segment; a second count of the day replaces the first."""
    if not numbers:
        return
    rows = [{"segment_id": one, "counted_on": on, "members": members} for one, members in numbers.items()]
    wanted = insertion(unit, SegmentCountRow).values(rows)
    keys = ["segment_id", "counted_on"]
    unit.session.execute(wanted.on_conflict_do_update(index_elements=keys, set_={"members": wanted.excluded.members}))


def days(unit: Unit, segment_id: int, since: date) -> list[Day]:
    """The days on record, the earliest first."""
    row = SegmentCountRow
    wanted = select(row.counted_on, row.members).where(row.segment_id == segment_id, row.counted_on >= since)
    return [Day(on, members) for on, members in unit.session.execute(wanted.order_by(row.counted_on))]
