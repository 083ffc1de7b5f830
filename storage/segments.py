"""Compiles a segment's condition to one statement for both databases, never from strings.

Every test comes out true or false, never NULL, so that `not` turns it round.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select, true

from bot.vocabulary.conditions import All, AnyOf, Condition, InSegment, Not, Test
from bot.vocabulary.fields import DAYS, FIELDS, FieldType, Operator
from storage import segment_tests
from storage.models import ClientPlanRow, ClientRow, SegmentMemberRow, StaffRow
from storage.segment_tests import between

Clause = ColumnElement[bool]


THERE = ClientRow.gone.is_(None)
"""The record is one that somebody works with."""


def members(condition: Condition, today: date) -> Select[int]:
    """The ids of the clients who meet the condition, in rising order; `today` is the branch's day.

    Clients are named as what is selected from: whoever selects something else of them may name no column of theirs.
    """
    return select(ClientRow.id).select_from(ClientRow).where(THERE, criterion(condition, today)).order_by(ClientRow.id)


def criterion(condition: Condition, today: date) -> Clause:
    """The condition as a WHERE clause over clients; an unset field meets no test but that it is not known.

    ValueError where it names a segment that nobody has looked up yet.
    """
    if isinstance(condition, All):
        return and_(true(), *(criterion(part, today) for part in condition.parts))
    if isinstance(condition, AnyOf):
        return or_(false(), *(criterion(part, today) for part in condition.parts))
    if isinstance(condition, Not):
        return not_(criterion(condition.part, today))
    return _listed(condition) if isinstance(condition, InSegment) else _test(condition, today)


def _listed(wanted: InSegment) -> Clause:
    if wanted.list_id is None:
        raise ValueError(f"segment {wanted.name!r} was not looked up")
    row = SegmentMemberRow
    return exists().where(row.segment_id == wanted.list_id, row.client_id == ClientRow.id)


def _test(test: Test, today: date) -> Clause:
    return _KINDS[FIELDS[test.field].type](test, today)


def _word(test: Test, _today: date) -> Clause:
    column = _WORDS[test.field]
    if test.operator is not Operator.KNOWN:
        return _known(column, column.in_(_accepted(test)))
    choices = FIELDS[test.field].choices
    found = _known(column, column.in_(choices)) if choices else column.is_not(None)
    return _as_said(found, test)


def _known(column: ColumnElement[Any], clause: Clause) -> Clause:
    return and_(column.is_not(None), clause)


def _accepted(test: Test) -> list[str]:
    """The words of a choice or ladder that pass."""
    ladder = FIELDS[test.field].choices
    if test.operator in (Operator.EQUALS, Operator.IN):
        return list(map(str, test.value)) if isinstance(test.value, tuple) else [str(test.value)]
    low, high = _ends(test)
    return list(ladder[ladder.index(str(low)) if low else 0 : ladder.index(str(high)) + 1 if high else len(ladder)])


def _ends(test: Test) -> tuple[Any, Any]:
    """The lowest and the highest value that pass; None where there is no such end."""
    if isinstance(test.value, tuple):
        return test.value[0], test.value[-1]
    ends = {Operator.AT_LEAST: (test.value, None), Operator.AT_MOST: (None, test.value)}
    return ends.get(test.operator, (test.value, test.value))


def _day(test: Test, today: date) -> Clause:
    column = _DATES[test.field]
    if test.operator is Operator.KNOWN:
        return _as_said(column.is_not(None), test)
    first, last = _days(test, today) if test.operator in DAYS else map(_read, _ends(test))
    return between(column, (first, last))


def _read(end: object) -> date | None:
    return None if end is None else date.fromisoformat(str(end))


def _days(test: Test, today: date) -> tuple[date | None, date]:
    span = timedelta(days=int(str(test.value)))
    if test.operator is Operator.DAYS_AGO_AT_LEAST:
        return None, today - span
    return (today, today + span) if test.operator is Operator.WITHIN_DAYS else (today - span, today)


def _number(test: Test, today: date) -> Clause:
    passes = segment_tests.NUMBERS[test.field]
    if test.operator is Operator.KNOWN:
        return _as_said(passes((None, None), today), test)
    return passes(_ends(test), today)


def _instant(test: Test, today: date) -> Clause:
    happened = segment_tests.INSTANTS[test.field]
    if test.operator is Operator.KNOWN:
        return _as_said(happened(None), test)
    span = timedelta(days=int(str(test.value)))
    if test.operator is Operator.LAST_DAYS:
        return happened(today - span)
    return and_(happened(None), not_(happened(today - span + timedelta(days=1))))


def _set(test: Test, _today: date) -> Clause:
    found = segment_tests.SETS[test.field](str(test.value))
    return found if test.operator is Operator.HAS else not_(found)


def _flag(test: Test, today: date) -> Clause:
    return _as_said(segment_tests.FLAGS[test.field](today), test)


def _as_said(found: Clause, test: Test) -> Clause:
    return found if test.value else not_(found)


_WORDS: Mapping[str, Any] = {
    "asset_band": ClientRow.asset_band,
    "risk_level": ClientRow.risk_level,
    "state": ClientRow.state,
    "kind": ClientRow.kind,
    "gender": ClientRow.gender,
    "locale": ClientRow.locale,
    "preferred_channel": ClientRow.preferred_channel,
    "style": ClientRow.style,
    "branch": ClientRow.branch,
    "region": ClientRow.region,
    "occupation": ClientRow.occupation,
    "plan": select(ClientPlanRow.plan).where(ClientPlanRow.client_id == ClientRow.id).scalar_subquery(),
    "manager": select(StaffRow.number).where(StaffRow.id == ClientRow.manager_id).scalar_subquery(),
    "adviser": select(StaffRow.number).where(StaffRow.id == ClientRow.adviser_id).scalar_subquery(),
}
_DATES: Mapping[str, Any] = {"risk_valid_until": ClientRow.risk_valid_until, "opened_on": ClientRow.opened_on}
_KINDS: Mapping[FieldType, Callable[[Test, date], Clause]] = {
    FieldType.CHOICE: _word,
    FieldType.LADDER: _word,
    FieldType.DATE: _day,
    FieldType.INSTANT: _instant,
    FieldType.SET: _set,
    FieldType.NUMBER: _number,
    FieldType.FLAG: _flag,
}
