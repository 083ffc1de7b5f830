"""What an entry is not about is held against it, and only against it."""

from dataclasses import replace

from services.knowledge.contents import Content, entry_of
from services.knowledge.knowledge import Knowledge
from tests.services.knowledge.bureau import FEES, HOURS, OPENING, edition, quick

CONTENTS = {"open": OPENING, "fees": FEES, "hours": HOURS}
ASKED = "银行转证券几点开始"
"""Has nothing in common with another entry than with the one on opening hours."""


def base(**changed: Content) -> Knowledge:
    return quick(tuple(entry_of(edition(name, one)) for name, one in (CONTENTS | changed).items()), None)


def share(knowledge: Knowledge, text: str, entry_id: str) -> float:
    return dict(knowledge.rank(text).entries)[entry_id]


def test_a_question_near_to_what_an_entry_is_not_about_counts_less_for_it() -> None:
    plain, told = base(), base(hours=replace(HOURS, not_about=("银行转证券几点开始转",)))
    assert share(told, ASKED, "hours") < share(plain, ASKED, "hours") / 2
    assert told.rank(ASKED) == base(hours=replace(HOURS, not_about=("银行转证券几点开始转",))).rank(ASKED)


def test_an_entrys_own_wordings_stand_whatever_it_is_not_about() -> None:
    plain, told = base(), base(hours=replace(HOURS, not_about=("股市几点开始转账",)))
    for text in (HOURS.question, *HOURS.phrasings):
        assert share(told, text, "hours") == share(plain, text, "hours")


def test_without_any_nothing_is_held_against_an_entry() -> None:
    told = base(fees=replace(FEES, not_about=("基金申购费多少",)))
    assert told.rank("几点开盘").entries[0][0] == "hours"
    assert base().rank("几点开盘").entries == told.rank("几点开盘").entries
