"""The gate, rule by rule and as a table."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vocabulary import (
    DIALOGUE,
    PLANNED,
    AddressFacts,
    ClientFacts,
    ClientKind,
    ClientState,
    ConsentPurpose,
    ContentFacts,
    DayFacts,
    GateFacts,
    Interest,
    PlanFacts,
    ProductRisk,
    Purpose,
    RiskLevel,
)
from services.delivery.gate import APPLIES, RULES, Case, Outcome, Verdict, judge, quiet_until, record
from services.rules import Rules

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NIGHT = NOON + timedelta(hours=10)
MORNING = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
CLIENT = ClientFacts(
    client_id=1,
    state=ClientState.NORMAL,
    consents=frozenset(ConsentPurpose),
    risk_level=RiskLevel.C3,
    risk_valid_until=date(2027, 1, 1),
    age=40,
)
ADDRESS = AddressFacts(reachable=True, personal_allowed=True)
FUNDS = frozenset({Interest.FUNDS})
OTHERS = [purpose for purpose in Purpose if purpose not in DIALOGUE]


def case(purpose: Purpose, now: datetime = NOON, **changes: Any) -> Case:
    """A case in which nothing objects, with changes: `client__`, `address__`, `content__` and `day__` go inside."""
    risk = ProductRisk.R2 if purpose is Purpose.PRODUCT else None
    parts: dict[str, Any] = {
        "client": CLIENT,
        "address": ADDRESS,
        "content": ContentFacts(purpose, "", "key", product_risk=risk, material="M1"),
        "day": DayFacts(),
    }
    forbidden = changes.pop("forbidden", None)
    for name, value in changes.items():
        part, _, inner = name.partition("__")
        parts[part] = replace(parts[part], **{inner: value}) if inner else value
    return Case(GateFacts(**parts), Rules(), now, forbidden)


@pytest.mark.parametrize("purpose", Purpose)
def test_what_nobody_objects_to_may_go(purpose: Purpose) -> None:
    assert judge(case(purpose)) == Verdict(Outcome.ALLOW)


SUPPRESSING = [
    ("unknown_client", OTHERS, {"client": None}),
    ("deceased", OTHERS, {"client__state": ClientState.DECEASED}),
    ("closed", OTHERS, {"client__state": ClientState.CLOSED}),
    (
        "frozen",
        [Purpose.FOLLOWUP, Purpose.PRODUCT, Purpose.EDUCATION, Purpose.BROADCAST, Purpose.CARE],
        {"client__state": ClientState.FROZEN},
    ),
    ("unreachable", OTHERS, {"address__reachable": False}),
    ("opted_out", [p for p in OTHERS if p is not Purpose.SERVICE_NOTICE], {"client__opted_out": True}),
    ("consent", [p for p in OTHERS if p is not Purpose.SERVICE_NOTICE], {"client__consents": frozenset()}),
    ("material", [Purpose.PRODUCT], {"content__material": None}),
    ("suitability", OTHERS, {"content__product_risk": ProductRisk.R4}),
    ("suitability", [Purpose.PRODUCT], {"content__product_risk": None}),
    ("suitability", [Purpose.PRODUCT], {"client__risk_level": None}),
    ("suitability", [Purpose.PRODUCT], {"client__risk_level": RiskLevel.C1_MIN}),
    ("suitability", [Purpose.PRODUCT], {"client__risk_valid_until": None}),
    ("suitability", [Purpose.PRODUCT], {"client__risk_valid_until": date(2026, 11, 22)}),
    ("elder", [Purpose.PRODUCT], {"client__age": 65}),
    ("elder", [Purpose.PRODUCT], {"client__age": None}),
    ("forbidden_words", list(Purpose), {"forbidden": "guarantee"}),
    ("open_complaint", [Purpose.FOLLOWUP, Purpose.CARE], {"client__open_complaint": True}),
    ("weekly_cap", [Purpose.PRODUCT], {"client__sent_week": {Purpose.PRODUCT: 1}}),
    ("weekly_cap", [Purpose.EDUCATION], {"client__sent_week": {Purpose.EDUCATION: 3}}),
    ("plan_topic", PLANNED, {"client__plan": PlanFacts("close", interests=FUNDS), "content__topic": Interest.BONDS}),
    ("plan_weekly", PLANNED, {"client__plan": PlanFacts("few", sent=1)}),
    ("plan_weekly", PLANNED, {"client__plan": PlanFacts("close", weekly=0)}),
]


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize(
    ("plan", "topic"),
    [
        (PlanFacts("close", interests=FUNDS), Interest.FUNDS),
        (PlanFacts("close", interests=FUNDS), None),
        (PlanFacts("close"), Interest.BONDS),
        (PlanFacts("few", interests=FUNDS), Interest.BONDS),
        (PlanFacts("few", weekly=3, sent=2), None),
        (PlanFacts("gone", interests=FUNDS, sent=99), Interest.BONDS),
    ],
)
def test_a_plan_lets_through_what_it_holds(purpose: Purpose, plan: PlanFacts, topic: Interest | None) -> None:
    allowed = case(purpose, client__plan=plan, content__topic=topic)
    assert judge(allowed) == Verdict(Outcome.ALLOW)
    assert purpose in DIALOGUE or record(allowed, judge(allowed))["inputs"]["plan"]["sent"] == plan.sent  # type: ignore[index]


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize(("rule", "purposes", "changes"), SUPPRESSING)
def test_each_rule_stops_its_purposes_only(
    rule: str, purposes: list[Purpose], changes: dict[str, Any], purpose: Purpose
) -> None:
    verdict = judge(case(purpose, **changes))
    expected = Verdict(Outcome.SUPPRESS, rule) if purpose in purposes else Verdict(Outcome.ALLOW)
    assert verdict == expected


@pytest.mark.parametrize("purpose", Purpose)
def test_personal_words_need_a_channel_that_may_carry_them(purpose: Purpose) -> None:
    secret = case(purpose, content__personal=True, address__personal_allowed=False)
    neutral = case(purpose, content__personal=True, address__personal_allowed=False, content__neutral_exists=True)
    assert judge(secret) == Verdict(Outcome.SUPPRESS, "privacy")
    assert judge(neutral).outcome is Outcome.ALLOW


@pytest.mark.parametrize("purpose", Purpose)
def test_the_night_defers_to_the_morning(purpose: Purpose) -> None:
    expected = Verdict(Outcome.ALLOW) if purpose in DIALOGUE else Verdict(Outcome.DEFER, "quiet_hours", 1, MORNING)
    assert judge(case(purpose, NIGHT)) == expected


@pytest.mark.parametrize("purpose", [Purpose.ALERT, Purpose.SERVICE_NOTICE])
def test_margin_calls_and_security_pass_the_night_and_opt_out(purpose: Purpose) -> None:
    urgent = case(purpose, NIGHT, content__essential=True, client__opted_out=True, client__consents=frozenset())
    assert judge(urgent) == Verdict(Outcome.ALLOW)


def test_the_clients_own_quiet_time_is_added_to_the_branchs() -> None:
    late_riser = case(Purpose.CARE, NIGHT, client__quiet=(time(8, 0), time(10, 0)))
    assert judge(late_riser).until == MORNING + timedelta(hours=1, minutes=30)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_day_of_mourning_drops_greetings_and_puts_marketing_off(purpose: Purpose) -> None:
    expected = {
        Purpose.CARE: Verdict(Outcome.SUPPRESS, "mourning"),
        Purpose.PRODUCT: Verdict(Outcome.DEFER, "mourning", 1, MORNING),
        Purpose.BROADCAST: Verdict(Outcome.DEFER, "mourning", 1, MORNING),
    }
    assert judge(case(purpose, day__mourning=True)) == expected.get(purpose, Verdict(Outcome.ALLOW))


@pytest.mark.parametrize("purpose", Purpose)
def test_the_daily_cap_defers_to_tomorrow(purpose: Purpose) -> None:
    essential = purpose in DIALOGUE or purpose in {Purpose.ALERT, Purpose.SERVICE_NOTICE}
    expected = Verdict(Outcome.ALLOW) if essential else Verdict(Outcome.DEFER, "daily_cap", 1, MIDNIGHT)
    assert judge(case(purpose, client__sent_today=3)) == expected


SHUT = [
    AddressFacts(reachable=True, personal_allowed=True, has_window=True, window_until=None),
    AddressFacts(reachable=True, personal_allowed=True, has_window=True, window_until=NOON),
    replace(ADDRESS, has_window=True, window_until=NOON + timedelta(hours=1), window_left=0),
]


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("address", SHUT)
def test_a_shut_window_makes_everything_wait(address: AddressFacts, purpose: Purpose) -> None:
    verdict = judge(case(purpose, address=address))
    assert verdict.rule == "window"
    assert verdict.outcome is Outcome.DEFER


def test_a_professional_needs_no_match_but_a_known_age() -> None:
    bold = case(Purpose.PRODUCT, client__kind=ClientKind.PROFESSIONAL, content__product_risk=ProductRisk.R5)
    assert judge(bold).outcome is Outcome.ALLOW
    assert judge(replace(bold, facts=replace(bold.facts, client=None))).rule == "unknown_client"


def test_a_product_inside_a_broadcast_is_held_to_the_rules_of_products() -> None:
    offer = case(Purpose.BROADCAST, content__product_risk=ProductRisk.R4)
    no_wish = case(
        Purpose.BROADCAST,
        content__product_risk=ProductRisk.R1,
        client__consents=frozenset({ConsentPurpose.SERVICE}),
    )
    assert judge(offer).rule == "suitability"
    assert judge(no_wish).rule == "consent"


def test_rules_are_named_once_and_all_are_used() -> None:
    names = [rule.name for rule in RULES]
    used = {rule.name for rules in APPLIES.values() for rule in rules}
    assert len(names) == len(set(names))
    assert used == set(names)


instants = st.integers(0, 365 * 86400).map(lambda seconds: NOON + timedelta(seconds=seconds))
products = st.sampled_from(ProductRisk)
levels = st.none() | st.sampled_from(RiskLevel)
ends = st.none() | st.dates(date(2025, 1, 1), date(2028, 1, 1))


@given(products, levels, ends, st.none() | st.integers(0, 110))
def test_a_product_goes_only_to_those_known_to_be_fit(
    risk: ProductRisk, level: RiskLevel | None, end: date | None, age: int | None
) -> None:
    asked = case(
        Purpose.PRODUCT,
        content__product_risk=risk,
        client__risk_level=level,
        client__risk_valid_until=end,
        client__age=age,
    )
    fit = level is not None and end is not None and end >= date(2026, 11, 23) and int(risk[1]) <= int(level[1])
    young = age is not None and age < 65
    assert (judge(asked).outcome is Outcome.ALLOW) == (fit and young)


@given(st.sampled_from(OTHERS), instants)
def test_an_unknown_client_gets_nothing_at_any_time(purpose: Purpose, now: datetime) -> None:
    assert judge(case(purpose, now, client=None)) == Verdict(Outcome.SUPPRESS, "unknown_client")


@given(st.times(), st.times(), instants)
def test_quiet_time_ends_within_a_day_and_only_once(start: time, end: time, now: datetime) -> None:
    until = quiet_until(now, (start, end))
    if until is not None:
        assert now < until <= now + timedelta(days=1)
        assert quiet_until(until, (start, end)) is None


def test_the_record_tells_rule_and_inputs_but_nobodys_age() -> None:
    stopped = case(Purpose.PRODUCT, client__age=70)
    kept = record(stopped, judge(stopped))
    inputs = kept["inputs"]
    assert isinstance(inputs, dict)
    assert (kept["rule"], kept["version"]) == ("elder", 1)
    assert inputs["suitability"] == {
        "version": "2026-1",
        "reasons": ["elder"],
        "purpose": "product",
        "product": "R2",
        "kind": "ordinary",
        "level": "C3",
        "valid_until": "2027-01-01",
    }
