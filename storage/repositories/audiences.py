"""Who an audience is: how many can be reached where, who cannot and why, and a few of them to look at."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, false, func, not_, or_, select, true

from bot.clock import branch_date, branch_time
from bot.vocabulary import PLANNED, ClientKind, ClientState, ConsentPurpose, Interest, Locale, Purpose, RiskLevel
from bot.vocabulary.conditions import Condition
from storage import segment_tests, segments
from storage.models import ClientInterestRow, ClientPlanRow, ClientRow, DeliveryRow
from storage.repositories import facts
from storage.repositories.claims import HOLD
from storage.repositories.clients import NAME
from storage.repositories.facts import OUT, WEEK, WEEKLY
from storage.repositories.fanout import Audience, Reached, Way, opens, picked
from storage.repositories.listing import Whose, kept_by, opened
from storage.unit import Unit

REACHES = 2_000, 8_000, 24_000
"""Ids up to which a sample is looked for before further ones are."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What content plans say: `chosen` sends only chosen subjects, `weekly` is a number by plan, counted from `since`.

    `topic`: what the content is about. `now`: what is about to go out counts with what went.
    """

    topic: Interest | None
    chosen: Collection[str]
    weekly: Mapping[str, int]
    since: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Mass:
    """An account on which it may go to many at once, `monthly` times to each; `staff` would confirm it one by one."""

    channel: str
    account: str
    monthly: int
    staff: bool


@dataclass(frozen=True, slots=True)
class Hour:
    """When it would go out, and what the house lets be then: `quiet` hours, a day of `mourning`.

    `daily`: messages a client gets on that day, counted from `midnight`; `weekly`: as many as count as `counted`.
    `now`: what is about to go out counts with what went. `masses` are the accounts that reach a chat whose window is
    shut, or that staff would have to confirm, by one message for all.
    """

    at: datetime
    now: datetime
    midnight: datetime
    quiet: bool
    mourning: bool
    daily: int
    counted: Purpose
    weekly: int | None
    masses: Sequence[Mass] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """Which of the gate's rules to foresee, by name and in their order, with what they need to know.

    `assessed`: only clients with an assessment that holds, of the levels in `fit`; `professionals` need none.
    `forbidden`: languages whose words may not be said. Without `hour` nothing is foreseen that depends on it.
    """

    rules: Sequence[str]
    consents: Collection[ConsentPurpose]
    assessed: bool
    fit: Collection[RiskLevel]
    professionals: bool
    offers_product: bool
    elder_age: int
    today: date
    planned: Planned
    forbidden: Collection[Locale]
    hour: Hour | None


@dataclass(frozen=True, slots=True)
class Group:
    """So many clients would be written to on this channel, or not for this rule."""

    channel: str | None
    rule: str | None
    number: int


@dataclass(frozen=True, slots=True)
class Member:
    """One client of an audience; the name is personal data."""

    client_id: int
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """Clients of the first of two segments only, of both, and of the second only."""

    first: int
    both: int
    second: int


_PARTS: Mapping[str, Any] = {
    "asset_band": ClientRow.asset_band,
    "risk_level": ClientRow.risk_level,
    "state": ClientRow.state,
}


def chosen(condition: Condition, today: date, whose: Whose = None) -> Audience:
    """The clients who meet a condition; with `whose`, only theirs."""
    audience = segments.members(condition, today)
    return audience.where(*kept_by(whose))


def after(unit: Unit, audience: Audience, client_id: int, enrolled_by: datetime, limit: int) -> list[int]:
    """The next clients of an audience by id, of those who were there at an instant."""
    there = audience.where(ClientRow.id > client_id, ClientRow.created_at <= enrolled_by)
    return list(unit.session.scalars(there.order_by(None).order_by(ClientRow.id).limit(limit)))


def these(ids: Collection[int]) -> Audience:
    """Clients who were chosen already."""
    return select(ClientRow.id).where(ClientRow.id.in_(ids))


def by_locale(audience: Audience) -> dict[Locale, Audience]:
    """The same clients, parted by the language they read."""
    return {locale: audience.where(ClientRow.locale == locale) for locale in Locale}


def groups(unit: Unit, audience: Audience, ways: Sequence[Way], screen: Screen) -> list[Group]:
    """The whole audience by channel and reason, in one query.

    As in a fan-out, a client without a chat counts as unreachable whatever else stands in the way.
    """
    found = picked(ClientRow.id.in_(audience), ways)
    objections = _objections(screen, ways, found.c.chat.is_(None))
    ordered = [name for name in ["unreachable", *screen.rules] if name in objections]
    rule = case(*[(objections[name], name) for name in dict.fromkeys(ordered)], else_=None)
    each = (
        select(rule.label("rule"), Reached.channel.label("channel"))
        .select_from(found)
        .join(ClientRow, ClientRow.id == found.c.client)
        .outerjoin(Reached, Reached.id == found.c.chat)
        .subquery()
    )
    counted = select(each.c.channel, each.c.rule, func.count()).group_by(each.c.channel, each.c.rule)
    return [Group(*row) for row in unit.session.execute(counted.order_by(each.c.channel, each.c.rule))]


def sample(unit: Unit, audience: Audience, limit: int) -> list[Member]:
    """The first members by id, looked for among the first clients first.

    A database that expects few to meet a condition finds all of them before it sorts: half a second for a million.
    """
    wanted = audience.with_only_columns(ClientRow.id, ClientRow.number, ClientRow.name_sealed)
    rows: list[Any] = []
    for after, to in pairwise((0, *REACHES, None)):
        part = wanted.where(ClientRow.id > after, true() if to is None else ClientRow.id <= to)
        rows += unit.session.execute(part.limit(limit - len(rows)))
        if len(rows) == limit:
            break
    return [Member(row.id, row.number, opened(unit, NAME, row.name_sealed) or "") for row in rows]


def count(unit: Unit, audience: Audience) -> int:
    """How many they are."""
    counted = audience.with_only_columns(func.count()).order_by(None)
    return unit.session.scalars(counted).one()


def overlap(unit: Unit, first: Condition, second: Condition, today: date, whose: Whose) -> Overlap:
    """How two conditions share their clients, in one query."""
    one, other = segments.criterion(first, today), segments.criterion(second, today)
    mine = and_(true(), *kept_by(whose))
    found = select(one.label("one"), other.label("other")).select_from(ClientRow)
    each = found.where(mine, segments.THERE, or_(one, other)).subquery()
    both, only_one = and_(each.c.one, each.c.other), and_(each.c.one, not_(each.c.other))
    counted = select(func.count().filter(only_one), func.count().filter(both), func.count()).select_from(each)
    first_only, shared, whole = unit.session.execute(counted).one()
    return Overlap(first_only, shared, whole - first_only - shared)


def breakdown(unit: Unit, audience: Audience, by: str) -> dict[str | None, int]:
    """How many there are by asset band, risk level or state; None where nothing is on record."""
    column = _PARTS[by]
    counted = audience.with_only_columns(column, func.count()).order_by(None).group_by(column)
    return {None if value is None else str(value): number for value, number in unit.session.execute(counted)}


def numbers(unit: Unit, audience: Audience, whose: Whose, limit: int) -> list[str]:
    """Client numbers by id; with `whose`, of their clients only."""
    statement = select(ClientRow.number).where(ClientRow.id.in_(audience))
    statement = statement.where(*kept_by(whose))
    return list(unit.session.scalars(statement.order_by(ClientRow.id).limit(limit)))


def names(unit: Unit, numbers: Collection[str]) -> dict[str, str]:
    """Full names by client number; personal data."""
    rows = unit.session.execute(select(ClientRow.number, ClientRow.name_sealed).where(ClientRow.number.in_(numbers)))
    return {row.number: opened(unit, NAME, row.name_sealed) or "" for row in rows}


def _objections(
    screen: Screen, ways: Sequence[Way], unreachable: ColumnElement[bool]
) -> dict[str, ColumnElement[bool]]:
    return {
        "unreachable": unreachable,
        "deceased": ClientRow.state == ClientState.DECEASED,
        "closed": ClientRow.state == ClientState.CLOSED,
        "frozen": ClientRow.state == ClientState.FROZEN,
        "opted_out": ClientRow.opted_out_at.is_not(None),
        "consent": or_(false(), *[not_(segment_tests.agrees(purpose)) for purpose in sorted(screen.consents)]),
        "suitability": _unsuitable(screen) if screen.assessed else false(),
        "elder": _elder(screen) if screen.offers_product else false(),
        "forbidden_words": ClientRow.locale.in_(sorted(screen.forbidden)),
        "open_complaint": facts.complaining(),
        "plan_topic": _off_topic(screen.planned),
        "plan_weekly": _week_is_full(screen.planned),
        **(_of_the_hour(screen.hour, ways) if screen.hour else {}),
    }


def _of_the_hour(hour: Hour, ways: Sequence[Way]) -> dict[str, ColumnElement[bool]]:
    weekly = WEEKLY.get(hour.counted)
    full = _had(hour, hour.at - WEEK, weekly) >= hour.weekly if weekly is not None else false()
    shut = not_(opens(ways, Reached))
    return {
        "mourning": true() if hour.mourning else false(),
        "weekly_cap": full,
        "quiet_hours": true() if hour.quiet else _resting(branch_time(hour.at).time()),
        "daily_cap": _had(hour, hour.midnight, true()) >= hour.daily,
        "window": and_(shut, not_(or_(false(), *[_by(mass) for mass in hour.masses]))),
        "monthly": or_(false(), *[and_(_by(mass), _used_up(mass, hour.at, shut)) for mass in hour.masses]),
    }


def _had(hour: Hour, since: datetime, which: ColumnElement[bool]) -> ScalarSelect[int]:
    """What a client got since an instant; what goes out now counts if that is before now."""
    soon = facts.promised(hour.now - HOLD, hour.now) if since <= hour.now else None
    return facts.count_sent(since, which, soon)


def _by(mass: Mass) -> ColumnElement[bool]:
    return and_(Reached.channel == mass.channel, Reached.account == mass.account)


def _used_up(mass: Mass, at: datetime, shut: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether it would go with others, and has gone so as often this month as the platform allows."""
    this_month = Reached.group_month == f"{branch_date(at):%Y-%m}"
    used = case((this_month, Reached.group_used), else_=0)
    return and_(true() if mass.staff else shut, used >= mass.monthly)


def _resting(now: time) -> ColumnElement[bool]:
    """Within the quiet hours that clients set themselves, perhaps over midnight."""
    begin, end = ClientRow.quiet_from, ClientRow.quiet_to
    return case((begin <= end, and_(begin <= now, end > now)), else_=or_(begin <= now, end > now))


def _off_topic(planned: Planned) -> ColumnElement[bool]:
    """A plan of chosen subjects without this one; who chose none gets all."""
    if planned.topic is None:
        return false()
    plan, liked = ClientPlanRow, ClientInterestRow
    chosen = exists().where(plan.client_id == ClientRow.id, plan.plan.in_(sorted(planned.chosen)))
    some = exists().where(liked.client_id == ClientRow.id)
    return and_(chosen, some, not_(some.where(liked.interest == planned.topic)))


def _week_is_full(planned: Planned) -> ColumnElement[bool]:
    """Counted for those alone who have a plan of their own."""
    plan, sent = ClientPlanRow, DeliveryRow
    out = and_(sent.claimed_at >= planned.since, sent.state.in_(OUT))
    count = (
        select(func.count())
        .where(sent.client_id == plan.client_id, sent.purpose.in_(sorted(PLANNED)))
        .where(or_(out, facts.promised(planned.now - HOLD, planned.now)) if planned.since <= planned.now else out)
        .correlate(plan)
        .scalar_subquery()
    )
    most = func.coalesce(plan.weekly, case(dict(planned.weekly), value=plan.plan)) if planned.weekly else plan.weekly
    return exists().where(plan.client_id == ClientRow.id, count >= most)


def _unsuitable(screen: Screen) -> ColumnElement[bool]:
    valid = and_(
        ClientRow.risk_level.is_not(None),
        ClientRow.risk_valid_until.is_not(None),
        ClientRow.risk_valid_until >= screen.today,
        ClientRow.risk_level.in_(sorted(screen.fit)),
    )
    professional = ClientRow.kind == ClientKind.PROFESSIONAL if screen.professionals else false()
    return not_(or_(professional, valid))


def _elder(screen: Screen) -> ColumnElement[bool]:
    """The age as the gate counts it; an unknown one counts as too old."""
    return or_(not_(segment_tests.birthday_known()), segment_tests.age(screen.today) >= screen.elder_age)
