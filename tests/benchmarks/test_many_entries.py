"""The entries that are made for measuring: as many as wanted, the same each time, each with wordings of its own."""

from collections import Counter
from collections.abc import Sequence

import pytest

from benchmarks.many_entries import Words, many
from services.knowledge.entry import Entry
from services.knowledge.ranking import wordings
from tests import packaged


def _lower(entry: Entry) -> set[str]:
    return {text.lower() for text in wordings(entry)}


@pytest.fixture(scope="module")
def entries() -> Sequence[Entry]:
    return tuple(packaged.knowledge().entries.values())


def test_the_packaged_entries_come_first_and_as_they_are(entries: Sequence[Entry]) -> None:
    made = many(entries, 450)
    assert made[: len(entries)] == entries
    assert len({entry.entry_id for entry in made}) == len(made) == 450
    assert many(entries, 5) == entries[:5]


def test_the_same_entries_come_out_each_time(entries: Sequence[Entry]) -> None:
    assert many(entries, 410) == many(entries, 410)


def test_no_entry_asks_what_another_asks(entries: Sequence[Entry]) -> None:
    asked = Counter(text for entry in many(entries, 3 * len(entries)) for text in _lower(entry))
    assert [text for text, times in asked.items() if times > 1] == []


def test_a_short_copy_keeps_so_many_chinese_wordings(entries: Sequence[Entry]) -> None:
    copies = many(entries, 2 * len(entries), each=6)[len(entries) :]
    assert {len(wordings(copy)) for copy in copies} == {6}
    assert not any(copy.english for copy in copies)


def test_frequent_words_and_numbers_stay_and_the_others_change_places() -> None:
    words = Words.of(["怎么开户", "怎么销户", "how to open 50 accounts", "how to close"], staying=2)
    swap = words.swapped(1)
    text = "怎么开户 How to open 50"
    assert swap(text).startswith("怎么")
    assert swap(text).endswith(" 50")
    assert sorted(map(swap, "开户销")) == sorted("开户销")
    assert swap(text) == swap(text) != text
