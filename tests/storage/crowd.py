"""A crowd of clients with everything that a condition can ask of them, drawn at random and the same in every run."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from sqlalchemy import insert, update

from bot.vocabulary import (
    AssetBand,
    AssetClass,
    Birthday,
    ChannelKind,
    ClientKind,
    ClientState,
    ConsentPurpose,
    DeliveryState,
    Gender,
    Interest,
    Level,
    Locale,
    Purpose,
    RiskLevel,
    Style,
    TicketKind,
    TicketSource,
    TicketState,
)
from services.lessons.library import packaged
from storage.models import (
    Base,
    ChatAccountRow,
    ClientInterestRow,
    ClientPlanRow,
    ClientRow,
    ConsentRow,
    DeliveryRow,
    LessonCompletionRow,
    TicketRow,
)
from storage.repositories import clients
from storage.repositories import staff as staff_rows
from storage.repositories.clients import NewClient
from storage.repositories.staff import NewStaff
from storage.unit import Unit
from tests.storage.wealth import Wealth, wealth
from tests.storage.wealth import rows as wealth_rows

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
"""When the day began at the branch."""

TAGS = ("高净值", "两融", "新开户")
MANAGERS = ("s03", "s04")
NOBODY = "s99"
REGIONS, JOBS, PLANS = ("上海", "Beijing"), ("教师", "医生"), ("close", "few")
COURSES = tuple(course.lessons for course in packaged().courses[:3])
BRANCHES = ("人民路营业部", "0102")
SPANS = (0, 1, 29, 30, 31, 365, 4000)
"""Days around which things happened, so that ends of spans are met."""


@dataclass(frozen=True)
class Chat:
    """One chat of a client."""

    channel: ChannelKind
    gone: bool
    wrote_at: datetime | None


@dataclass(frozen=True)
class Sent:
    """One message to a client."""

    purpose: Purpose
    state: DeliveryState
    text_key: str
    claimed_at: datetime | None


@dataclass(frozen=True)
class Ticket:
    """One ticket of a client."""

    kind: TicketKind
    level: Level
    state: TicketState


@dataclass(frozen=True)
class Person:
    """All that is on record of one client."""

    client: NewClient
    manager: str | None
    adviser: str | None
    style: Style | None
    prefers: tuple[AssetClass, ...]
    branch: str | None
    region: str | None
    occupation: str | None
    plan: str | None
    preferred: ChannelKind | None
    revoked: frozenset[ConsentPurpose]
    interests: tuple[Interest, ...]
    chats: tuple[Chat, ...]
    sent: tuple[Sent, ...]
    tickets: tuple[Ticket, ...]
    wealth: Wealth
    lessons: dict[str, datetime]


def crowd(size: int, seed: int = 7) -> list[Person]:
    """So many persons."""
    draw = Random(seed)  # noqa: S311 - no secret
    return [_person(draw, number) for number in range(size)]


def _person(draw: Random, number: int) -> Person:
    return Person(
        client=_client(draw, number),
        manager=draw.choice((*MANAGERS, None)),
        preferred=draw.choice((ChannelKind.WECHAT, ChannelKind.WEBCHAT, None)),
        revoked=frozenset(draw.sample(list(ConsentPurpose), 1)),
        interests=tuple(draw.sample(list(Interest), draw.randrange(3))),
        chats=tuple(_chat(draw, kind) for kind in draw.sample(list(ChannelKind), draw.randrange(3))),
        sent=tuple(_sent(draw) for _ in range(draw.randrange(3))),
        tickets=tuple(_ticket(draw) for _ in range(draw.randrange(2))),
        wealth=wealth(number, TODAY, SPANS),
        adviser=draw.choice((*MANAGERS, None)),
        style=draw.choice((*Style, None)),
        region=draw.choice((*REGIONS, None)),
        occupation=draw.choice((*JOBS, None)),
        plan=draw.choice((*PLANS, None)),
        branch=draw.choice((*BRANCHES, None)),
        prefers=tuple(one for one in AssetClass if draw.random() < 0.2),
        lessons=_lessons(draw),
    )


def _client(draw: Random, number: int) -> NewClient:
    return NewClient(
        number=f"R{number:04}",
        name="王小明",
        salutation="",
        phone="",
        identity="",
        gender=draw.choice(list(Gender)),
        locale=draw.choice(list(Locale)),
        state=draw.choice(list(ClientState)),
        kind=draw.choice(list(ClientKind)),
        asset_band=draw.choice(list(AssetBand)),
        risk_level=draw.choice((*RiskLevel, None)),
        risk_valid_until=draw.choice((None, TODAY + _span(draw))),
        birthday=_birthday(draw),
        opened_on=draw.choice((None, TODAY - _span(draw))),
        opted_out_at=draw.choice((None, NOW)),
        tags=tuple(draw.sample(TAGS, draw.randrange(3))),
        consents=tuple(draw.sample(list(ConsentPurpose), draw.randrange(4))),
    )


def _span(draw: Random) -> timedelta:
    return timedelta(days=draw.choice(SPANS) * draw.choice((1, -1)))


def _instant(draw: Random) -> datetime:
    """At the ends of a day of the branch and inside it."""
    second = draw.choice((0, -1, 3600))
    return MIDNIGHT - timedelta(days=draw.choice(SPANS), seconds=-second)


def _birthday(draw: Random) -> Birthday | None:
    on = draw.choice((TODAY, TODAY + timedelta(days=1), TODAY - timedelta(days=1)))
    year = draw.choice((None, 1930, 1961, 1962, 1990))
    return draw.choice((None, Birthday(on.month, on.day, year)))


def _chat(draw: Random, kind: ChannelKind) -> Chat:
    return Chat(kind, draw.random() < 0.3, draw.choice((None, _instant(draw))))


def _sent(draw: Random) -> Sent:
    state = draw.choice((DeliveryState.SENT, DeliveryState.SUPPRESSED, DeliveryState.READ, DeliveryState.FAILED))
    key = draw.choice(("event_invitation", "broadcast_body"))
    return Sent(draw.choice(list(Purpose)), state, key, draw.choice((None, _instant(draw), _instant(draw))))


def _ticket(draw: Random) -> Ticket:
    return Ticket(draw.choice(list(TicketKind)), draw.choice(list(Level)), draw.choice(list(TicketState)))


def _lessons(draw: Random) -> dict[str, datetime]:
    """A whole course, one that lacks a lesson, some of another, or nothing."""
    one, other = draw.sample(COURSES, 2)
    some = (*one, *draw.sample(other, 2))
    return {name: _instant(draw) for name in draw.choice((some, some[1:], other[:1], ()))}


def record(unit: Unit, people: list[Person]) -> dict[str, int]:
    """Write them down; gives ids by number."""
    staff = {number: staff_rows.add(unit, NewStaff(number, "员工", (), "-"), NOW) for number in (*MANAGERS, NOBODY)}
    ids = clients.enrol(unit, [person.client for person in people], NOW)
    for person in people:
        client_id = ids[person.client.number]
        values: dict[str, object] = {"preferred_channel": person.preferred}
        values |= {"manager_id": staff.get(person.manager or "")}
        values |= {"adviser_id": staff.get(person.adviser or ""), "region": person.region}
        values |= {"occupation": person.occupation, "style": person.style}
        values |= {"prefers": ",".join(person.prefers) or None, "branch": person.branch}
        unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(**values))
        revoked = ConsentRow.purpose.in_(person.revoked)
        unit.session.execute(update(ConsentRow).where(ConsentRow.client_id == client_id, revoked).values(granted=False))
    tables: list[tuple[type[Base], list[dict[str, object]]]] = [
        (ClientPlanRow, [_plan_row(person, ids) for person in people if person.plan]),
        (ClientInterestRow, [_liked_row(person, ids, one) for person in people for one in person.interests]),
        (ChatAccountRow, [_chat_row(person, ids, chat) for person in people for chat in person.chats]),
        (DeliveryRow, [_sent_row(person, ids, *each) for person in people for each in enumerate(person.sent)]),
        (TicketRow, [_ticket_row(person, ids, ticket) for person in people for ticket in person.tickets]),
        (LessonCompletionRow, [_learned_row(person, ids, *one) for person in people for one in person.lessons.items()]),
        *wealth_rows(unit, {ids[person.client.number]: person.wealth for person in people}, TODAY),
    ]
    for model, rows in tables:
        unit.session.execute(insert(model), rows)
    return ids


def _plan_row(person: Person, ids: dict[str, int]) -> dict[str, object]:
    return {"client_id": ids[person.client.number], "plan": person.plan, "weekly": None, "at": NOW}


def _liked_row(person: Person, ids: dict[str, int], interest: Interest) -> dict[str, object]:
    return {"client_id": ids[person.client.number], "interest": interest, "at": NOW}


def _learned_row(person: Person, ids: dict[str, int], lesson: str, at: datetime) -> dict[str, object]:
    result = {"version": "1", "score": 2, "questions": 3, "completed_at": at}
    return {"client_id": ids[person.client.number], "lesson": lesson, **result}


def _chat_row(person: Person, ids: dict[str, int], chat: Chat) -> dict[str, object]:
    number = person.client.number
    values = {"channel": chat.channel, "account": "main", "address": number, "client_id": ids[number]}
    counts = {"window_used": 0, "action_used": 0, "group_used": 0, "bind_tries": 0}
    return {
        **values,
        **counts,
        "gone_at": NOW if chat.gone else None,
        "last_inbound_at": chat.wrote_at,
        "created_at": NOW,
    }


def _sent_row(person: Person, ids: dict[str, int], place: int, sent: Sent) -> dict[str, object]:
    number = person.client.number
    return {
        "key": f"{number}:{place}",
        "client_id": ids[number],
        "purpose": sent.purpose,
        "priority": 1,
        "state": sent.state,
        "text_key": sent.text_key,
        "claimed_at": sent.claimed_at,
        "created_at": NOW,
        "not_before": NOW,
    }


def _ticket_row(person: Person, ids: dict[str, int], ticket: Ticket) -> dict[str, object]:
    number = person.client.number
    return {
        "number": f"T{number}",
        "client_id": ids[number],
        "kind": ticket.kind,
        "level": ticket.level,
        "state": ticket.state,
        "source": next(iter(TicketSource)),
        "opened_at": NOW,
    }
