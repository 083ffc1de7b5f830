"""The port: turns texts into vectors, in this process or on a server."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.errors import EmbedderFailed
from services.knowledge.sparse import Floats


class Embedder(Protocol):
    """Neither blocks the event loop nor remembers texts."""

    @property
    def name(self) -> str:
        """Names the model and how it is asked: vectors of the same name may be compared."""
        ...

    @property
    def batch(self) -> int:
        """Texts to give at once at most."""
        ...

    @property
    def longest(self) -> int:
        """Bytes of a question from which on a client would wait too long; its many words tell what it means."""
        ...

    async def embed(self, texts: Sequence[str]) -> Floats:
        """One row of length 1 for each text, in order; EmbedderFailed where there is none."""
        ...

    async def close(self) -> None:
        """Let go of thread or connections."""
        ...


def normed(rows: NDArray[np.generic], count: int) -> Floats:
    """Rows brought to length 1; EmbedderFailed unless there are `count` of them, finite and not zero."""
    if rows.ndim != 2 or len(rows) != count or not np.issubdtype(rows.dtype, np.number):
        raise EmbedderFailed("not one vector for each text")
    floats = rows.astype(np.float32)
    lengths = np.linalg.norm(floats, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise EmbedderFailed("a vector without length")
    normal: Floats = floats / lengths
    return normal
