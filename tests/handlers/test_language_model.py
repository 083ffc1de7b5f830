"""Answers with a language model: its words where they may be said, the approved ones where not."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.errors import ModelFailed
from services.knowledge.outcome import Finding
from services.knowledge.outcome import Outcome as Found
from services.language.writer import Writer
from services.wording import Wording
from tests.handlers.rig import Branch

UNKNOWN = Finding(Found.UNKNOWN)


@dataclass
class Scripted:
    """A model that says what it is told to, one thing after the other; then it fails."""

    says: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def complete(self, _instruction: str, text: str) -> str:
        self.asked.append(text)
        if not self.says:
            raise ModelFailed("scripted")
        return self.says.pop(0)


def with_model(branch: Branch, says: Sequence[str]) -> Scripted:
    """Give the branch a model for both tasks."""
    scripted = Scripted(list(says))
    writer = Writer(scripted.complete, Wording.from_seed(), rewrites=True, phrases=True)
    branch.services = replace(branch.services, writer=writer)
    return scripted


async def test_an_answer_in_the_models_words_keeps_source_and_notice_and_says_whose_they_are(branch: Branch) -> None:
    with_model(branch, ['{"text": "股票交易日9:30开盘。", "ids": ["trade-hours"]}'])
    said = await (await branch.chat()).say("股票几点开盘")
    assert said.keys == ["answer_phrased"]
    assert "股票交易日9:30开盘。" in str(said)
    assert "人工智能" in str(said)
    assert "风险" in str(said)
    assert (said.replies[0].entry_id, said.replies[0].quoted) == ("trade-hours", frozenset())


@pytest.mark.parametrize("says", [[], ['{"text": "8:00开盘。", "ids": ["trade-hours"]}'], ["开盘时间是9:30"]])
async def test_a_model_in_trouble_changes_nothing(branch: Branch, says: list[str]) -> None:
    plain = await (await branch.chat()).say("股票几点开盘")
    with_model(branch, says)
    said = await (await branch.chat()).say("股票几点开盘")
    assert (said.keys, said.texts, said.options) == (plain.keys, plain.texts, plain.options)


async def test_what_found_nothing_is_looked_for_in_the_models_words_and_offered(branch: Branch) -> None:
    with_model(branch, ["股票几点开盘"])
    said = await (await branch.chat()).say("那个啥几点能弄呀？", finding=UNKNOWN)
    assert said.keys == ["question_candidates"]
    assert said.options[0] == "faq:trade-hours"


@pytest.mark.parametrize("says", [["无"], ["600519能买吗"], ["我要投诉"], []])
async def test_other_words_that_lead_nowhere_leave_it_unknown(branch: Branch, says: list[str]) -> None:
    model = with_model(branch, says)
    said = await (await branch.chat()).say("那个啥几点能弄呀？", finding=UNKNOWN)
    assert said.keys == ["question_unknown"]
    assert len(model.asked) == 1


async def test_what_is_no_question_does_not_leave(branch: Branch) -> None:
    model = with_model(branch, ["股票几点开盘"])
    await (await branch.chat()).say("上次说的那件事我又想了想", finding=UNKNOWN)
    assert model.asked == []
