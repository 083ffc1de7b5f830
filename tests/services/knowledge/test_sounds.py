"""The table of sounds against the library it was taken from."""

import pytest
from pypinyin import lazy_pinyin

from services.knowledge.sounds import FIRST, LAST, sound
from storage import seeds


def test_the_table_is_the_library_s() -> None:
    read = {sign: syllable for syllable, signs in seeds.read("sounds_zh.yaml")["syllables"].items() for sign in signs}
    every = [chr(code) for code in range(FIRST, LAST + 1)]
    told = {sign: lazy_pinyin(sign)[0] for sign in every}
    assert read == {sign: syllable for sign, syllable in told.items() if syllable != sign}


@pytest.mark.parametrize(("left", "right"), [("帐", "账"), ("是", "四"), ("户", "护"), ("金", "京"), ("证", "真")])
def test_what_typing_confuses_sounds_alike(left: str, right: str) -> None:
    assert sound(left) == sound(right)


@pytest.mark.parametrize("unit", ["etf", "600519", "a", "é", "ー", "\U00020000", "\ua000"])
def test_what_has_no_sound_here_stays_what_it_is(unit: str) -> None:
    assert sound(unit) == unit
