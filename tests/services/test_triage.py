"""Class and severity suggested for a complaint."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vocabulary import Level, Locale
from services.triage import Rule, packaged

TRIAGE = packaged()
RULES = TRIAGE.severity.rules
TOLD = [(rule, text) for rule in RULES for text in rule.positive]
ASKED = [(rule, text) for rule in RULES for text in rule.negated]
EXAMPLES = [(each.code, text) for each in TRIAGE.classes for text in each.examples]


@pytest.mark.parametrize(("rule", "text"), TOLD, ids=[text for _, text in TOLD])
def test_what_is_told_raises_the_severity(rule: Rule, text: str) -> None:
    suggestion = TRIAGE.suggest(text)
    assert rule.id in suggestion.rules
    assert suggestion.level <= rule.level


@pytest.mark.parametrize(("rule", "text"), ASKED, ids=[text for _, text in ASKED])
def test_what_is_only_asked_does_not(rule: Rule, text: str) -> None:
    assert rule.id not in TRIAGE.suggest(text).rules


def test_every_rule_is_held_to_examples_of_both_kinds() -> None:
    assert all(rule.positive and rule.negated for rule in RULES)


def test_most_examples_find_their_class() -> None:
    right = [code for code, text in EXAMPLES if TRIAGE.suggest(text).category == code]
    assert len(right) >= 0.9 * len(EXAMPLES)


@pytest.mark.parametrize(
    ("code", "locale", "name"),
    [("6.2", Locale.ZH_CN, "承诺收益"), ("6.2", Locale.EN, "Promise of returns"), ("99.9", Locale.EN, "")],
)
def test_a_class_has_a_name_as_long_as_it_is_listed(code: str, locale: Locale, name: str) -> None:
    assert TRIAGE.name_of(code, locale) == name


def test_words_of_no_class_leave_it_open() -> None:
    suggestion = TRIAGE.suggest("我要投诉")
    assert (suggestion.category, suggestion.level, suggestion.kind) == (None, Level.P3, "complaint")


def test_a_report_of_wrongdoing_is_told_apart() -> None:
    assert TRIAGE.suggest("我举报有员工借用客户账户").kind == "whistleblowing"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("你们系统故障害我损失4.9万", Level.P3),
        ("你们系统故障害我损失50,000元", Level.P2),
        ("柜台人员态度太差了", Level.P4),
        ("态度太差了，我要打12386", Level.P2),
    ],
)
def test_the_highest_rule_decides(text: str, level: Level) -> None:
    assert TRIAGE.suggest(text).level is level


@pytest.mark.parametrize(
    ("text", "amount"),
    [("八万", 80_000), ("十二万", 120_000), ("十几万", 100_000), ("三百五十", 350), ("1.5万元", 15_000), ("没有", 0)],
)
def test_reads_sums(text: str, amount: int) -> None:
    assert TRIAGE.severity.amounts.largest(text) == Decimal(amount)


@given(st.text(alphabet="你们亏了十百千万亿几两3.,0 ", max_size=30))
def test_any_mixture_of_numbers_can_be_read(text: str) -> None:
    assert TRIAGE.severity.amounts.largest(text) >= 0


@given(st.sampled_from([text for _, text in TOLD]), st.sampled_from([text for _, text in TOLD]))
def test_more_told_never_lowers_the_severity_of_facts(one: str, other: str) -> None:
    together = TRIAGE.suggest(f"{one}。{other}。我已经说了")
    assert together.level <= min(TRIAGE.suggest(one).level, TRIAGE.suggest(other).level)
