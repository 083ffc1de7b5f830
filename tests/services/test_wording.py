"""The forbidden-words check: the seed's own examples, evasions, contexts, spans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vocabulary import Purpose
from services.wording import RISK_NOTICE, STOCK_AND_DIRECTION, Decision, Verdict, Wording, packaged_lexicon
from services.wording.lexicon import Case

WORDING = Wording.from_seed()
CASES = packaged_lexicon().tests
NOTICE = "市场有风险，投资需谨慎。"


def check(text: str, purpose: Purpose = Purpose.SERVICE_NOTICE) -> Verdict:
    return WORDING.check(text, purpose=purpose)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text[:12])
def test_the_examples_of_the_seed(case: Case) -> None:
    verdict = check(case.text)
    assert (verdict.decision, verdict.category) == (case.expect, case.category)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("本产品 保 本，请放心", "保 本"),
        ("绝对稳\u200b*賺！", "稳\u200b*賺"),
        ("保證不虧", "保證不虧"),
        ("稳💰赚", "稳💰赚"),
        ("稳\n赚", "稳\n赚"),
        ("０风险", "０风险"),
        ("加老师ｑｑ", "加老师ｑｑ"),
        ("年化８％保证", "年化８％保证"),
    ],
)
def test_evasions_are_found_and_underlined_in_the_original(text: str, word: str) -> None:
    hits = check(text).hits
    assert hits[0].decision is Decision.BLOCK
    assert word in [text[hit.start : hit.end] for hit in hits]
    assert all(hit.word == text[hit.start : hit.end] for hit in hits)


def test_a_denial_inside_the_forbidden_word_excuses_nothing() -> None:
    assert check("这款产品没有风险。").decision is Decision.BLOCK
    assert check("没有风险，稳赚不赔。").decision is Decision.BLOCK
    assert check("放心，不会亏。").decision is Decision.BLOCK


def test_a_context_counts_only_in_its_own_sentence() -> None:
    assert check("稳赚不赔都是骗局。").decision is Decision.RELEASE
    assert check("警惕骗局。我们稳赚不赔。").decision is Decision.BLOCK
    assert check("警惕骗局\n我们稳赚不赔").decision is Decision.BLOCK


def test_the_strictest_hit_decides() -> None:
    verdict = check("过往业绩优秀，保本。")
    assert [(hit.category, hit.decision) for hit in verdict.hits] == [
        ("return_promise", Decision.BLOCK),
        ("performance", Decision.RELEASE),
    ]
    assert verdict.category == "return_promise"


@pytest.mark.parametrize(
    "text", ["600519可以买入", "禁止在贵州茅台卖出骗局", "SZ300750 看涨", "关注６０１３１８，加仓"]
)
def test_a_stock_with_a_direction_is_blocked_in_any_context(text: str) -> None:
    verdict = check(text)
    assert verdict.decision is Decision.BLOCK
    assert STOCK_AND_DIRECTION in {hit.category for hit in verdict.hits}


@pytest.mark.parametrize(
    "text",
    [
        "600519已触发到价提醒。仅提醒，不会自动卖出。",
        "工单20261123600519，请留意。何时买入由您决定。",
        "电话13860051900买入",
    ],
)
def test_a_stock_and_a_direction_apart_are_none(text: str) -> None:
    assert check(text).hits == ()


def test_numbers_that_stand_side_by_side_are_not_one_number() -> None:
    assert check("客服95500 010-12345678 4008001234").hits == ()
    assert check("证件11010119900101123X").category == "personal_data"


@pytest.mark.parametrize("purpose", Purpose)
def test_the_risk_notice_is_wanted_of_products_and_alerts(purpose: Purpose) -> None:
    verdict = check("指数较昨收下跌1.5%。", purpose)
    wanted = purpose in {Purpose.PRODUCT, Purpose.ALERT}
    assert [hit.category for hit in verdict.hits] == ([RISK_NOTICE] if wanted else [])
    assert check("指数较昨收下跌1.5%。" + NOTICE, purpose).hits == ()
    assert check("Index down 1.5%. Markets carry risk; invest with care.", purpose).hits == ()


def test_approved_passages_pass_and_changed_ones_do_not() -> None:
    approved = "抱歉，内幕信息既不能提供，也不应利用。传播和利用内幕信息可能违法，请以上市公司公告为准。"
    assert check(approved + NOTICE).hits == ()
    assert check(approved.replace("也不应利用", "但可以利用")).decision is not Decision.PASS
    assert check(approved + "我有内幕。").decision is Decision.BLOCK


def test_a_passage_that_compliance_released_passes() -> None:
    text = "凡是承诺稳赚的都是骗局，请您警惕。"
    assert WORDING.check(text, purpose=Purpose.EDUCATION, approved=[text]).hits == ()
    assert WORDING.check(text + "保本", purpose=Purpose.EDUCATION, approved=[text]).decision is Decision.BLOCK


@given(st.text(max_size=80))
def test_spans_lie_inside_any_text(text: str) -> None:
    for hit in check(text + "保 本").hits:
        assert 0 <= hit.start < hit.end <= len(text) + 3
        assert hit.word == (text + "保 本")[hit.start : hit.end]


@given(st.text(alphabet="保本稳赚0風险 *·\n。6519买入\ud800", max_size=60))
def test_odd_texts_never_break_the_check(text: str) -> None:
    verdict = check(text)
    assert (verdict.decision is Decision.PASS) == (not verdict.hits)
    assert verdict.hits == check(text).hits


def test_the_order_of_hits_is_that_of_the_text() -> None:
    hits = check("内幕，保本，翻倍").hits
    assert [hit.word for hit in hits] == ["内幕", "保本", "翻倍"]
