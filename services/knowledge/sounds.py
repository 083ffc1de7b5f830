"""How Chinese signs sound: a slip of the keyboard often sounds like what was meant."""

from array import array
from collections.abc import Sequence
from functools import cache

from storage import seeds

FIRST, LAST = 0x4E00, 0x9FFF
"""The block of Unicode that the table covers."""

_FUZZY = (("zh", "z"), ("ch", "c"), ("sh", "s"))


def sound(unit: str) -> str:
    """The toneless syllable of a Chinese sign, with the pairs that typing confuses made one; any other unit itself."""
    syllables, numbers = _table()
    place = ord(unit) - FIRST if len(unit) == 1 else -1
    return syllables[numbers[place]] or unit if 0 <= place < len(numbers) else unit


@cache
def _table() -> tuple[Sequence[str], Sequence[int]]:
    """The syllables, the first of which is none, and for each sign of the block the number of its own."""
    read: dict[str, str] = seeds.read("sounds_zh.yaml")["syllables"]
    numbers = array("H", bytes(2 * (LAST - FIRST + 1)))
    for number, signs in enumerate(read.values(), 1):
        for sign in signs:
            numbers[ord(sign) - FIRST] = number
    return ["", *map(_alike, read)], numbers


def _alike(syllable: str) -> str:
    for full, short in _FUZZY:
        syllable = syllable.replace(full, short)
    return syllable[:-1] if syllable.endswith(("ing", "eng", "ang")) else syllable
