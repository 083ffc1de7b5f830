"""Clients' votes on answers, and the question that an answer was given to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select

from bot.vocabulary import OFFERED, AnswerKind
from storage.models import DeliveryRow, InboxRow, VoteRow
from storage.unit import Unit
from storage.upserts import insertion


@dataclass(frozen=True, slots=True)
class Vote:
    """Whether an entry's answer helped in a conversation."""

    conversation_id: int
    entry_id: str
    channel: str
    helpful: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """How many conversations found an entry's answer helpful, and how many did not."""

    helpful: int = 0
    useless: int = 0


@dataclass(frozen=True, slots=True)
class Ballot:
    """Which votes: those from `since` on, before `until`; `channel` None: of all."""

    since: datetime
    until: datetime
    channel: str | None = None


def cast(unit: Unit, vote: Vote) -> None:
    """Keep a vote; a conversation's later one on the same entry takes its place."""
    row = VoteRow
    values = {name: getattr(vote, name) for name in Vote.__slots__}
    latest = {"helpful": vote.helpful, "at": vote.at}
    keys = [row.conversation_id, row.entry_id]
    unit.session.execute(insertion(unit, row).values(values).on_conflict_do_update(index_elements=keys, set_=latest))


def by_entry(unit: Unit, ballot: Ballot) -> dict[str, Tally]:
    """The votes on each entry."""
    row = VoteRow
    helpful = func.sum(case((row.helpful, 1), else_=0))
    found = select(row.entry_id, helpful, func.count()).where(row.at >= ballot.since, row.at < ballot.until)
    if ballot.channel is not None:
        found = found.where(row.channel == ballot.channel)
    counted = unit.session.execute(found.group_by(row.entry_id))
    return {entry: Tally(int(liked), int(every - liked)) for entry, liked, every in counted}


def question_of(unit: Unit, conversation_id: int, entry_id: str) -> str | None:
    """What the client asked before they voted on an entry, in their words."""
    said = DeliveryRow
    offered = said.answer_kind.in_(OFFERED)
    given = and_(said.entry_id == entry_id, said.answer_kind == AnswerKind.ANSWERED)
    wanted = select(InboxRow.text).join(said, said.inbox_id == InboxRow.id)
    wanted = wanted.where(said.conversation_id == conversation_id, or_(given, offered))
    return unit.session.scalars(wanted.order_by(said.id.desc()).limit(1)).one_or_none()
