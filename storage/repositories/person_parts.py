"""All that is on record of a person besides the client's own row, table by table.

One list for giving it out, for erasing it and for merging two records: a table that names a client, or a chat of
theirs, and does not stand here is found by a test.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    String,
    Text,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bot.vocabulary import AssessmentState, EntryKind, MediaState
from storage.models import (
    AssessmentRow,
    BalanceRow,
    Base,
    BindCodeRow,
    ChatAccountRow,
    ChatDayRow,
    ClientAssignmentRow,
    ClientChangeRow,
    ClientClassRow,
    ClientDayRow,
    ClientFiguresRow,
    ClientInterestRow,
    ClientLinkRow,
    ClientNoteRow,
    ClientPlanRow,
    ClientTagRow,
    ConsentRow,
    ConversationRow,
    DeliveryRow,
    DeliveryTryRow,
    FiguresDueRow,
    HoldingClientDayRow,
    HoldingRow,
    InboxRow,
    InstrumentRow,
    IntakeRow,
    LessonCompletionRow,
    MediaRow,
    MissRow,
    NoticeConsentRow,
    SegmentMemberRow,
    SegmentRow,
    TicketEntryRow,
    TicketRow,
    TradeRow,
    VoteRow,
)
from storage.repositories import client_notes, client_record
from storage.repositories.assessments import ANSWERS

Ids = Sequence[int]
Clause = ColumnElement[bool]
Instant = SQLColumnExpression[datetime]
Number = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]

ERASED = "erased:"
"""With this begins what stands instead of a platform's id."""

LONG_PAST = datetime(1970, 1, 1, tzinfo=UTC)
"""When the time of a file that must go was over."""


@dataclass(frozen=True, slots=True)
class Part:
    """One table. `own`: which rows are those of clients; `keep`: the class by which it is kept, from `at` on.

    `left` is what an erased row holds instead, so that counts stay true; without it rows are removed. `full` tells
    rows that still hold something. `sealed`: columns to open, with their places; `hidden`: what is not given out;
    `told`: what other tables tell of a row.
    """

    model: type[Base]
    keep: str
    own: Callable[[Ids], Clause]
    at: Instant | None = None
    left: Mapping[str, Any] | None = None
    full: Clause = field(default_factory=true)
    sealed: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    told: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    given: Clause = field(default_factory=true)
    """Which of these rows a copy holds: what staff note for each other is none of it."""

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.model.__tablename__)


def chats(ids: Ids) -> Clause:
    """Chats that are theirs now."""
    return ChatAccountRow.client_id.in_(ids)


def talks(ids: Ids) -> Clause:
    """The conversations of these chats."""
    return ConversationRow.account_id.in_(select(ChatAccountRow.id).where(chats(ids)))


def _direct(column: InstrumentedAttribute[int]) -> Callable[[Ids], Clause]:
    return lambda ids: column.in_(ids)


def _in_talk(column: Number, at: Instant) -> Callable[[Ids], Clause]:
    """Rows of their conversations; where the chat was another client's before, only those since it became theirs."""

    def own(ids: Ids) -> Clause:
        sent = aliased(DeliveryRow)
        other = exists().where(sent.conversation_id == ConversationRow.id, sent.client_id.not_in(ids))
        theirs = select(ConversationRow.id).join(ChatAccountRow, ChatAccountRow.id == ConversationRow.account_id)
        mine = or_(~other, ChatAccountRow.bound_at <= at)
        return column.in_(theirs.where(chats(ids), mine).correlate_except(ConversationRow, ChatAccountRow))

    return own


def _named_or_in_talk(named: InstrumentedAttribute[int | None], talk: Number, at: Instant) -> Callable[[Ids], Clause]:
    inside = _in_talk(talk, at)
    return lambda ids: or_(named.in_(ids), named.is_(None) & inside(ids))


_messages = _in_talk(InboxRow.conversation_id, InboxRow.received_at)
_unnamed = _in_talk(DeliveryRow.conversation_id, DeliveryRow.created_at)
_tickets = _named_or_in_talk(TicketRow.client_id, TicketRow.conversation_id, TicketRow.opened_at)


def _deliveries(ids: Ids) -> Clause:
    """What was sent to them, and what was said in a chat of theirs before anybody knew whose it was."""
    return or_(DeliveryRow.client_id.in_(ids), DeliveryRow.client_id.is_(None) & _unnamed(ids))


def _filled(column: InstrumentedAttribute[Any], empty: str) -> Clause:
    return cast(column, Text) != empty


def marked(column: InstrumentedAttribute[int]) -> ColumnElement[str]:
    """What stands instead of an id of a platform: unique, and no platform's."""
    return literal(ERASED) + cast(column, String)


def _instrument(column: InstrumentedAttribute[int]) -> Mapping[str, ColumnElement[Any]]:
    return {"instrument": select(InstrumentRow.name).where(InstrumentRow.id == column).scalar_subquery()}


_CHANGES = {"before_sealed": client_record.CHANGE, "after_sealed": client_record.CHANGE}

PARTS: tuple[Part, ...] = (
    Part(ClientTagRow, "profile", _direct(ClientTagRow.client_id)),
    Part(ClientInterestRow, "profile", _direct(ClientInterestRow.client_id)),
    Part(ClientPlanRow, "profile", _direct(ClientPlanRow.client_id)),
    Part(
        SegmentMemberRow,
        "profile",
        _direct(SegmentMemberRow.client_id),
        told={"segment": select(SegmentRow.name).where(SegmentRow.id == SegmentMemberRow.segment_id).scalar_subquery()},
    ),
    Part(BindCodeRow, "profile", _direct(BindCodeRow.client_id)),
    Part(
        NoticeConsentRow,
        "profile",
        lambda ids: NoticeConsentRow.account_id.in_(select(ChatAccountRow.id).where(chats(ids))),
    ),
    Part(ChatDayRow, "profile", _direct(ChatDayRow.client_id)),
    Part(LessonCompletionRow, "profile", _direct(LessonCompletionRow.client_id)),
    *(Part(model, "statements", _direct(model.client_id)) for model in (FiguresDueRow, ClientFiguresRow)),
    *(Part(model, "statements", _direct(model.client_id)) for model in (ClientClassRow, ClientDayRow, BalanceRow)),
    Part(HoldingClientDayRow, "statements", _direct(HoldingClientDayRow.client_id)),
    Part(HoldingRow, "statements", _direct(HoldingRow.client_id), told=_instrument(HoldingRow.instrument_id)),
    Part(TradeRow, "statements", _direct(TradeRow.client_id), told=_instrument(TradeRow.instrument_id)),
    Part(ClientChangeRow, "profile", _direct(ClientChangeRow.client_id), sealed=_CHANGES),
    Part(ClientAssignmentRow, "profile", _direct(ClientAssignmentRow.client_id)),
    Part(
        ClientLinkRow,
        "profile",
        lambda ids: or_(ClientLinkRow.client_id.in_(ids), ClientLinkRow.other_id.in_(ids)),
        hidden=frozenset({"client_id", "other_id"}),
    ),
    Part(
        ClientNoteRow,
        "conversations",
        _direct(ClientNoteRow.client_id),
        ClientNoteRow.at,
        sealed={"text_sealed": client_notes.TEXT},
    ),
    Part(ConsentRow, "consents", _direct(ConsentRow.client_id), ConsentRow.at),
    Part(
        AssessmentRow,
        "suitability",
        _direct(AssessmentRow.client_id),
        func.coalesce(AssessmentRow.ended_at, AssessmentRow.touched_at),
        {
            "answers_sealed": b"",
            "checks": [],
            "records": {},
            "score": None,
            "level": None,
            "valid_until": None,
            "state": AssessmentState.CANCELLED,
        },
        AssessmentRow.answers_sealed != b"",
        {"answers_sealed": ANSWERS},
    ),
    Part(VoteRow, "questions", _in_talk(VoteRow.conversation_id, VoteRow.at)),
    Part(MissRow, "questions", _in_talk(MissRow.conversation_id, MissRow.at)),
    Part(
        MediaRow,
        "media",
        lambda ids: MediaRow.inbox_id.in_(select(InboxRow.id).where(_messages(ids))),
        MediaRow.wanted_at,
        {"settled_at": LONG_PAST},
        (MediaRow.state == MediaState.KEPT) & (MediaRow.settled_at > LONG_PAST),
        hidden=frozenset({"key", "tries", "next_at"}),
    ),
    Part(
        TicketEntryRow,
        "tickets",
        lambda ids: TicketEntryRow.ticket_id.in_(select(TicketRow.id).where(_tickets(ids))),
        TicketEntryRow.at,
        {"text": ""},
        TicketEntryRow.text != "",
        given=TicketEntryRow.kind.in_((EntryKind.CLIENT_MESSAGE, EntryKind.STAFF_REPLY, EntryKind.STATE)),
    ),
    Part(
        IntakeRow,
        "tickets",
        _named_or_in_talk(IntakeRow.client_id, IntakeRow.conversation_id, IntakeRow.started_at),
        IntakeRow.started_at,
        {"answers": {}},
        _filled(IntakeRow.answers, "{}"),
    ),
    Part(
        TicketRow,
        "tickets",
        _tickets,
        func.coalesce(TicketRow.closed_at, TicketRow.opened_at),
        {"summary": "", "details": {}},
        or_(TicketRow.summary != "", _filled(TicketRow.details, "{}")),
    ),
    Part(
        DeliveryTryRow,
        "deliveries",
        lambda ids: DeliveryTryRow.delivery_id.in_(select(DeliveryRow.id).where(_deliveries(ids))),
        DeliveryTryRow.ended_at,
        {"address": "", "error": None, "decision": None},
        or_(DeliveryTryRow.decision.is_not(None), DeliveryTryRow.error.is_not(None)),
    ),
    Part(
        DeliveryRow,
        "deliveries",
        _deliveries,
        DeliveryRow.created_at,
        {"text": None, "parameters": {}, "personal": [], "options": [], "decision": None, "error": None},
        or_(DeliveryRow.text.is_not(None), DeliveryRow.decision.is_not(None), _filled(DeliveryRow.parameters, "{}")),
        hidden=frozenset({"key", "priority", "claimed_at", "claimed_by", "carried_by", "chunk", "attempts", "doubted"}),
    ),
    Part(
        InboxRow,
        "conversations",
        _messages,
        InboxRow.received_at,
        {"text": "", "payload": {}},
        or_(InboxRow.text != "", _filled(InboxRow.payload, "{}")),
        hidden=frozenset({"replay_key", "state", "route", "tries", "handled_at"}),
    ),
    Part(
        ConversationRow,
        "chats",
        talks,
        full=false(),
        left={"topic": None},
        hidden=frozenset({"lease_holder", "lease_until", "options", "options_at", "topic_turns"}),
    ),
    Part(
        ChatAccountRow,
        "chats",
        chats,
        left={"address": marked(ChatAccountRow.id), "locale": None},
        full=ChatAccountRow.address.not_like(f"{ERASED}%"),
        hidden=frozenset({"window_used", "action_used", "group_month", "group_used", "bind_tries"}),
    ),
)
"""In an order in which rows may be removed: what names another row stands before it."""


def part_of(model: type[Base]) -> Part:
    """The entry of one table."""
    return next(part for part in PARTS if part.model is model)
