"""Compiles a segment's condition to one statement for both databases, never from strings."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select, true

from bot.vocabulary.conditions import FIELDS, All, AnyOf, Condition, FieldType, Not, Operator, Test
from storage.models import ClientInterestRow, ClientRow, ClientTagRow, ConsentRow

_COLUMNS: dict[str, Any] = {
    "asset_band": ClientRow.asset_band,
    "risk_level": ClientRow.risk_level,
    "risk_valid_until": ClientRow.risk_valid_until,
    "state": ClientRow.state,
    "kind": ClientRow.kind,
    "gender": ClientRow.gender,
    "locale": ClientRow.locale,
    "opened_on": ClientRow.opened_on,
}


def members(condition: Condition, today: date) -> Select[int]:
    """The ids of the clients who meet the condition, in rising order; `today` is the branch's day."""
    return select(ClientRow.id).where(criterion(condition, today)).order_by(ClientRow.id)


def criterion(condition: Condition, today: date) -> ColumnElement[bool]:
    """The condition as a WHERE clause over clients; an unset field meets no test."""
    if isinstance(condition, All):
        return and_(true(), *(criterion(part, today) for part in condition.parts))
    if isinstance(condition, AnyOf):
        return or_(false(), *(criterion(part, today) for part in condition.parts))
    if isinstance(condition, Not):
        return not_(criterion(condition.part, today))
    return _test(condition, today)


def _test(test: Test, today: date) -> ColumnElement[bool]:
    if FIELDS[test.field].type is FieldType.SET:
        return _SETS[test.field](test)
    column = _COLUMNS[test.field]
    if test.operator in (Operator.WITHIN_DAYS, Operator.DAYS_AGO_AT_LEAST):
        return and_(column.is_not(None), _days(column, test, today))
    return and_(column.is_not(None), column.in_(_accepted(test))) if _listed(test) else _compared(column, test)


def _listed(test: Test) -> bool:
    return FIELDS[test.field].type is not FieldType.DATE


def _accepted(test: Test) -> list[str]:
    """The words of a choice or ladder that pass."""
    if isinstance(test.value, tuple):
        return list(test.value)
    ladder = FIELDS[test.field].choices
    place = ladder.index(str(test.value))
    if test.operator is Operator.AT_LEAST:
        return list(ladder[place:])
    if test.operator is Operator.AT_MOST:
        return list(ladder[: place + 1])
    return [str(test.value)]


def _compared(column: Any, test: Test) -> ColumnElement[bool]:
    day = date.fromisoformat(str(test.value))
    return and_(column.is_not(None), column >= day if test.operator is Operator.AT_LEAST else column <= day)


def _days(column: Any, test: Test, today: date) -> ColumnElement[bool]:
    span = timedelta(days=int(str(test.value)))
    if test.operator is Operator.DAYS_AGO_AT_LEAST:
        return and_(column <= today - span)
    return and_(column >= today, column <= today + span)


def _tag(test: Test) -> ColumnElement[bool]:
    found = exists().where(ClientTagRow.client_id == ClientRow.id, ClientTagRow.tag == test.value)
    return found if test.operator is Operator.HAS else not_(found)


def _consent(test: Test) -> ColumnElement[bool]:
    found = exists().where(
        ConsentRow.client_id == ClientRow.id,
        ConsentRow.purpose == test.value,
        ConsentRow.current.is_(True),
        ConsentRow.granted.is_(True),
    )
    return found if test.operator is Operator.HAS else not_(found)


def _interest(test: Test) -> ColumnElement[bool]:
    found = exists().where(ClientInterestRow.client_id == ClientRow.id, ClientInterestRow.interest == test.value)
    return found if test.operator is Operator.HAS else not_(found)


_SETS: dict[str, Callable[[Test], ColumnElement[bool]]] = {"tag": _tag, "consent": _consent, "interest": _interest}
