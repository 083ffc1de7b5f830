"""The language of a message, told by its signs."""

import pytest

from bot.dispatcher.reading import language
from bot.vocabulary import Locale


@pytest.mark.parametrize(
    "text", ["When does it open?", "how do I buy", "Please call me, thanks!", "my account's fee is wrong"]
)
def test_an_english_sentence_is_answered_in_english(text: str) -> None:
    assert language(text, Locale.ZH_CN) is Locale.EN


@pytest.mark.parametrize("text", ["股票几点开盘", "ETF怎么买", "my 佣金 is too high"])
def test_chinese_signs_are_answered_in_chinese(text: str) -> None:
    assert language(text, Locale.EN) is Locale.ZH_CN


@pytest.mark.parametrize("text", ["KR6SEM5D", "RHKE8D7G", "TS20261123-0001", "ETF", "600519", "T+0", "ok", "😀", ""])
@pytest.mark.parametrize("spoken", Locale)
def test_codes_numbers_and_single_words_change_nothing(text: str, spoken: Locale) -> None:
    assert language(text, spoken) is spoken
