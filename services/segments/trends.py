"""How segments grow and shrink: counted once a day, whoever the clients' managers are."""

from collections.abc import Mapping
from datetime import date, timedelta

from bot.errors import Refused
from bot.vocabulary import Action
from bot.vocabulary.conditions import Condition, InSegment
from services.segments.lookup import looked_up
from services.staff import scope
from storage.repositories import segment_counts as rows
from storage.repositories import segments as named
from storage.repositories.segment_counts import Day
from storage.repositories.staff import Staff
from storage.unit import Unit

SHOWN = timedelta(days=90)
AT_ONCE = 10
"""Segments counted in one pass over the clients; a statement of more would grow too large."""


def known(unit: Unit) -> dict[int, Condition]:
    """What every segment that can be read means, by its id."""
    found: dict[int, Condition] = {}
    for one in named.all_of(unit):
        try:
            found[one.id] = looked_up(unit, InSegment(one.name))
        except Refused:
            continue  # its own page says what is wrong with it
    return found


def count(unit: Unit, meanings: Mapping[int, Condition], today: date) -> dict[int, int]:
    """How many clients these segments have, by id."""
    return dict(zip(meanings, rows.counted(unit, list(meanings.values()), today), strict=True))


def trend(unit: Unit, reader: Staff, segment_id: int, today: date) -> list[Day]:
    """The last 90 days on record; nothing for those who may count their own clients only."""
    whole = scope(reader, Action.BUILD_SEGMENTS) is None
    return rows.days(unit, segment_id, today - SHOWN) if whole else []
