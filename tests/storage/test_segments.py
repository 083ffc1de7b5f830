"""A condition means the same in SQL as in a slow reading of every client, on both databases."""

from collections.abc import Collection
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import insert

from bot.vocabulary.conditions import Condition, ConditionWrong, InSegment, Test, document, parse
from bot.vocabulary.fields import Operator
from services.segments import looked_up
from storage import segments
from storage.models import SegmentMemberRow, SegmentRow
from storage.unit import Database, Unit
from tests.storage.crowd import NOW, TODAY, crowd, record
from tests.storage.drawing import CONDITIONS, EACH, LISTS
from tests.storage.slow_reading import holds

PEOPLE = crowd(90)
LISTED: dict[str, Collection[str]] = {LISTS[0]: {person.client.number for person in PEOPLE[::7]}, LISTS[1]: set()}


def peopled(unit: Unit) -> dict[str, int]:
    """Everybody, and the fixed lists; ids of clients by number."""
    ids = record(unit, PEOPLE)
    for name, numbers in LISTED.items():
        row = SegmentRow(name=name, created_at=NOW, updated_at=NOW)
        unit.session.add(row)
        unit.flush()
        for number in numbers:
            unit.session.execute(insert(SegmentMemberRow).values(segment_id=row.id, client_id=ids[number]))
    return ids


def drawn() -> list[Condition]:
    """Conditions at random, and every field by every operator, twice."""
    conditions: list[Condition] = []

    @given(CONDITIONS)
    @settings(max_examples=100, database=None, suppress_health_check=list(HealthCheck), deadline=None)
    def draw(condition: Condition) -> None:
        conditions.append(condition)

    @given(EACH)
    @settings(max_examples=2, database=None, suppress_health_check=list(HealthCheck), deadline=None)
    def draw_each(tests: tuple[Condition, ...]) -> None:
        conditions.extend(tests)

    draw()
    draw_each()
    return conditions


async def test_sql_agrees_with_the_slow_reading(database: Database) -> None:
    ids = await database.write(peopled)
    conditions = drawn()

    def found(unit: Unit) -> list[list[int]]:
        wanted = [segments.members(looked_up(unit, condition), TODAY) for condition in conditions]
        return [list(unit.session.scalars(statement)) for statement in wanted]

    for condition, members in zip(conditions, await database.read(found), strict=True):
        expected = sorted(ids[one.client.number] for one in PEOPLE if holds(condition, one, LISTED))
        assert members == expected, document(condition)


@given(CONDITIONS)
def test_a_condition_reads_back_from_its_document(condition: Condition) -> None:
    assert parse(document(condition)) == condition


def test_a_segment_that_was_not_looked_up_is_no_empty_one() -> None:
    with pytest.raises(ValueError, match="not looked up"):
        segments.members(parse({"not": {"segment": "高净值"}}), TODAY)
    assert segments.members(replace(InSegment("高净值"), list_id=1), TODAY) is not None
    with pytest.raises(ValueError, match="course 'fund-basics' was not looked up"):
        segments.members(Test("course", Operator.HAS, "fund-basics"), TODAY)


@pytest.mark.parametrize(
    ("given_document", "place"),
    [
        ([], ""),
        ({"any": "x"}, "any"),
        ({"all": [{"field": "height", "is": "equals", "value": "x"}]}, "all[0].field"),
        ({"all": [{"field": ["tag"], "is": "has", "value": "x"}]}, "all[0].field"),
        ({"not": {"field": "tag", "is": "at_least", "value": "x"}}, "not.is"),
        ({"not": {"field": "tag", "is": [], "value": "x"}}, "not.is"),
        ({"all": [{"any": [{"field": "risk_level", "is": "in", "value": []}]}]}, "all[0].any[0].value"),
        ({"field": "risk_level", "is": "equals", "value": "C9"}, "value"),
        ({"field": "risk_level", "is": "between", "value": ["C4", "C2"]}, "value"),
        ({"field": "risk_level", "is": "between", "value": ["C4"]}, "value"),
        ({"field": "opened_on", "is": "at_least", "value": "yesterday"}, "value"),
        ({"field": "opened_on", "is": "between", "value": ["2026-02-01", "2026-01-01"]}, "value"),
        ({"field": "opened_on", "is": "within_days", "value": -1}, "value"),
        ({"field": "opened_on", "is": "within_days", "value": True}, "value"),
        ({"field": "age", "is": "at_least", "value": "65"}, "value"),
        ({"field": "age", "is": "between", "value": [65, 18]}, "value"),
        ({"field": "opted_out", "is": "equals", "value": "true"}, "value"),
        ({"field": "last_chat", "is": "last_days", "value": 1.5}, "value"),
        ({"field": "tag", "is": "has", "value": "x" * 81}, "value"),
        ({"any": [{"segment": " "}]}, "any[0].segment"),
        ({"any": [{"segment": "高净值", "not": {}}]}, "any[0]."),
        ({"all": [{"segment": "高净值"}] * 201}, ""),
    ],
)
def test_a_fault_names_its_place(given_document: object, place: str) -> None:
    with pytest.raises(ConditionWrong) as fault:
        parse(given_document)
    assert fault.value.place.rstrip(".") == place.rstrip(".")


def test_refuses_a_tower_of_nots() -> None:
    tower: object = {"field": "tag", "is": "has", "value": "x"}
    for _ in range(20):
        tower = {"not": tower}
    with pytest.raises(ConditionWrong, match="deep"):
        parse(tower)


def test_ends_of_spans_are_included() -> None:
    assert parse({"field": "age", "is": "between", "value": [65, 65]}) == Test("age", Operator.BETWEEN, (65, 65))
