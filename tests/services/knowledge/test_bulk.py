"""Reading many texts at once tells of each what reading it alone tells, in the same order."""

from hypothesis import example, given
from hypothesis import strategies as st

from services.knowledge import bulk
from services.knowledge.features import MOST_PAIRED, Concepts, features
from services.knowledge.sparse import Cells

WORDINGS: dict[str, tuple[str, ...]] = {
    "stock": ("股", "股票"),
    "board": ("创业板",),
    "fund": ("etf", "基金"),
    "name": ("股票基金", "etf"),
}
NUMBERED: dict[str, tuple[str, ...]] = {f"n{place}": (sign,) for place, sign in enumerate("一二三四五六七八九")}
CONCEPTS = Concepts.build(WORDINGS | NUMBERED)
PIECES = (
    "股",
    "票",
    "股票",
    "创业",
    "板",
    "etf",
    "etfs",
    "基金",
    "一二三四五六七八九",
    "开户",
    " ",
    "12",
    "3.5",
    "trading",
    "é",
)

texts = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@given(st.lists(texts, max_size=5))
@example([])
@example(["", "股票etf 基金股票"])
def test_many_texts_have_the_features_of_each(read: list[str]) -> None:
    names, cells = bulk.read(read, CONCEPTS)
    plain_names, plain = Cells.read(features(text, CONCEPTS) for text in read)
    assert (names, cells.count) == (plain_names, plain.count)
    for many, each in ((cells.rows, plain.rows), (cells.columns, plain.columns), (cells.weights, plain.weights)):
        assert many.tolist() == each.tolist()


def test_a_wording_is_found_wherever_it_stands_but_not_inside_a_longer_word() -> None:
    assert CONCEPTS.found("买股票") == {"stock"}
    assert CONCEPTS.found("股") == CONCEPTS.found("新股怎么买") == {"stock"}
    assert CONCEPTS.found("etfs") == set()
    assert CONCEPTS.found("股票基金etf") == {"stock", "fund", "name"}
    assert len([name for name in features("一二三四五六七八九", CONCEPTS) if "&" in name]) == MOST_PAIRED * 7 // 2
