"""How turns find answers: at once without an embedder, with what it tells where there is one."""

from types import SimpleNamespace
from typing import cast

import pytest

from bot.app.rooms import finder
from bot.vocabulary import Locale
from services import Services
from services.knowledge.knowledge import Knowledge
from services.knowledge.meaning.sense import Sense
from services.knowledge.outcome import Outcome
from tests import packaged


class Noted:
    """An embedder that notes what it is asked, and tells nothing."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def sensed(self, knowledge: Knowledge, question: str) -> Knowledge:
        self.asked.append(question)
        return knowledge


@pytest.fixture
def services() -> Services:
    """All that is asked for here."""
    return cast(Services, SimpleNamespace(knowledge=packaged.knowledge()))


def test_without_an_embedder_nothing_is_waited_for(services: Services) -> None:
    with pytest.raises(StopIteration) as ended:
        finder(services, None)("股票几点开盘", Locale.ZH_CN, None).__await__().__next__()
    assert ended.value.value.outcome is Outcome.ANSWERED


async def test_an_embedder_is_asked_before_the_answer_is_looked_for(services: Services) -> None:
    noted = Noted()
    found = await finder(services, cast(Sense, noted))("股票几点开盘", Locale.ZH_CN, None)
    assert (noted.asked, found.outcome) == (["股票几点开盘"], Outcome.ANSWERED)
