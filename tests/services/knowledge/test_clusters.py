"""Questions alike stand together."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from services.knowledge.clusters import grouped
from tests.packaged import knowledge

TEXTS = (
    "创业板怎么开",
    "打新几点截止",
    "怎么开创业板",
    "创业版怎么开通啊",
    "新股申购几点截止",
    "How do I open an account",
)


def features(text: str) -> Mapping[str, float]:
    reader = knowledge().ranker.reader
    return reader.features(reader.clean(text))


def test_wordings_of_one_matter_stand_together_whatever_their_order() -> None:
    groups = [{TEXTS[place] for place in group} for group in grouped(TEXTS, features)]
    assert groups == [{TEXTS[0], TEXTS[2], TEXTS[3]}, {TEXTS[1], TEXTS[4]}, {TEXTS[5]}]
    backwards = [{TEXTS[::-1][place] for place in group} for group in grouped(TEXTS[::-1], features)]
    assert {frozenset(group) for group in backwards} == {frozenset(group) for group in groups}


def test_what_says_nothing_stands_alone() -> None:
    assert grouped(["", "？？", ""], features) == [[0], [1], [2]]


@given(st.lists(st.text("开户销户打新费率吗？a1 ", max_size=8), max_size=12))
def test_every_text_stands_in_one_group_and_the_first_leads(texts: list[str]) -> None:
    groups = grouped(texts, features)
    assert sorted(place for group in groups for place in group) == list(range(len(texts)))
    assert all(group == sorted(group) for group in groups)
    assert groups == grouped(texts, features)
