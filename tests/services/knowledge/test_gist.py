"""What a short text is made of."""

import pytest

from services.knowledge import gist
from services.knowledge.features import Concepts
from services.knowledge.gist import Gist
from tests.packaged import knowledge


def words() -> Concepts:
    return knowledge().ranker.reader.concepts


def read(text: str) -> Gist:
    return gist.packaged().gist(knowledge().ranker.reader.clean(text), words())


def test_every_concept_that_the_seed_names_exists() -> None:
    phrases = gist.packaged()
    known = {name for table in (words(), phrases.words) for names in table.by_wording.values() for name in names}
    assert phrases.sides | phrases.kinds.keys() <= known


@pytest.mark.parametrize("text", ["要多少钱", "那多久能到呢", "需要带什么", "在手机上能弄吗", "how much does it cost?"])
def test_half_a_question_asks_for_a_side_and_names_no_thing(text: str) -> None:
    assert read(text).leans


@pytest.mark.parametrize("text", ["印花税怎么收", "股票几点开盘", "我想问一下营业部地址", "bank cards please"])
def test_a_whole_question_or_other_talk_does_not_lean(text: str) -> None:
    assert not read(text).leans


def test_a_thing_in_another_s_place_is_told_by_its_kind() -> None:
    found = read("那创业板的呢")
    assert (found.rest, found.marked, found.strange) == ("创业板", True, 0)
    assert [gist.packaged().kind(span) for span in found.things] == ["product"]


def test_of_wordings_that_overlap_the_longest_is_read() -> None:
    spans = gist.packaged().spans("资金密码", words())
    assert [(span.start, span.end) for span in spans] == [(0, 4)]


def test_a_word_that_belongs_to_what_is_left_is_no_ending() -> None:
    assert read("为什么").rest == "为什么"
    assert read("可以么").rest == "可以"
