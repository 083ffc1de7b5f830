"""Vectors from a server: as it gives them, or a clear failure without a word of the texts."""

import numpy as np
import pytest

from bot.errors import EmbedderFailed
from services.knowledge.meaning.endpoint import Endpoint, EndpointEmbedder
from tests.doubles.faults import Answer, Fault, HangUp, http_error, json_answer, junk
from tests.doubles.openai import OpenAIDouble, embedded

ROW = embedded("x")
BAD = {
    "page instead of JSON": junk(),
    "error page": http_error(500),
    "too many requests": http_error(429),
    "too few vectors": json_answer({"data": [{"index": 0, "embedding": ROW}]}),
    "lengths that differ": json_answer({"data": [{"index": 0, "embedding": ROW}, {"index": 1, "embedding": ROW[1:]}]}),
    "zeroes": json_answer({"data": [{"index": i, "embedding": [0.0] * 8} for i in (0, 1)]}),
    "no number": Answer(200, '{"data": [{"index": 0, "embedding": [NaN]}, {"index": 1, "embedding": [1.0]}]}'),
    "another form": json_answer({"embeddings": [ROW, ROW]}),
}


async def test_each_text_gets_its_own_vector_and_the_server_the_prefix(
    double: OpenAIDouble, embedder: EndpointEmbedder
) -> None:
    rows = await embedder.embed(["怎么开户", "几点开盘"])
    np.testing.assert_allclose(rows, [embedded("query: 怎么开户"), embedded("query: 几点开盘")], atol=1e-6)
    assert rows.dtype == np.float32
    assert double.ledger.texts("e5") == ["query: 怎么开户", "query: 几点开盘"]


@pytest.mark.parametrize("answer", BAD.values(), ids=BAD)
async def test_what_is_no_answer_is_a_failure(double: OpenAIDouble, embedder: EndpointEmbedder, answer: Answer) -> None:
    double.faults.add(Fault(answer))
    with pytest.raises(EmbedderFailed) as failure:
        await embedder.embed(["怎么开户", "几点开盘"])
    assert "开" not in str(failure.value)


async def test_a_cut_connection_is_a_failure_and_the_next_call_goes_on(
    double: OpenAIDouble, embedder: EndpointEmbedder
) -> None:
    double.faults.add(Fault(HangUp()))
    with pytest.raises(EmbedderFailed, match="no answer"):
        await embedder.embed(["怎么开户"])
    assert len(await embedder.embed(["怎么开户"])) == 1


async def test_a_wrong_key_is_told_by_its_status_alone(double: OpenAIDouble) -> None:
    stranger = EndpointEmbedder(Endpoint(double.url, "e5", "sk-wrong"))
    with pytest.raises(EmbedderFailed, match=r"^the embedding server answers 401$"):
        await stranger.embed(["x"])
    await stranger.close()


def test_another_prefix_is_another_model() -> None:
    names = {EndpointEmbedder(Endpoint("http://x/v1", "e5", prefix=prefix)).name for prefix in ("", "query: ")}
    assert len(names) == 2
