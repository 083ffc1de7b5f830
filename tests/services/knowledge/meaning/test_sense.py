"""An embedder beside the ranking: it helps where it answers, and costs nothing but its help where it does not."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
import pytest
from prometheus_client import REGISTRY

from bot.clock import MovableClock
from bot.errors import EmbedderFailed
from bot.vocabulary import Locale
from services.knowledge.knowledge import Knowledge
from services.knowledge.meaning.sense import FAILURES, Sense
from services.knowledge.meaning.vectors import Vectors
from services.knowledge.sparse import Floats
from tests.doubles.openai import embedded


@dataclass
class Scripted:
    """An embedder that writes down what it is asked, and fails or hangs when told to."""

    name: str = "scripted"
    batch: int = 64
    longest: int = 75
    asked: list[str] = field(default_factory=list)
    fails: bool = False
    hangs: bool = False

    async def embed(self, texts: Sequence[str]) -> Floats:
        self.asked += texts
        if self.fails:
            raise EmbedderFailed("scripted")
        if self.hangs:
            await asyncio.Event().wait()
        return np.array([embedded(text) for text in texts], np.float32)

    async def close(self) -> None:
        """Nothing to let go."""


class Enough(Exception):
    """Ends what goes on for ever."""


def rounds(*published: Callable[[], Knowledge]) -> Callable[[], Knowledge]:
    """What is published in each round; Enough after the last."""
    each = iter(published)

    def current() -> Knowledge:
        for one in each:
            return one()
        raise Enough

    return current


def counted(result: str) -> float:
    return REGISTRY.get_sample_value("quanfu_embedder_total", {"result": result}) or 0.0


@pytest.fixture
async def learned(small: Knowledge) -> tuple[Sense, Scripted]:
    """An embedder that knows the small knowledge base, and what it was asked since."""
    scripted = Scripted()
    sense = Sense(Vectors(scripted), MovableClock(), seconds=0.05)
    await sense.learn(small)
    scripted.asked.clear()
    return sense, scripted


async def test_a_question_is_found_with_its_vector(small: Knowledge, learned: tuple[Sense, Scripted]) -> None:
    sense, scripted = learned
    knows = await sense.sensed(small, "早上几点能交易？")
    assert list(knows.sensed) == scripted.asked == ["早上几点能交易"]
    assert knows.find("早上几点能交易？", Locale.ZH_CN).entries[0].entry_id == "opening"
    assert small.sensed == {}


@pytest.mark.parametrize("text", ["我要投诉你们", "转人工", "", "😀"])
async def test_what_a_rule_catches_is_never_embedded(
    small: Knowledge, learned: tuple[Sense, Scripted], text: str
) -> None:
    sense, scripted = learned
    assert await sense.sensed(small, text) is small
    assert scripted.asked == []


async def test_numbers_of_a_person_do_not_reach_the_embedder(small: Knowledge, learned: tuple[Sense, Scripted]) -> None:
    sense, scripted = learned
    await sense.sensed(small, "我手机13912345678怎么开户 邮箱li@example.com")
    assert [digit for text in scripted.asked for digit in ("139", "example") if digit in text] == []
    assert "怎么开户" in scripted.asked[0]


async def test_a_text_that_would_take_long_is_found_by_its_words(
    small: Knowledge, learned: tuple[Sense, Scripted]
) -> None:
    sense, scripted = learned
    short, long = "开" * (scripted.longest // 3), "开" * (scripted.longest // 3 + 1)
    assert await sense.sensed(small, long) is small
    assert short in (await sense.sensed(small, short)).sensed
    assert scripted.asked == [short]


async def test_before_anything_is_learned_nobody_is_asked(small: Knowledge) -> None:
    scripted = Scripted()
    assert await Sense(Vectors(scripted), MovableClock()).sensed(small, "怎么开户") is small
    assert scripted.asked == []


@pytest.mark.parametrize(("how", "result"), [("fails", "failed"), ("hangs", "late")])
async def test_an_embedder_in_trouble_is_gone_without_and_told_once_a_minute(
    small: Knowledge, learned: tuple[Sense, Scripted], caplog: pytest.LogCaptureFixture, how: str, result: str
) -> None:
    sense, scripted = learned
    setattr(scripted, how, True)
    before = counted(result)
    with caplog.at_level(logging.WARNING):
        assert [await sense.sensed(small, "怎么开户") for _ in range(2)] == [small, small]
    assert counted(result) == before + 2
    assert [record.message.startswith("answers are found without") for record in caplog.records] == [True]


async def test_after_some_failures_in_a_row_it_is_left_alone_for_a_while(
    small: Knowledge, learned: tuple[Sense, Scripted]
) -> None:
    sense, scripted = learned
    scripted.fails = True
    for _ in range(FAILURES + 2):
        await sense.sensed(small, "怎么开户")
    assert len(scripted.asked) == FAILURES
    scripted.fails = False
    assert isinstance(sense.clock, MovableClock)
    sense.clock.move(timedelta(seconds=11))
    assert (await sense.sensed(small, "怎么开户")).sensed


async def test_what_was_published_since_is_answered_without_until_it_is_learned(
    small: Knowledge, learned: tuple[Sense, Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.knowledge.meaning.sense.LOOK_SECONDS", 0.0)
    sense, _ = learned
    published = replace(small, ranker=replace(small.ranker))
    assert await sense.sensed(published, "怎么开户") is published
    with pytest.raises(Enough):
        await sense.watch(rounds(lambda: published))
    assert (await sense.sensed(published, "怎么开户")).sensed


async def test_a_knowledge_base_that_cannot_be_learned_is_tried_again(
    small: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.knowledge.meaning.sense.AGAIN_SECONDS", 0.0)
    monkeypatch.setattr("services.knowledge.meaning.sense.LOOK_SECONDS", 0.0)
    scripted = Scripted(fails=True)
    sense = Sense(Vectors(scripted), MovableClock())

    def mended() -> Knowledge:
        assert scripted.asked
        scripted.fails = False
        return small

    with pytest.raises(Enough):
        await sense.watch(rounds(lambda: small, mended))
    assert (await sense.sensed(small, "怎么开户")).sensed
