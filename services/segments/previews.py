"""Segments: who a condition means, how many of them can be reached where, and why others cannot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.clock import branch_date, branch_time
from bot.vocabulary import ContentFacts, Interest, Locale, ProductRisk, Purpose, RiskLevel
from bot.vocabulary.conditions import Condition
from services import masking, plans
from services.delivery.gate import APPLIES, consents_for, quiet_until, weekly_caps
from services.delivery.means import groupable
from services.delivery.submit import Delivery
from services.segments.lookup import looked_up
from services.suitability.matrix import packaged
from services.suitability.rule import Content
from storage.repositories import audiences
from storage.repositories.audiences import Group, Hour, Mass, Planned, Screen
from storage.repositories.facts import WEEK
from storage.repositories.listing import Whose
from storage.unit import Unit

_LATER = frozenset({"mourning", "quiet_hours", "daily_cap", "window", "monthly"})
"""Rules that only put off."""
_DROPPED = {Purpose.CARE: frozenset({"mourning"})}
"""What of these belongs to its day, and is dropped."""
SAMPLE = 20
AS_BROADCAST = 0
"""What is looked at ahead goes out as some broadcast."""
"""Members shown of a segment."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be said to a segment; with `whose`, only to the clients of these members of staff.

    `forbidden`: languages whose words the gate would not let pass. `at`: when it would go out; without it nothing
    is foreseen that depends on the hour. `text`: the longest of what would be said; it may have to fit one message.
    """

    condition: Condition
    purpose: Purpose
    product_risk: ProductRisk | None = None
    whose: Whose = None
    text_key: str = "broadcast_body"
    topic: Interest | None = None
    forbidden: frozenset[Locale] = frozenset()
    at: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A member as the preview shows them: the name is masked."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Preview:
    """How many a segment has, whom by channel a message would reach, and how many it would not, or only later, by rule.

    Of the hour are also a window that a platform has shut by then, and the month's messages to many at once.
    """

    count: int
    reachable: Mapping[str, int]
    waiting: Mapping[str, int]
    unreachable: Mapping[str, int]
    sample: tuple[Shown, ...]


def preview(unit: Unit, delivery: Delivery, wanted: Wanted, today: date) -> Preview:
    """Look at a segment as it is on a day of the branch."""
    audience = audiences.chosen(looked_up(unit, wanted.condition), today, wanted.whose)
    ways = delivery.ways(wanted.text_key, frozenset(), wanted.at)
    groups = audiences.groups(unit, audience, ways, _screen(delivery, wanted, today))
    members, later = audiences.sample(unit, audience, SAMPLE), _LATER - _DROPPED.get(wanted.purpose, frozenset())
    return Preview(
        count=sum(group.number for group in groups),
        reachable={group.channel or "": group.number for group in groups if group.rule is None},
        waiting=_by_rule(group for group in groups if group.rule in later),
        unreachable=_by_rule(group for group in groups if group.rule not in later),
        sample=tuple(Shown(member.number, masking.name(member.name)) for member in members),
    )


def _screen(delivery: Delivery, wanted: Wanted, today: date) -> Screen:
    content, table, risk = Content(wanted.purpose, wanted.product_risk), packaged(), wanted.product_risk
    return Screen(
        rules=[rule.name for rule in APPLIES[wanted.purpose]],
        consents=consents_for(wanted.purpose, offers_product=content.offers_product),
        assessed=table.needs_assessment(wanted.purpose, offers_product=content.offers_product),
        fit=table.fit(risk) if content.offers_product else frozenset(RiskLevel),
        professionals=not content.offers_product or risk in table.professional,
        offers_product=content.offers_product,
        elder_age=delivery.rules.elder_age,
        today=today,
        planned=_planned(delivery, wanted),
        forbidden=wanted.forbidden,
        hour=_hour(delivery, wanted, wanted.at, offers_product=content.offers_product) if wanted.at else None,
    )


def _planned(delivery: Delivery, wanted: Wanted) -> Planned:
    every = plans.packaged().every.values()
    return Planned(
        topic=wanted.topic,
        chosen=[plan.code for plan in every if plan.chosen_only],
        weekly={plan.code: plan.weekly for plan in every if plan.weekly is not None},
        since=(wanted.at or delivery.clock.now()) - WEEK,
        now=delivery.clock.now(),
    )


def _hour(delivery: Delivery, wanted: Wanted, at: datetime, *, offers_product: bool) -> Hour:
    day, rules = delivery.days(branch_date(at)), delivery.rules
    counted = Purpose.PRODUCT if offers_product else wanted.purpose
    return Hour(
        at=at,
        now=delivery.clock.now(),
        midnight=branch_time(at).replace(hour=0, minute=0, second=0, microsecond=0),
        quiet=quiet_until(at, day.quiet) is not None,
        mourning=day.mourning,
        daily=rules.daily_cap,
        counted=counted,
        weekly=weekly_caps(rules).get(counted),
        masses=_masses(delivery, wanted),
    )


def _masses(delivery: Delivery, wanted: Wanted) -> list[Mass]:
    """The accounts that could say it to many at once."""
    content = ContentFacts(wanted.purpose, wanted.text, wanted.text_key)
    return [
        Mass(*account, can.group.monthly, can.needs_staff_confirmation)
        for account, can in delivery.accounts.items()
        if can.group is not None and groupable(can, content, AS_BROADCAST)
    ]


def _by_rule(groups: Iterable[Group]) -> dict[str, int]:
    """Counts by rule over all channels, the commonest first."""
    counts: dict[str, int] = {}
    for group in groups:
        if group.rule is not None:
            counts[group.rule] = counts.get(group.rule, 0) + group.number
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
