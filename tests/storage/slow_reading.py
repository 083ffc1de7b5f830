"""What a condition means, read person by person: the reference that SQL is held against."""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta

from bot.clock import branch_date
from bot.vocabulary import DeliveryState, TicketKind, TicketState
from bot.vocabulary.conditions import All, AnyOf, Condition, InSegment, Not, Test
from bot.vocabulary.delivery import DIALOGUE
from bot.vocabulary.fields import FIELDS, FieldType, Operator
from services.lessons.library import packaged
from tests.storage.crowd import TODAY, Person, Sent, Ticket
from tests.storage.wealth import INSTRUMENTS, SHARES

CLOSED = {TicketState.RESOLVED, TicketState.REJECTED, TicketState.WITHDRAWN, TicketState.ARCHIVED}
WENT_OUT = {DeliveryState.SENT, DeliveryState.READ}
"""Of the states that the crowd has."""

Lists = dict[str, Collection[str]]
"""Client numbers on fixed lists, by name."""


def holds(condition: Condition, person: Person, lists: Lists) -> bool:
    """Whether a condition holds for one person."""
    if isinstance(condition, All):
        return all(holds(part, person, lists) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return any(holds(part, person, lists) for part in condition.parts)
    if isinstance(condition, Not):
        return not holds(condition.part, person, lists)
    if isinstance(condition, InSegment):
        return person.client.number in lists[condition.name]
    return _passes(condition, _held(condition.field, person))


def _held(field: str, person: Person) -> object:
    """What is on record; None where nothing is."""
    reader = READERS.get(field)
    value = reader(person) if reader else getattr(person.client, field)
    return None if value == "unknown" and field in ("asset_band", "gender") else value


def _passes(test: Test, value: object) -> bool:
    kind = FIELDS[test.field].type
    if kind is FieldType.SET:
        assert isinstance(value, set | frozenset | tuple)
        return (test.value in value) is (test.operator is Operator.HAS)
    if kind is FieldType.FLAG or test.operator is Operator.KNOWN:
        held = value if kind is FieldType.FLAG else value is not None
        return held is test.value
    if value is None:
        return False
    if isinstance(value, date):
        return _on(test, value)
    return _compared(test, _rank(test, value))


def _on(test: Test, day: date) -> bool:
    if not isinstance(test.value, int):
        return _compared(test, day.isoformat())
    ahead = (day - TODAY).days
    return {
        Operator.WITHIN_DAYS: 0 <= ahead <= test.value,
        Operator.LAST_DAYS: -test.value <= ahead <= 0,
        Operator.DAYS_AGO_AT_LEAST: -ahead >= test.value,
    }[test.operator]


def _rank(test: Test, value: object) -> object:
    """The place on a ladder, else the value."""
    choices = FIELDS[test.field].choices
    return choices.index(str(value)) if FIELDS[test.field].type is FieldType.LADDER else value


def _compared(test: Test, value: object) -> bool:
    several = test.value if isinstance(test.value, tuple) else (test.value,)
    wanted = [_rank(test, one) for one in several]
    tests: dict[Operator, Callable[[], bool]] = {
        Operator.EQUALS: lambda: value == wanted[0],
        Operator.IN: lambda: value in wanted,
        Operator.AT_LEAST: lambda: sorted([value, wanted[0]])[0] == wanted[0],  # type: ignore[type-var]
        Operator.AT_MOST: lambda: sorted([value, wanted[0]])[1] == wanted[0],  # type: ignore[type-var]
        Operator.BETWEEN: lambda: sorted([*wanted, value])[1] == value,  # type: ignore[type-var]
    }
    return tests[test.operator]()


def _age(person: Person) -> int | None:
    born = person.client.birthday
    if born is None or born.year is None:
        return None
    had_it = (TODAY.month, TODAY.day) >= (born.month, born.day)
    return TODAY.year - born.year - (0 if had_it else 1)


def _latest(instants: Collection[datetime]) -> date | None:
    return branch_date(max(instants)) if instants else None


def _sent(person: Person, wanted: Callable[[Sent], bool]) -> date | None:
    return _latest([s.claimed_at for s in person.sent if s.claimed_at and s.state in WENT_OUT and wanted(s)])


def _complaints(person: Person) -> list[Ticket]:
    return [one for one in person.tickets if one.kind is TicketKind.COMPLAINT and one.state not in CLOSED]


def _assessed(person: Person) -> bool:
    until = person.client.risk_valid_until
    return person.client.risk_level is not None and until is not None and until >= TODAY


def _last_chat(person: Person) -> date | None:
    """A chat that was left since counts: the client wrote in it."""
    return _latest([chat.wrote_at for chat in person.chats if chat.wrote_at])


def _holds(person: Person) -> set[str]:
    return {code for code, number in person.wealth.held.items() if number}


def _courses(person: Person) -> set[str]:
    """Those of which every lesson was completed."""
    return {course.id for course in packaged().courses if set(course.lessons) <= set(person.lessons)}


def _figure(name: str) -> Callable[[Person], object]:
    return lambda person: (person.wealth.figures or {}).get(name)


def _engagement(person: Person) -> int:
    """Today is not over and does not count."""
    return sum(TODAY - timedelta(days=30) <= on < TODAY for on in person.wealth.wrote)


def _live(person: Person) -> set[str]:
    return {chat.channel for chat in person.chats if not chat.gone}


READERS: dict[str, Callable[[Person], object]] = {
    "assessed": _assessed,
    "tag": lambda person: person.client.tags,
    "consent": lambda person: set(person.client.consents) - person.revoked,
    "interest": lambda person: person.interests,
    "opted_out": lambda person: person.client.opted_out_at is not None,
    "reachable": lambda person: bool(_live(person)),
    "channel": _live,
    "preferred_channel": lambda person: person.preferred,
    "last_chat": _last_chat,
    "last_contact": lambda person: _sent(person, lambda sent: sent.purpose not in DIALOGUE),
    "last_invitation": lambda person: _sent(person, lambda sent: sent.text_key == "event_invitation"),
    "open_complaint": lambda person: bool(_complaints(person)),
    "complaint_level": lambda person: {one.level for one in _complaints(person)},
    "age": _age,
    "manager": lambda person: person.manager,
    "adviser": lambda person: person.adviser,
    "style": lambda person: person.style,
    "prefers": lambda person: person.prefers,
    "branch": lambda person: person.branch,
    "region": lambda person: person.region,
    "occupation": lambda person: person.occupation,
    "plan": lambda person: person.plan,
    "lesson": lambda person: set(person.lessons),
    "course": _courses,
    "lessons": lambda person: len(person.lessons),
    "last_lesson": lambda person: _latest(person.lessons.values()),
    "holds": _holds,
    "holds_class": lambda person: {INSTRUMENTS[code] for code in _holds(person)},
    "last_trade": lambda person: max(person.wealth.traded, default=None),
    "engagement": _engagement,
    **{name: _figure(name) for name in ("assets", *SHARES)},
}
