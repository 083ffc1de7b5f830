"""A model's words are said only if they hold nothing that the approved entries do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.language.judging import Objection, objection
from services.language.numbers import stated, value
from services.wording import Wording

SOURCES = (
    "A股几点开盘",
    "交易日9:15至9:25为开盘集合竞价，9:30至11:30、13:00至15:00为连续竞价。开户满两年，资产不低于50万元。",
)
BAD = {
    "": Objection.EMPTY,
    " \n": Objection.EMPTY,
    "开盘" * 500: Objection.LONG,
    "上午8:30开始连续竞价。": Objection.NUMBER,
    "资产不低于60万元。": Objection.NUMBER,
    "资产不低于六十万元。": Objection.NUMBER,
    "开户要满三年。": Objection.NUMBER,
    "15:15开盘。": Objection.NUMBER,
    "9:00开盘。": Objection.NUMBER,
    "资产的50%。": Objection.NUMBER,
    "周三不开盘。": Objection.NUMBER,
    "开户只要 ５ 分钟。": Objection.NUMBER,
    "You wait three days.": Objection.NUMBER,
    "详见 https://open.example.com。": Objection.LINK,
    "写信到 kaihu@example.com。": Objection.LINK,
    "9:30开盘，可以买入。": Objection.DIRECTION,
    "9:30开盘，明天会涨。": Objection.DIRECTION,
    "It opens at 9:30; you should buy then.": Objection.DIRECTION,
    "9:30开盘，稳赚不赔。": Objection.WORDING,
    "9:30开盘，有内幕消息。": Objection.WORDING,
}
GOOD = [
    "上午9:30开始连续竞价。",
    "资产不低于500,000元就可以。",
    "下午15点收盘，13点开始。",
    "资产要有五十万元，开户满2年。",
    "统一在交易日开盘，一般是9:30。",
    "It opens at 9:30; buyers and sellers meet.",
]


@pytest.mark.parametrize(("text", "against"), BAD.items())
def test_what_entries_do_not_hold_is_not_said(text: str, against: Objection) -> None:
    assert objection(text, SOURCES, Wording.from_seed()) is against


@pytest.mark.parametrize("text", GOOD)
def test_what_they_hold_may_be_said_in_other_words(text: str) -> None:
    assert objection(text, SOURCES, Wording.from_seed()) is None


@pytest.mark.parametrize(
    ("numeral", "number"),
    [("十", 10), ("十五", 15), ("二十", 20), ("两百", 200), ("一千零五", 1005), ("三万二千", 32_000),
     ("二〇二六", 2026), ("五十万", 500_000), ("一亿二千万", 120_000_000), ("万", 10_000)],
)  # fmt: skip
def test_numerals_have_their_value(numeral: str, number: int) -> None:
    assert value(numeral) == number


@given(st.integers(0, 10**9), st.sampled_from(["{}元", "满{}天", "{} days", "{:,} yuan"]))
def test_a_number_is_found_wherever_it_stands(number: int, form: str) -> None:
    assert stated(form.format(number)) == {float(number)}


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert objection(text, [text], Wording.from_seed()) in {None, Objection.EMPTY, Objection.LONG, Objection.WORDING}
