"""All that happened with a client, in one order: each kind is read by an index of its own, then they are merged."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, exists, false, or_, select
from sqlalchemy.orm import aliased

from bot.vocabulary import (
    DIALOGUE,
    AssessmentState,
    ConsentPurpose,
    DeliveryState,
    Duty,
    Level,
    MessageKind,
    Purpose,
    RiskLevel,
    TicketKind,
    TicketState,
)
from storage.models import (
    AssessmentRow,
    AuditRow,
    ChatAccountRow,
    ClientAssignmentRow,
    ClientChangeRow,
    ClientNoteRow,
    ConsentRow,
    ConversationRow,
    DeliveryRow,
    InboxRow,
    LessonCompletionRow,
    StaffRow,
    TicketRow,
)
from storage.repositories import audit_lists, chronicle
from storage.repositories.chronicle import Mark, Moment, earlier
from storage.repositories.client_notes import TEXT
from storage.repositories.client_record import Change, change
from storage.unit import Unit


class Kind(StrEnum):
    """What a timeline can be narrowed to."""

    MESSAGE = "message"
    DELIVERY = "delivery"
    TICKET = "ticket"
    CONSENT = "consent"
    ASSESSMENT = "assessment"
    LESSON = "lesson"
    NOTE = "note"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the client."""

    id: int
    at: datetime
    channel: str
    conversation_id: int
    kind: MessageKind
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Something said to the client, or meant to be: in a dialogue, or by itself."""

    id: int
    at: datetime
    channel: str | None
    conversation_id: int | None
    purpose: Purpose
    state: DeliveryState
    rule: str | None
    text: str | None
    author: str | None


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A ticket that was opened, or (`closed`) closed."""

    id: int
    at: datetime
    number: str
    kind: TicketKind
    level: Level
    state: TicketState
    summary: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Consented:
    """What the client said about one purpose."""

    id: int
    at: datetime
    purpose: ConsentPurpose
    granted: bool
    version: str
    channel: str


@dataclass(frozen=True, slots=True)
class Assessed:
    """An assessment, at its beginning."""

    id: int
    at: datetime
    state: AssessmentState
    level: RiskLevel | None
    channel: str


@dataclass(frozen=True, slots=True)
class Learned:
    """A lesson that was completed: the best result."""

    id: int
    at: datetime
    lesson: str
    score: int
    questions: int


@dataclass(frozen=True, slots=True)
class Noted:
    """A note of staff."""

    id: int
    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Charged:
    """Somebody came to be in charge, or (`over`) left without a successor."""

    id: int
    at: datetime
    duty: Duty
    name: str
    author: str | None
    over: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """A deed of the audit trail."""

    id: int
    at: datetime
    action: str
    author: str | None
    reason: str | None


Line = Heard | Sent | TicketLine | Consented | Assessed | Learned | Noted | Change | Charged | Done


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose timeline, which kinds, from where on towards older ones; `reveals`: also who saw what in clear."""

    client_id: int
    kinds: frozenset[Kind]
    before: Mark | None = None
    limit: int = 40
    reveals: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines, newest first; `before` is the place to go on from, if there are more."""

    lines: tuple[Line, ...]
    before: Mark | None


DEEDS = (
    "bind_code.issue",
    "chat.bind",
    "chat.unbind",
    "client.opt_in",
    "client.opt_out",
    "client.interest",
    "client.language",
    "client.quiet",
    "client.link",
    "client.unlink",
)
BY_CLIENT = "client.prefer"
"""Of staff it stands among the changes of the record."""
REVEAL = "client.reveal"

Found = tuple[Line, int]
"""A line and its rank: what comes later in the list of sources comes first at the same instant."""


def stretch(unit: Unit, wanted: Wanted) -> Stretch:
    """The newest lines, or the newest before a place."""
    found: list[Found] = []
    for rank, (kind, read) in enumerate(SOURCES):
        if kind in wanted.kinds:
            found += [(line, rank) for line in read(unit, wanted, rank)]
    found.sort(key=_order, reverse=True)
    shown, more = found[: wanted.limit], len(found) > wanted.limit
    line, rank = shown[-1] if shown else (None, 0)
    before = Mark(line.at, rank, line.id) if line and more else None
    return Stretch(tuple(one for one, _ in shown), before)


def _order(found: Found) -> tuple[datetime, int, int]:
    return (found[0].at, found[1], found[0].id)


def _newest(
    unit: Unit, wanted: Wanted, rank: int, statement: Select[*tuple[Any, ...]], by: tuple[Moment, Any]
) -> Iterable[Row[*tuple[Any, ...]]]:
    """The newest rows of a statement by instant and id, one more than are shown."""
    at, number = by
    chosen = statement.where(*earlier(wanted.before, at, number, rank))
    return unit.session.execute(chosen.order_by(at.desc(), number.desc()).limit(wanted.limit + 1))


def _heard(unit: Unit, wanted: Wanted, rank: int) -> list[Heard]:
    row, theirs = InboxRow, talks(unit, wanted.client_id)
    spans = [(row.conversation_id == number) & (row.received_at >= since) for number, since in theirs.items()]
    statement = select(row.id, row.received_at, row.channel, row.conversation_id, row.kind, row.text)
    spoken = row.kind.in_([kind.value for kind in MessageKind])
    rows = _newest(unit, wanted, rank, statement.where(or_(false(), *spans), spoken), (row.received_at, row.id))
    return [
        Heard(number, at, channel, conversation_id, MessageKind(kind), text)
        for number, at, channel, conversation_id, kind, text in rows
    ]


_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def talks(unit: Unit, client_id: int) -> dict[int, datetime]:
    """Their conversations by id, each with the beginning of what is theirs: it may have been another's before."""
    chat, talk, sent = ChatAccountRow, ConversationRow, DeliveryRow
    other = exists().where(sent.conversation_id == talk.id, sent.client_id != client_id)
    theirs = select(talk.id, chat.bound_at, other).join(chat, chat.id == talk.account_id)
    found = unit.session.execute(theirs.where(chat.client_id == client_id))
    return {number: bound if bound and before else _EVER for number, bound, before in found}


def spoken(unit: Unit, conversation_id: int, client_id: int | None, before: chronicle.Mark | None) -> chronicle.Stretch:
    """What was said in a client's chat since it is theirs; in a chat of nobody known, all of it."""
    found = chronicle.stretch(unit, conversation_id, before)
    if client_id is None:
        return found
    since = talks(unit, client_id)[conversation_id]
    lines = tuple(line for line in found.lines if line.at >= since)
    return chronicle.Stretch(lines, found.before if len(lines) == len(found.lines) else None)


def _sent(unit: Unit, wanted: Wanted, rank: int, *, dialogue: bool) -> list[Sent]:
    row = DeliveryRow
    columns = (row.id, row.created_at, row.channel, row.conversation_id, row.purpose, row.state, row.rule, row.text)
    spoken = row.purpose.in_(sorted(DIALOGUE))
    statement = (
        select(*columns, StaffRow.name)
        .outerjoin(StaffRow, StaffRow.id == row.staff_id)
        .where(row.client_id == wanted.client_id, spoken if dialogue else ~spoken)
    )
    return [Sent(*found) for found in _newest(unit, wanted, rank, statement, (row.created_at, row.id))]


def _said(unit: Unit, wanted: Wanted, rank: int) -> list[Sent]:
    return _sent(unit, wanted, rank, dialogue=True)


def _delivered(unit: Unit, wanted: Wanted, rank: int) -> list[Sent]:
    return _sent(unit, wanted, rank, dialogue=False)


def _opened(unit: Unit, wanted: Wanted, rank: int) -> list[TicketLine]:
    return [TicketLine(*found) for found in _tickets(unit, wanted, rank, TicketRow.opened_at)]


def _closed(unit: Unit, wanted: Wanted, rank: int) -> list[TicketLine]:
    return [replace(TicketLine(*found), closed=True) for found in _tickets(unit, wanted, rank, TicketRow.closed_at)]


def _tickets(unit: Unit, wanted: Wanted, rank: int, at: Moment) -> Iterable[Row[*tuple[Any, ...]]]:
    row = TicketRow
    statement = select(row.id, at, row.number, row.kind, row.level, row.state, row.summary)
    chosen = statement.where(row.client_id == wanted.client_id, at.is_not(None))
    return _newest(unit, wanted, rank, chosen, (at, row.id))


def _consented(unit: Unit, wanted: Wanted, rank: int) -> list[Consented]:
    row = ConsentRow
    statement = select(row.id, row.at, row.purpose, row.granted, row.version, row.channel)
    chosen = statement.where(row.client_id == wanted.client_id)
    return [Consented(*found) for found in _newest(unit, wanted, rank, chosen, (row.at, row.id))]


def _assessed(unit: Unit, wanted: Wanted, rank: int) -> list[Assessed]:
    row = AssessmentRow
    statement = select(row.id, row.started_at, row.state, row.level, row.channel)
    chosen = statement.where(row.client_id == wanted.client_id)
    return [Assessed(*found) for found in _newest(unit, wanted, rank, chosen, (row.started_at, row.id))]


def _learned(unit: Unit, wanted: Wanted, rank: int) -> list[Learned]:
    row = LessonCompletionRow
    statement = select(row.id, row.completed_at, row.lesson, row.score, row.questions)
    chosen = statement.where(row.client_id == wanted.client_id)
    return [Learned(*found) for found in _newest(unit, wanted, rank, chosen, (row.completed_at, row.id))]


def _noted(unit: Unit, wanted: Wanted, rank: int) -> list[Noted]:
    row = ClientNoteRow
    statement = select(row.id, row.at, StaffRow.name, row.text_sealed).join(StaffRow, StaffRow.id == row.staff_id)
    found = _newest(unit, wanted, rank, statement.where(row.client_id == wanted.client_id), (row.at, row.id))
    return [Noted(number, at, name, unit.vault.open(TEXT, sealed)) for number, at, name, sealed in found]


def _changed(unit: Unit, wanted: Wanted, rank: int) -> list[Change]:
    row = ClientChangeRow
    statement = select(row, StaffRow.name).join(StaffRow, StaffRow.id == row.staff_id)
    found = _newest(unit, wanted, rank, statement.where(row.client_id == wanted.client_id), (row.at, row.id))
    return [change(unit, one, name) for one, name in found]


def _charged(unit: Unit, wanted: Wanted, rank: int) -> list[Charged]:
    row, author = ClientAssignmentRow, aliased(StaffRow)
    statement = (
        select(row.id, row.begun_at, row.duty, StaffRow.name, author.name)
        .join(StaffRow, StaffRow.id == row.staff_id)
        .outerjoin(author, author.id == row.begun_by)
        .where(row.client_id == wanted.client_id)
    )
    return [Charged(*found) for found in _newest(unit, wanted, rank, statement, (row.begun_at, row.id))]


def _discharged(unit: Unit, wanted: Wanted, rank: int) -> list[Charged]:
    row, author, heir = ClientAssignmentRow, aliased(StaffRow), aliased(ClientAssignmentRow)
    followed = exists().where(
        heir.client_id == row.client_id, heir.duty == row.duty, heir.begun_at == row.ended_at, heir.id != row.id
    )
    statement = (
        select(row.id, row.ended_at, row.duty, StaffRow.name, author.name)
        .join(StaffRow, StaffRow.id == row.staff_id)
        .outerjoin(author, author.id == row.ended_by)
        .where(row.client_id == wanted.client_id, row.ended_at.is_not(None), ~followed)
    )
    return [
        replace(Charged(*found), over=True) for found in _newest(unit, wanted, rank, statement, (row.ended_at, row.id))
    ]


def _done(unit: Unit, wanted: Wanted, rank: int) -> list[Done]:
    row = AuditRow
    shown = row.action.in_([*DEEDS, REVEAL] if wanted.reveals else DEEDS)
    chosen = or_(shown, (row.action == BY_CLIENT) & row.staff_id.is_(None))
    before = earlier(wanted.before, row.at, row.id, rank)
    found = audit_lists.of_client(unit, wanted.client_id, (chosen, *before), wanted.limit + 1)
    return [Done(one.id, one.at, one.action, one.staff, one.reason) for one in found]


Source = Callable[[Unit, Wanted, int], Sequence[Line]]
SOURCES: tuple[tuple[Kind, Source], ...] = (
    (Kind.MESSAGE, _heard),
    (Kind.RECORD, _charged),
    (Kind.RECORD, _discharged),
    (Kind.RECORD, _changed),
    (Kind.RECORD, _done),
    (Kind.CONSENT, _consented),
    (Kind.ASSESSMENT, _assessed),
    (Kind.LESSON, _learned),
    (Kind.TICKET, _opened),
    (Kind.TICKET, _closed),
    (Kind.NOTE, _noted),
    (Kind.MESSAGE, _said),
    (Kind.DELIVERY, _delivered),
)
"""What is read for each kind; the place in the list is the rank."""
