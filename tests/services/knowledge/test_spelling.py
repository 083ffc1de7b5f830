"""Signs typed for others of the same sound are put right where known texts tell which was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vocabulary import Locale
from services.knowledge.knowledge import Knowledge
from services.knowledge.spelling import LEAST, Spelling

KNOWN = Spelling.build(["资金密码忘了", "交易密码", "密码锁了", "改密码", "新密码"])


def test_a_sign_that_stands_nowhere_is_put_right() -> None:
    assert KNOWN.corrected("资金密玛怎么改") == "资金密码怎么改"


@pytest.mark.parametrize("text", ["密码", "蜜蜂", "玛", "etf怎么买", "", "密 玛"])
def test_what_is_known_or_alone_or_strange_stays(text: str) -> None:
    assert KNOWN.corrected(text) == text


def test_a_rare_neighbour_changes_nothing() -> None:
    assert Spelling.build(["密码"] * (LEAST - 1)).corrected("密玛") == "密玛"


@given(st.text())
def test_a_text_keeps_its_length(text: str) -> None:
    assert len(KNOWN.corrected(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "entry_id"),
    [("资金秘码忘了咋办", "pwd-fund-reset"), ("印化税怎么收", "fee-stamp"), ("银证转涨限额", "bank-transfer-limit")],
)
def test_a_question_with_a_wrong_sign_is_understood(knowledge: Knowledge, text: str, entry_id: str) -> None:
    assert knowledge.find(text, Locale.ZH_CN).entries[0].entry_id == entry_id
