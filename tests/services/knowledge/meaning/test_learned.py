"""What vectors have taught: the right label for texts like the learned ones, the same on every run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.knowledge.meaning.learned import Meaning
from tests.doubles.openai import embedded

TEXTS = ("几点开盘", "开盘时间", "怎么开户", "开户材料", "佣金多少", "佣金怎么收")
OWNERS = (0, 0, 1, 1, 2, 2)


def vectors(*texts: str) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    return np.array([embedded(text) for text in texts], np.float32)


@pytest.fixture(scope="module")
def meaning() -> Meaning:
    return Meaning.learn(vectors(*TEXTS), OWNERS, 3)


@pytest.mark.parametrize(("text", "label"), [("明天几点开盘", 0), ("网上怎么开户", 1), ("你们佣金多少", 2)])
def test_a_text_like_the_learned_ones_has_their_label(meaning: Meaning, text: str, label: int) -> None:
    assert int(np.argmax(meaning.scores(vectors(text)[0]))) == label


def test_the_same_texts_teach_the_same(meaning: Meaning) -> None:
    again = Meaning.learn(vectors(*TEXTS), OWNERS, 3)
    np.testing.assert_array_equal(again.weights, meaning.weights)


@given(st.text())
def test_shares_sum_to_one(meaning: Meaning, text: str) -> None:
    text = text.encode(errors="replace").decode()
    assert np.exp(meaning.scores(vectors(text)[0])).sum() == pytest.approx(1.0, abs=1e-4)


def test_one_text_alone_teaches_nothing_and_breaks_nothing() -> None:
    scores = Meaning.learn(vectors("怎么开户"), [0], 2).scores(vectors("怎么开户")[0])
    assert np.isfinite(scores).all()
