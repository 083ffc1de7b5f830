"""Every condition has a sentence in both languages that tells it from others."""

from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from bot.vocabulary import Locale
from bot.vocabulary.conditions import All, Condition, Test, leaves, parse
from bot.vocabulary.fields import Operator
from services.segments.sentences import Sentences, catalogue
from tests.packaged import texts
from tests.storage.drawing import CONDITIONS, EACH

QUICK = (Phase.generate,)
"""Large examples take long to shrink."""

TAG: dict[str, Any] = {"field": "tag", "is": "has", "value": "两融"}
LEVEL: dict[str, Any] = {"field": "risk_level", "is": "in", "value": ["C3", "C4"]}
SOON: dict[str, Any] = {"field": "risk_valid_until", "is": "within_days", "value": 30}


@cache
def sentences() -> Sentences:
    return Sentences(catalogue(), texts())


@pytest.mark.parametrize(
    ("document", "chinese", "english"),
    [
        ({"all": []}, "全体客户", "All clients"),
        ({"any": []}, "没有客户", "No clients"),
        ({"field": "holds", "is": "has", "value": "600519.SH"}, "持有证券“600519.SH”", "holds “600519.SH”"),
        (
            {"field": "lesson", "is": "has", "value": "fund-nav"},
            "学完了“净值、未知价与到账时间”一课",
            "completed the lesson “净值、未知价与到账时间”",
        ),
        (
            {"all": [{"field": "course", "is": "has_not", "value": "fund-basics"}]},
            "未学完课程“基金与定投”",
            "did not complete the course “基金与定投”",
        ),
        (
            {"field": "last_lesson", "is": "last_days", "value": 30},
            "最近30天内学完过投教课",
            "completed a lesson within the last 30 days",
        ),
        ({"field": "lessons", "is": "at_least", "value": 3}, "学完的投教课数不低于3", None),
        ({"field": "holds_class", "is": "has_not", "value": "fund"}, "未持有基金", "holds no funds"),
        (
            {"field": "concentration", "is": "at_least", "value": 60},
            "持仓集中度（%）不低于60",
            "concentration in percent is at least 60",
        ),
        (
            {"field": "last_trade", "is": "days_ago_at_least", "value": 90},
            "最近一次做过交易是在90天前或更早",
            "last traded 90 days ago or earlier",
        ),
        (LEVEL, "风险等级为C3稳健型或C4积极型", "risk level is C3 (balanced) or C4 (growth)"),
        (
            {"all": [SOON, {"any": [TAG, {"not": LEVEL}]}]},
            "测评有效期末日在未来30天内，且（带有标签“两融”，或并非（风险等级为C3稳健型或C4积极型））",
            "last day of the assessment is within the next 30 days; and (has the tag “两融”; or not (risk level"
            " is C3 (balanced) or C4 (growth)))",
        ),
        ({"not": {"all": [TAG, SOON]}}, "并非（带有标签“两融”，且测评有效期末日在未来30天内）", None),
        ({"any": [{"all": [TAG]}, {"segment": "高净值"}]}, "带有标签“两融”，或在分群“高净值”中", None),
        (
            {"field": "age", "is": "between", "value": [18, 64]},
            "年龄（周岁）在18至64之间",
            "age in years is from 18 to 64",
        ),
        (
            {"field": "last_chat", "is": "last_days", "value": 90},
            "最近90天内来过消息",
            "wrote to us within the last 90 days",
        ),
        (
            {"field": "last_contact", "is": "known", "value": False},
            "从未收到过我方主动消息",
            "never heard from us",
        ),
        (
            {"field": "asset_band", "is": "at_least", "value": "from_300"},
            "资产档为300万至500万元或更高",
            "asset band is CNY 3 to 5 million or higher",
        ),
        (
            {"field": "asset_band", "is": "between", "value": ["under_5", "from_20"]},
            "资产档在“5万元以下”与“20万至50万元”之间（含）",
            "asset band lies between “under CNY 50,000” and “CNY 200,000 to 500,000”, both included",
        ),
        ({"field": "opened_on", "is": "at_least", "value": "2026-01-01"}, "开户日期不早于2026-01-01", None),
        ({"field": "opted_out", "is": "equals", "value": False}, "未退订营销", "has not opted out of marketing"),
        (
            {"field": "complaint_level", "is": "has_not", "value": "P1"},
            "没有未结的P1投诉",
            "has no open complaint at P1",
        ),
    ],
)
def test_reads_as_a_person_would_say_it(document: object, chinese: str, english: str | None) -> None:
    condition = parse(document)
    assert sentences().say(condition, Locale.ZH_CN) == chinese
    assert english is None or sentences().say(condition, Locale.EN) == english


@given(EACH)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK)
def test_each_way_to_compare_each_field_is_said(tests: tuple[Condition, ...]) -> None:
    for locale in Locale:
        assert all(sentences().say(test, locale) for test in tests)
        apart = [test for test in leaves(All(tests)) if not (isinstance(test, Test) and test.operator is Operator.IN)]
        said = [sentences().say(test, locale) for test in apart]
        assert len(set(said)) == len(said)


@given(CONDITIONS)
def test_a_sentence_names_every_value(condition: Condition) -> None:
    said = sentences().say(condition, Locale.ZH_CN)
    for leaf in leaves(condition):
        if isinstance(leaf, Test):
            values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
            named = [sentences().value(leaf.field, one, Locale.ZH_CN) for one in values if not isinstance(one, bool)]
            assert all(name in said for name in named)
