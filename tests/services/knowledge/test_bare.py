"""A topic without a question gets questions to pick from, never one answer as if it were certain."""

import pytest

from bot.vocabulary import Locale
from services.knowledge.knowledge import Knowledge
from services.knowledge.outcome import Outcome


@pytest.mark.parametrize("topic", ["股票", "科创板", "转账", "可转债", "融资融券", "ETF", "分红"])
def test_a_bare_topic_is_offered_as_questions(knowledge: Knowledge, topic: str) -> None:
    finding = knowledge.find(topic, Locale.ZH_CN)
    assert finding.outcome in (Outcome.CANDIDATES, Outcome.CLARIFY)
    assert len(finding.entries) > 1


@pytest.mark.parametrize("question", ["新股咋打", "几点开盘", "怎么销户"])
def test_a_short_question_is_still_answered(knowledge: Knowledge, question: str) -> None:
    assert knowledge.find(question, Locale.ZH_CN).outcome is Outcome.ANSWERED
