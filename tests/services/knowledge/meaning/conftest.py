"""A server for embeddings, an embedder that asks it, and a knowledge base small enough to be learned in a test."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import cache

import pytest

from services.knowledge.decision import Fusion
from services.knowledge.entry import Entry, Wording
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon
from services.knowledge.meaning.endpoint import Endpoint, EndpointEmbedder
from tests.doubles.openai import KEY, OpenAIDouble
from tests.doubles.server import running

PHRASINGS = {
    "opening": ("几点开盘", "早上啥时候能交易", "开市时间"),
    "account": ("怎么开户", "开个户要带什么", "办证券账户"),
    "fees": ("佣金多少", "手续费怎么收", "交易成本"),
}


def entry(entry_id: str, phrasings: tuple[str, ...]) -> Entry:
    """An entry asked in these ways."""
    return Entry(entry_id, "trading", Wording(phrasings[0], phrasings[1:], "答复。"), None, (), False)


@pytest.fixture(scope="session")
def small() -> Knowledge:
    """Three entries, and one kind of text that is no question."""
    return small_one()


@cache
def small_one() -> Knowledge:
    """The same for tests elsewhere."""
    read = Lexicon.read()
    examples = {"out_of_scope": ("今天天气怎么样", "讲个笑话")}
    lexicon = replace(read, examples=examples, fusion=Fusion(0.5, 1.0, read.thresholds))
    return Knowledge.build([entry(*item) for item in PHRASINGS.items()], lexicon)


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    """The server."""
    async with running(OpenAIDouble()) as served:
        yield served


@pytest.fixture
async def embedder(double: OpenAIDouble) -> AsyncIterator[EndpointEmbedder]:
    """An embedder that asks the server, two texts at once."""
    made = EndpointEmbedder(Endpoint(double.url, "e5", KEY, prefix="query: ", batch=2))
    yield made
    await made.close()
