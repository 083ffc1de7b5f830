"""A condition means the same in SQL as in a slow reading of every client, on both databases."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.vocabulary import Interest
from bot.vocabulary.conditions import (
    FIELDS,
    All,
    AnyOf,
    Condition,
    ConditionWrong,
    FieldType,
    Not,
    Operator,
    Test,
    document,
    parse,
)
from services import demo
from storage import segments
from storage.models import ClientInterestRow
from storage.repositories import clients
from storage.repositories.clients import NewClient
from storage.unit import Database, Unit

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PEOPLE = demo.clients(NOW, {})
LIKED = {client.number: tuple(Interest)[: place % 4] for place, client in enumerate(PEOPLE)}
WORDS = {"tag": ("高净值", "两融", "nobody has it")}


def draws_of(name: str) -> st.SearchStrategy[Test]:
    """Any test of one field."""
    field = FIELDS[name]
    if field.type is FieldType.DATE:
        days = st.dates(date(2010, 1, 1), date(2029, 1, 1)).map(date.isoformat)
        spans = st.integers(0, 4000)
        return st.one_of(
            st.builds(Test, st.just(name), st.sampled_from([Operator.AT_LEAST, Operator.AT_MOST]), days),
            st.builds(Test, st.just(name), st.sampled_from([Operator.WITHIN_DAYS, Operator.DAYS_AGO_AT_LEAST]), spans),
        )
    words = st.sampled_from(field.choices or WORDS[name])
    operators = {
        FieldType.SET: [Operator.HAS, Operator.HAS_NOT],
        FieldType.CHOICE: [Operator.EQUALS],
        FieldType.LADDER: [Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST],
    }[field.type]
    single = st.builds(Test, st.just(name), st.sampled_from(operators), words)
    if field.type is FieldType.SET:
        return single
    return single | st.builds(Test, st.just(name), st.just(Operator.IN), st.lists(words, min_size=1).map(tuple))


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from(sorted(FIELDS)).flatmap(draws_of),
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)


def holds(condition: Condition, client: NewClient) -> bool:
    """The slow reading."""
    if isinstance(condition, All):
        return all(holds(part, client) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return any(holds(part, client) for part in condition.parts)
    if isinstance(condition, Not):
        return not holds(condition.part, client)
    if condition.field in ("tag", "consent", "interest"):
        sets = {"tag": client.tags, "consent": client.consents, "interest": LIKED[client.number]}
        held: Collection[object] = sets[condition.field]
        return (condition.value in held) is (condition.operator is Operator.HAS)
    value = getattr(client, condition.field)
    return value is not None and passes(condition, value)


def passes(test: Test, value: object) -> bool:
    """Whether a set field passes."""
    if isinstance(value, date):
        if isinstance(test.value, int):
            if test.operator is Operator.WITHIN_DAYS:
                return TODAY <= value <= TODAY + timedelta(days=test.value)
            return (TODAY - value).days >= test.value
        bound = date.fromisoformat(str(test.value))
        return value >= bound if test.operator is Operator.AT_LEAST else value <= bound
    if isinstance(test.value, tuple):
        return value in test.value
    ladder = FIELDS[test.field].choices
    if value not in ladder:
        return False
    place, bound_place = ladder.index(str(value)), ladder.index(str(test.value))
    return {
        Operator.EQUALS: place == bound_place,
        Operator.AT_LEAST: place >= bound_place,
        Operator.AT_MOST: place <= bound_place,
    }[test.operator]


def found(condition: Condition, unit: Unit) -> list[int]:
    """The members as the database sees them."""
    return list(unit.session.scalars(segments.members(condition, TODAY)))


def enrolled(unit: Unit) -> dict[str, int]:
    """The clients with what they like to read about; their ids by number."""
    ids = clients.enrol(unit, PEOPLE, NOW)
    liked = [
        ClientInterestRow(client_id=ids[name], interest=each, at=NOW) for name, all_ in LIKED.items() for each in all_
    ]
    unit.session.add_all(liked)
    return ids


async def test_sql_agrees_with_the_slow_reading(database: Database) -> None:
    ids = await database.write(enrolled)
    drawn: list[Condition] = []

    @given(CONDITIONS)
    @settings(max_examples=75, database=None, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    def draw(condition: Condition) -> None:
        drawn.append(condition)

    draw()
    for condition in drawn:
        expected = sorted(ids[client.number] for client in PEOPLE if holds(condition, client))
        assert await database.read(partial(found, condition)) == expected, document(condition)


@given(CONDITIONS)
def test_a_condition_reads_back_from_its_document(condition: Condition) -> None:
    assert parse(document(condition)) == condition


@pytest.mark.parametrize(
    ("given_document", "place"),
    [
        ([], ""),
        ({"any": "x"}, "any"),
        ({"all": [{"field": "height", "is": "equals", "value": "x"}]}, "all[0].field"),
        ({"not": {"field": "tag", "is": "at_least", "value": "x"}}, "not.is"),
        ({"all": [{"any": [{"field": "risk_level", "is": "in", "value": []}]}]}, "all[0].any[0].value"),
        ({"field": "risk_level", "is": "equals", "value": "C9"}, "value"),
        ({"field": "opened_on", "is": "at_least", "value": "yesterday"}, "value"),
        ({"field": "opened_on", "is": "within_days", "value": -1}, "value"),
        ({"field": "opened_on", "is": "within_days", "value": True}, "value"),
    ],
)
def test_a_fault_names_its_place(given_document: object, place: str) -> None:
    with pytest.raises(ConditionWrong) as fault:
        parse(given_document)
    assert fault.value.place == place


def test_refuses_a_tower_of_nots() -> None:
    tower: object = {"field": "tag", "is": "has", "value": "x"}
    for _ in range(20):
        tower = {"not": tower}
    with pytest.raises(ConditionWrong, match="too deep"):
        parse(tower)
