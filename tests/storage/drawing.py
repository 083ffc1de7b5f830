"""Conditions drawn at random for property tests."""

from datetime import date

from hypothesis import strategies as st

from bot.vocabulary.conditions import All, AnyOf, Condition, InSegment, Not, Test
from bot.vocabulary.fields import DAYS, FIELDS, OPERATORS, FieldType, Operator
from services.lessons.library import packaged
from tests.storage.crowd import BRANCHES, JOBS, MANAGERS, NOBODY, PLANS, REGIONS, SPANS, TAGS
from tests.storage.wealth import INSTRUMENTS

WORDS = {
    "tag": (*TAGS, "nobody has it"),
    **dict.fromkeys(("manager", "adviser"), (*MANAGERS, NOBODY)),
    "branch": BRANCHES,
    "region": REGIONS,
    "occupation": JOBS,
    "plan": PLANS,
    "lesson": tuple(one.id for one in packaged().lessons[:14]),
    "course": tuple(one.id for one in packaged().courses[:4]),
    "holds": (*INSTRUMENTS, "999999.SH"),
}
LISTS = ("名单一", "空名单")


def _tests(name: str, operator: Operator) -> st.SearchStrategy[Test]:
    """Any test of one field by one operator."""
    return st.builds(Test, st.just(name), st.just(operator), _values(name, operator))


def _values(name: str, operator: Operator) -> st.SearchStrategy[object]:
    field = FIELDS[name]
    if operator in DAYS:
        return st.sampled_from(SPANS)
    if operator is Operator.KNOWN or field.type is FieldType.FLAG:
        return st.booleans()
    single = _single(name)
    if operator is Operator.IN:
        return st.lists(single, min_size=1, max_size=3).map(tuple)
    if operator is Operator.BETWEEN:
        rank = field.choices.index if field.choices else lambda value: value
        return st.tuples(single, single).map(lambda ends: tuple(sorted(ends, key=rank)))
    return single


def _single(name: str) -> st.SearchStrategy[object]:
    field = FIELDS[name]
    if field.type is FieldType.DATE:
        return st.dates(date(2015, 1, 1), date(2038, 1, 1)).map(date.isoformat)
    if field.type is FieldType.NUMBER:
        return st.integers(0, 120)
    return st.sampled_from(field.choices or WORDS[name])


PAIRS = [(name, operator) for name, field in FIELDS.items() for operator in OPERATORS[field.type]]
EACH: st.SearchStrategy[tuple[Condition, ...]] = st.tuples(*[_tests(*pair) for pair in PAIRS])
"""A test of every field by every operator."""

TESTS: st.SearchStrategy[Condition] = st.one_of(
    st.sampled_from(PAIRS).flatmap(lambda pair: _tests(*pair)), st.sampled_from(LISTS).map(InSegment)
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)
