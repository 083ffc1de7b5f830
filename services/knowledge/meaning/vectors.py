"""Vectors of the knowledge base's own texts: each is made once and kept by the hash of its text."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.errors import EmbedderFailed
from services.knowledge.meaning.embedder import Embedder
from services.knowledge.sparse import Floats
from storage.repositories import vectors as kept
from storage.unit import Database

log = logging.getLogger(__name__)

KEPT = np.dtype("<f2")
"""As they are kept: half precision changes no order that matters, and is half as long."""

WRITTEN_AT_ONCE = 256
"""Vectors made before they are written down: what a process that ends meanwhile has to make again at most."""


@dataclass(frozen=True)
class Vectors:
    """Without a database nothing is kept, and with `keeps` false nothing more."""

    embedder: Embedder
    database: Database | None = None
    keeps: bool = True

    async def of(self, texts: Sequence[str]) -> Floats:
        """One row for each text; only what is new goes to the model. EmbedderFailed where that gives nothing."""
        if not texts:
            raise EmbedderFailed("no text to embed")
        by_hash = {digest(text): text for text in texts}
        width = (await self.embedder.embed(texts[:1])).shape[1]
        found = {key: row for key, row in (await self._kept(list(by_hash))).items() if len(row) == width}
        missing = [key for key in by_hash if key not in found]
        if missing:
            log.info("%d of %d texts are embedded anew", len(missing), len(by_hash))
        for start in range(0, len(missing), WRITTEN_AT_ONCE):
            found |= await self._made({key: by_hash[key] for key in missing[start : start + WRITTEN_AT_ONCE]})
        return np.stack([found[digest(text)] for text in texts])

    async def _kept(self, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        if self.database is None:
            return {}
        name = self.embedder.name
        rows = await self.database.read(lambda unit: kept.known(unit, name, keys))
        return {key: np.frombuffer(row, KEPT).astype(np.float32) for key, row in rows.items()}

    async def _made(self, texts: Mapping[bytes, str]) -> dict[bytes, Floats]:
        """In half precision, as they are kept: a restart must learn the same."""
        keys, asked, batch = list(texts), list(texts.values()), self.embedder.batch
        rows = [await self.embedder.embed(asked[at : at + batch]) for at in range(0, len(asked), batch)]
        halves = np.concatenate(rows).astype(KEPT)
        if self.database is not None and self.keeps:
            name, made = self.embedder.name, {key: row.tobytes() for key, row in zip(keys, halves, strict=True)}
            await self.database.write(lambda unit: kept.keep(unit, name, made))
        return dict(zip(keys, halves.astype(np.float32), strict=True))


def digest(text: str) -> bytes:
    """The hash under which a text's vector is kept."""
    return hashlib.sha256(text.encode()).digest()
