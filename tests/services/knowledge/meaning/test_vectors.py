"""Each text is embedded once: a restart and a publication ask for what is new only."""

import numpy as np
import pytest

from bot.errors import EmbedderFailed
from services.knowledge.meaning.endpoint import EndpointEmbedder
from services.knowledge.meaning.vectors import Vectors, digest
from storage.repositories import vectors as kept
from storage.unit import Database
from tests.doubles.faults import Fault, http_error
from tests.doubles.openai import OpenAIDouble, embedded

TEXTS = ["怎么开户", "几点开盘", "佣金多少", "怎么开户"]


async def test_the_rows_are_those_of_the_texts_in_order(embedder: EndpointEmbedder) -> None:
    rows = await Vectors(embedder).of(TEXTS)
    np.testing.assert_allclose(rows, [embedded(f"query: {text}") for text in TEXTS], atol=1e-3)


async def test_only_what_is_new_is_asked_for(
    double: OpenAIDouble, embedder: EndpointEmbedder, database: Database
) -> None:
    first = await Vectors(embedder, database).of(TEXTS)
    double.ledger.clear()
    again = await Vectors(embedder, database).of([*TEXTS, "新的问题"])
    asked = double.ledger.texts("e5")
    assert asked == ["query: 怎么开户", "query: 新的问题"], "one known text tells how long vectors are"
    np.testing.assert_array_equal(again[:4], first)


async def test_what_was_made_before_a_failure_is_kept(
    double: OpenAIDouble, embedder: EndpointEmbedder, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.knowledge.meaning.vectors.WRITTEN_AT_ONCE", 2)
    double.faults.add(Fault(http_error(503), skip=2))
    with pytest.raises(EmbedderFailed):
        await Vectors(embedder, database).of(TEXTS)
    double.ledger.clear()
    await Vectors(embedder, database).of(TEXTS)
    assert double.ledger.texts("e5") == ["query: 怎么开户", "query: 佣金多少"]


async def test_vectors_of_another_length_are_made_anew(embedder: EndpointEmbedder, database: Database) -> None:
    await Vectors(embedder, database).of(TEXTS)
    short = dict.fromkeys(await _digests(database, embedder), b"\x00<" * 3)
    await database.write(lambda unit: kept.keep(unit, embedder.name, short))
    assert (await Vectors(embedder, database).of(TEXTS)).shape == (4, len(embedded("x")))


async def _digests(database: Database, embedder: EndpointEmbedder) -> list[bytes]:
    keys = [digest(text) for text in TEXTS]
    return list(await database.read(lambda unit: kept.known(unit, embedder.name, keys)))


async def test_who_must_not_write_keeps_nothing(embedder: EndpointEmbedder, database: Database) -> None:
    await Vectors(embedder, database, keeps=False).of(TEXTS)
    assert await _digests(database, embedder) == []
