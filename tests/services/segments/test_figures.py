"""Counts, breakdown and overlap are those of the members, on both databases, and a manager's those of their own."""

import pytest
from sqlalchemy import update

from bot.clock import branch_date
from bot.errors import NotPermitted
from bot.vocabulary import Role
from bot.vocabulary.conditions import Condition, Not, parse
from services import segments
from storage.models import ClientRow
from storage.repositories import audiences
from storage.unit import Unit
from tests.outreach import Desk
from tests.services.delivery.office import NOON

TODAY = branch_date(NOON)
RICH = parse({"field": "asset_band", "is": "at_least", "value": "from_100"})
BOLD = parse({"field": "risk_level", "is": "at_least", "value": "C4"})
EVERYBODY = parse({"all": []})
BESIDE_THE_CLIENT = [
    parse(one)
    for one in (
        {"field": "tag", "is": "has", "value": "两融"},
        {"field": "consent", "is": "has_not", "value": "product"},
        {"field": "reachable", "is": "equals", "value": True},
        {"field": "manager", "is": "known", "value": True},
    )
]
"""Asked of other tables alone: no column of a client stands in them."""


def members(unit: Unit, condition: Condition) -> set[str]:
    return set(audiences.numbers(unit, audiences.chosen(condition, TODAY), None, 10_000))


async def test_numbers_are_those_of_the_members(desk: Desk) -> None:
    await desk.demo_clients()
    head = desk.people[Role.HEAD]

    def look(unit: Unit) -> None:
        rich, bold, everybody = (members(unit, one) for one in (RICH, BOLD, EVERYBODY))
        assert segments.count(unit, head, RICH, TODAY) == len(rich) > 0
        shared = segments.overlap(unit, head, RICH, BOLD, TODAY)
        assert (shared.first, shared.both, shared.second) == (len(rich - bold), len(rich & bold), len(bold - rich))
        assert shared.both > 0
        parts = segments.breakdown(unit, head, EVERYBODY, "risk_level", TODAY)
        assert sum(parts.values()) == len(everybody)
        assert parts["C4"] + parts["C5"] == len(bold)
        assert None in parts
        bands = segments.breakdown(unit, head, RICH, "asset_band", TODAY)
        assert set(bands) == {"from_100", "from_300", "from_500"}

    await desk.database.read(look)


async def test_numbers_hold_where_only_other_tables_are_asked(desk: Desk) -> None:
    await desk.demo_clients()
    head = desk.people[Role.HEAD]

    def look(unit: Unit) -> None:
        everybody = members(unit, EVERYBODY)
        assert segments.count(unit, head, EVERYBODY, TODAY) == len(everybody) > 400
        for condition in BESIDE_THE_CLIENT:
            found = members(unit, condition)
            assert segments.count(unit, head, condition, TODAY) == len(found)
            shared = segments.overlap(unit, head, condition, condition, TODAY)
            assert (shared.first, shared.both, shared.second) == (0, len(found), 0)
            shared = segments.overlap(unit, head, condition, Not(condition), TODAY)
            assert (shared.first, shared.both, shared.second) == (len(found), 0, len(everybody - found))

    await desk.database.read(look)


async def test_a_manager_counts_their_own(desk: Desk) -> None:
    ids = await desk.demo_clients()
    adviser, admin = desk.people[Role.ADVISER], desk.people[Role.ADMIN]
    theirs = update(ClientRow).where(ClientRow.id == ids["D0002"]).values(manager_id=adviser.id)
    await desk.database.write(lambda unit: unit.session.execute(theirs))

    def look(unit: Unit) -> None:
        assert segments.count(unit, adviser, EVERYBODY, TODAY) == 1
        assert segments.breakdown(unit, adviser, EVERYBODY, "risk_level", TODAY) == {"C5": 1}
        shared = segments.overlap(unit, adviser, RICH, EVERYBODY, TODAY)
        assert (shared.first, shared.both, shared.second) == (0, 1, 0)
        with pytest.raises(NotPermitted):
            segments.count(unit, admin, EVERYBODY, TODAY)

    await desk.database.read(look)


async def test_nobody_overlaps_with_anybody(desk: Desk) -> None:
    await desk.demo_clients()
    head, nobody = desk.people[Role.HEAD], parse({"any": []})
    found = await desk.database.read(lambda unit: segments.overlap(unit, head, nobody, nobody, TODAY))
    assert (found.first, found.both, found.second) == (0, 0, 0)
