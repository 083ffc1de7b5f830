"""Vectors from any server that speaks OpenAI's embeddings interface."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import numpy as np
from pydantic import BaseModel, ValidationError

from bot.errors import EmbedderFailed
from services.knowledge.meaning.embedder import normed
from services.knowledge.sparse import Floats

LONGEST = 360
LONGEST_SECONDS = 30.0
"""For a batch; who asks for one question waits less, and says so."""


@dataclass(frozen=True)
class Endpoint:
    """Where the server is, up to and with its version (`https://host/v1`), and how it is asked.

    `prefix` goes before each text where the model wants it; `key` is the bearer token, if there is one.
    """

    url: str
    model: str
    key: str | None = None
    prefix: str = ""
    batch: int = 32


class _Row(BaseModel):
    index: int
    embedding: list[float]


class _Rows(BaseModel):
    data: list[_Row]


class EndpointEmbedder:
    """Keeps its connections; proxies of the environment are not used, the branch names the server."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
        self._client = httpx.AsyncClient(headers=headers, timeout=LONGEST_SECONDS, trust_env=False)

    @property
    def name(self) -> str:
        """The model with the prefix: another prefix gives other vectors."""
        return f"{self._endpoint.model}/{self._endpoint.prefix}"

    @property
    def batch(self) -> int:
        """As the branch says: servers differ in what they take."""
        return self._endpoint.batch

    @property
    def longest(self) -> int:
        """A hundred and twenty Chinese signs: no longer than the model takes."""
        return LONGEST

    async def embed(self, texts: Sequence[str]) -> Floats:
        """See the port."""
        asked = {
            "model": self._endpoint.model,
            "input": [self._endpoint.prefix + text for text in texts],
            "encoding_format": "float",
        }
        try:
            answer = await self._client.post(f"{self._endpoint.url.rstrip('/')}/embeddings", json=asked)
        except httpx.HTTPError as error:
            raise EmbedderFailed(f"no answer from the embedding server: {type(error).__name__}") from error
        if answer.status_code != httpx.codes.OK:
            raise EmbedderFailed(f"the embedding server answers {answer.status_code}")
        return normed(_matrix(answer.content), len(texts))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _matrix(body: bytes) -> Floats:
    """The vectors of an answer in the order of the texts."""
    try:
        rows = sorted(_Rows.model_validate_json(body).data, key=lambda row: row.index)
        return np.array([row.embedding for row in rows], np.float32)
    except (ValidationError, ValueError) as error:
        raise EmbedderFailed("the embedding server's answer cannot be read") from error
