"""Numbers of a segment as far as a person may see its clients: a manager only their own, a team's head the team's."""

from collections.abc import Mapping
from datetime import date

from bot.vocabulary import Action
from bot.vocabulary.conditions import Condition
from services.segments.lookup import looked_up
from services.staff import scope
from storage.repositories import audiences
from storage.repositories.audiences import Overlap
from storage.repositories.staff import Staff
from storage.unit import Unit


def count(unit: Unit, reader: Staff, condition: Condition, today: date) -> int:
    """How many clients meet a condition now."""
    return audiences.count(
        unit, audiences.chosen(looked_up(unit, condition), today, scope(reader, Action.BUILD_SEGMENTS))
    )


def breakdown(unit: Unit, reader: Staff, condition: Condition, by: str, today: date) -> Mapping[str | None, int]:
    """How many there are by `asset_band`, `risk_level` or `state`."""
    return audiences.breakdown(
        unit, audiences.chosen(looked_up(unit, condition), today, scope(reader, Action.BUILD_SEGMENTS)), by
    )


def overlap(unit: Unit, reader: Staff, first: Condition, second: Condition, today: date) -> Overlap:
    """How two segments share their clients."""
    return audiences.overlap(
        unit, looked_up(unit, first), looked_up(unit, second), today, scope(reader, Action.BUILD_SEGMENTS)
    )
