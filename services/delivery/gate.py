"""The gate: may this be said to this client, on this chat, now?

One ordered list of pure, named rules. The table below says which of them a purpose has to pass; the first that
objects decides. What is not known is held against sending.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from bot.clock import BRANCH_ZONE, branch_date, branch_time
from bot.vocabulary import (
    DIALOGUE,
    ClientState,
    ConsentPurpose,
    ContentFacts,
    GateFacts,
    PlanFacts,
    Purpose,
)
from services import plans
from services.rules import Rules
from services.suitability.rule import Content, Day, Decision, may_receive

RECHECK = timedelta(minutes=15)
"""How often a message is looked at again that waits until the client writes."""


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules judge; `forbidden` is the category of forbidden wording in the text, if any."""

    facts: GateFacts
    rules: Rules
    now: datetime
    forbidden: str | None = None

    @property
    def offers_product(self) -> bool:
        """Whether the content promotes a product."""
        return self._wanted.offers_product

    @property
    def suits(self) -> Decision:
        """What the rule of suitability says."""
        return may_receive(self.facts.client, self._wanted, Day(branch_date(self.now), self.rules.elder_age))

    @property
    def _wanted(self) -> Content:
        return Content(self.facts.content.purpose, self.facts.content.product_risk)


class Outcome(StrEnum):
    """What the gate says."""

    ALLOW = "allow"
    SUPPRESS = "suppress"
    DEFER = "defer"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision, the rule it rests on with its version and, where deferred, until when."""

    outcome: Outcome
    rule: str | None = None
    version: int = 1
    until: datetime | None = None


Check = Callable[[Case], bool | datetime]
"""False lets the case pass, True suppresses it, an instant defers it until then."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule; the version changes with its meaning."""

    name: str
    check: Check
    version: int = 1


CONSENTS: Mapping[Purpose, ConsentPurpose] = {
    Purpose.ALERT: ConsentPurpose.RISK_ALERT,
    Purpose.FOLLOWUP: ConsentPurpose.FOLLOW_UP,
    Purpose.PRODUCT: ConsentPurpose.PRODUCT,
    Purpose.EDUCATION: ConsentPurpose.EDUCATION,
    Purpose.BROADCAST: ConsentPurpose.SERVICE,
    Purpose.CARE: ConsentPurpose.CARE,
}
"""The consent that a purpose needs; a product in the content needs consent to products besides."""


def consents_for(purpose: Purpose, *, offers_product: bool) -> frozenset[ConsentPurpose]:
    """All the consents that a content needs; none where the purpose asks for none."""
    if purpose not in CONSENTS:
        return frozenset()
    return frozenset({CONSENTS[purpose]}) | (frozenset({ConsentPurpose.PRODUCT}) if offers_product else frozenset())


def _in_state(state: ClientState) -> Check:
    def check(case: Case) -> bool:
        client = case.facts.client
        return client is not None and client.state is state

    return check


def _unknown_client(case: Case) -> bool:
    return case.facts.client is None


def _unreachable(case: Case) -> bool:
    return not case.facts.address.reachable


def _opted_out(case: Case) -> bool:
    client = case.facts.client
    return not case.facts.content.essential and (client is None or client.opted_out)


def _consent(case: Case) -> bool:
    if case.facts.content.essential:
        return False
    needed = consents_for(case.facts.content.purpose, offers_product=case.offers_product)
    given = case.facts.client.consents if case.facts.client else frozenset()
    return not needed <= given


def _material(case: Case) -> bool:
    return case.offers_product and not case.facts.content.material


def _suitability(case: Case) -> bool:
    return case.suits.unsuitable


def _elder(case: Case) -> bool:
    return case.suits.elder


def _forbidden_words(case: Case) -> bool:
    return case.forbidden is not None


def _privacy(case: Case) -> bool:
    content = case.facts.content
    return content.personal and not case.facts.address.personal_allowed and not content.neutral_exists


def _open_complaint(case: Case) -> bool:
    return case.facts.client is None or case.facts.client.open_complaint


def _mourning(case: Case) -> bool | datetime:
    """A greeting belongs to its day and is dropped; what may wait goes out the next morning."""
    if not case.facts.day.mourning:
        return False
    if case.facts.content.purpose is Purpose.CARE:
        return True
    tomorrow = branch_date(case.now) + timedelta(days=1)
    return datetime.combine(tomorrow, case.rules.quiet[1], BRANCH_ZONE)


def _quiet_hours(case: Case) -> bool | datetime:
    if case.facts.content.essential:
        return False
    own = case.facts.client.quiet if case.facts.client else None
    spans = [case.facts.day.quiet, *([own] if own else [])]
    until = case.now
    for _ in range(len(spans) * 2):  # the end of one span may lie in the other
        until = max(quiet_until(until, span) or until for span in spans)
    return until if until > case.now else False


def _daily_cap(case: Case) -> bool | datetime:
    client = case.facts.client
    if client is not None and client.sent_today < case.rules.daily_cap:
        return False
    tomorrow = branch_time(case.now) + timedelta(days=1)
    return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0)


def weekly_caps(rules: Rules) -> Mapping[Purpose, int]:
    """How many messages a client gets in a week at most, by what they count as."""
    return {Purpose.EDUCATION: rules.education_weekly, Purpose.PRODUCT: rules.product_weekly}


def _weekly_cap(case: Case) -> bool:
    caps = weekly_caps(case.rules)
    counted = Purpose.PRODUCT if case.offers_product else case.facts.content.purpose
    if counted not in caps:
        return False
    return case.facts.client is None or case.facts.client.sent_week.get(counted, 0) >= caps[counted]


def _plan_topic(case: Case) -> bool:
    """What a client with a plan of chosen subjects did not choose; who chose none gets all."""
    plan, topic = _plan(case), case.facts.content.topic
    if plan is None or topic is None or not plan.interests or not plans.packaged().of(plan.code).chosen_only:
        return False
    return topic not in plan.interests


def _plan_weekly(case: Case) -> bool:
    plan = _plan(case)
    if plan is None:
        return False
    most = plans.packaged().of(plan.code).weekly if plan.weekly is None else plan.weekly
    return most is not None and plan.sent >= most


def _plan(case: Case) -> PlanFacts | None:
    return case.facts.client.plan if case.facts.client else None


def _window(case: Case) -> bool | datetime:
    content = case.facts.content
    return case.now + RECHECK if shut(case) and not content.registered and not content.grouped else False


def _monthly(case: Case) -> bool | datetime:
    """A month's allowance of messages by group ends with the month at the branch."""
    if not by_group(case) or case.facts.address.month_left > 0:
        return False
    first = branch_time(case.now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def by_group(case: Case) -> bool:
    """Whether it goes with others in one call: where its window is shut, or staff would confirm each one alone."""
    content = case.facts.content
    return content.grouped and not content.registered and (shut(case) or case.facts.address.needs_staff)


def shut(case: Case) -> bool:
    """Whether the platform's window is closed to this message."""
    address = case.facts.address
    kept = 0 if case.facts.content.purpose is Purpose.STAFF_MESSAGE else address.window_kept
    spent = address.window_left is not None and address.window_left <= kept
    over = address.window_until is None or address.window_until <= case.now
    return address.has_window and (over or spent)


RULES = (
    Rule("unknown_client", _unknown_client),
    Rule("deceased", _in_state(ClientState.DECEASED)),
    Rule("closed", _in_state(ClientState.CLOSED)),
    Rule("frozen", _in_state(ClientState.FROZEN)),
    Rule("unreachable", _unreachable),
    Rule("opted_out", _opted_out),
    Rule("consent", _consent),
    Rule("material", _material),
    Rule("suitability", _suitability),
    Rule("elder", _elder),
    Rule("forbidden_words", _forbidden_words),
    Rule("privacy", _privacy),
    Rule("open_complaint", _open_complaint),
    Rule("mourning", _mourning),
    Rule("weekly_cap", _weekly_cap),
    Rule("plan_topic", _plan_topic),
    Rule("plan_weekly", _plan_weekly),
    Rule("quiet_hours", _quiet_hours),
    Rule("daily_cap", _daily_cap),
    Rule("window", _window, version=2),
    Rule("monthly", _monthly, version=2),
)
"""In the order in which they are asked: first what forbids, then what only defers."""

_TABLE: dict[Purpose, str] = {
    # unknown_client deceased closed frozen unreachable | opted_out consent material suitability elder |
    # forbidden_words privacy | open_complaint mourning weekly_cap plan_topic plan_weekly |
    # quiet_hours daily_cap window monthly
    Purpose.REPLY: "----- ----- xx ----- --xx",
    Purpose.STAFF_MESSAGE: "----- ----- xx ----- --xx",
    Purpose.TICKET_UPDATE: "----- ----- xx ----- --xx",
    Purpose.ALERT: "xxx-x xxxxx xx ----- x-xx",
    Purpose.SERVICE_NOTICE: "xxx-x --xxx xx ----- x-xx",
    Purpose.FOLLOWUP: "xxxxx xxxxx xx x---- xxxx",
    Purpose.PRODUCT: "xxxxx xxxxx xx -xxxx xxxx",
    Purpose.EDUCATION: "xxxxx xxxxx xx --xxx xxxx",
    Purpose.BROADCAST: "xxxxx xxxxx xx -xxxx xxxx",
    Purpose.CARE: "xxxxx xxxxx xx xxx-- xxxx",
}

APPLIES: Mapping[Purpose, tuple[Rule, ...]] = {
    purpose: tuple(rule for rule, sign in zip(RULES, row.replace(" ", ""), strict=True) if sign == "x")
    for purpose, row in _TABLE.items()
}
"""The rules that each purpose has to pass."""


def judge(case: Case) -> Verdict:
    """The first objection, or leave to send."""
    return next(objections(case), Verdict(Outcome.ALLOW))


def objections(case: Case) -> Iterator[Verdict]:
    """Everything that stands against it, in the order in which it is asked."""
    for rule in APPLIES[case.facts.content.purpose]:
        objection = rule.check(case)
        if objection is True:
            yield Verdict(Outcome.SUPPRESS, rule.name, rule.version)
        elif objection is not False:
            yield Verdict(Outcome.DEFER, rule.name, rule.version, objection)


def quiet_until(now: datetime, span: tuple[time, time]) -> datetime | None:
    """The end of the quiet span that `now` lies in, as the branch's clock shows it; None outside."""
    start, end = span
    local = branch_time(now)
    at = local.time()
    inside = start <= at < end if start <= end else at >= start or at < end
    if not inside:
        return None
    finish = local.replace(hour=end.hour, minute=end.minute, second=end.second, microsecond=end.microsecond)
    return finish if finish > local else finish + timedelta(days=1)


def record(case: Case, verdict: Verdict) -> dict[str, object]:
    """The decision as it is kept: rule, version and inputs, without personal data."""
    return {
        "outcome": verdict.outcome,
        "rule": verdict.rule,
        "version": verdict.version,
        "at": case.now.isoformat(timespec="seconds"),
        "inputs": _inputs(case),
    }


def _inputs(case: Case) -> dict[str, object]:
    facts = case.facts
    inputs: dict[str, object] = {"forbidden": case.forbidden, "reachable": facts.address.reachable}
    if facts.content.purpose in DIALOGUE or facts.client is None:
        return inputs
    client = facts.client
    return inputs | {
        "state": client.state,
        "opted_out": client.opted_out,
        "consents": sorted(client.consents),
        "suitability": case.suits.kept(),
        "open_complaint": client.open_complaint,
        "sent_today": client.sent_today,
        "plan": _kept_plan(client.plan, facts.content),
        "mourning": facts.day.mourning,
    }


def _kept_plan(plan: PlanFacts | None, content: ContentFacts) -> dict[str, object] | None:
    if plan is None:
        return None
    return {
        "plan": plan.code,
        "version": plans.packaged().version,
        "weekly": plan.weekly,
        "sent": plan.sent,
        "topic": content.topic,
        "interests": sorted(plan.interests),
    }
