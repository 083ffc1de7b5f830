"""Long texts are split where a sentence ends, by Telegram's own count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.splitting import split, utf16_length

TEXTS = st.text(
    st.sampled_from("甲乙。！？…”a. \n👍!?") | st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200
)


@given(text=TEXTS, limit=st.integers(2, 60))
def test_every_part_fits_and_nothing_visible_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(utf16_length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert len(parts) == 1 or all(part.strip() for part in parts)


@given(text=TEXTS)
def test_a_text_that_fits_stays_whole(text: str) -> None:
    assert split(text, utf16_length(text)) == [text]


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("甲乙。丙丁。戊", 5, ["甲乙。", "丙丁。戊"]),
        ("“甲乙。”丙丁戊", 5, ["“甲乙。”", "丙丁戊"]),
        ("甲！？乙丙丁戊", 5, ["甲！？", "乙丙丁戊"]),
        ("9.30 a. b c", 7, ["9.30 a.", " b c"]),
        ("甲\n乙丙丁戊己庚", 5, ["甲\n", "乙丙丁戊己", "庚"]),
        ("one two three", 5, ["one ", "two ", "three"]),
        ("甲乙丙丁戊己", 5, ["甲乙丙丁戊", "己"]),
        ("👍👍👍", 5, ["👍👍", "👍"]),
        (f"甲。{' ' * 30}乙", 10, ["甲。", "乙"]),
        (" " * 20, 10, [" " * 10]),
    ],
)
def test_where_it_is_cut(text: str, limit: int, parts: list[str]) -> None:
    assert split(text, limit) == parts
