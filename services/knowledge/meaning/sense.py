"""Asks the embedder about questions and joins what it tells; whatever it does, the question is answered."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from prometheus_client import Counter

from bot.clock import Clock
from bot.errors import EmbedderFailed, StorageError, places
from services import masking
from services.knowledge.knowledge import Knowledge
from services.knowledge.meaning.learned import Meaning
from services.knowledge.meaning.vectors import Vectors
from services.knowledge.ranking import Ranker
from services.knowledge.sparse import Floats

log = logging.getLogger(__name__)

ASKED = Counter("quanfu_embedder", "Questions by what the embedder did for them", ["result"])

SECONDS = 0.8
"""How long a question may wait for its vector."""

FAILURES = 3
"""Failures in a row after which the embedder is left alone for a while: clients would wait in vain."""

REST = timedelta(seconds=10)
SILENCE = timedelta(minutes=1)
"""Between two log lines about failures."""

LOOK_SECONDS = 2.0
AGAIN_SECONDS = 10.0
"""Until what was published is looked for again, and until that after a failure."""


@dataclass
class Sense:
    """One embedder at work in this process. What it has learned belongs to one ranker, and is used with that only."""

    vectors: Vectors
    clock: Clock
    seconds: float = SECONDS
    _learned: tuple[Ranker, Meaning] | None = None
    _failures: int = 0
    _rests_until: datetime | None = None
    _told_at: datetime | None = None

    async def sensed(self, knowledge: Knowledge, question: str) -> Knowledge:
        """The knowledge base together with what the vector of a question tells; as it is where nothing can be told.

        Texts that a rule catches, long ones, and those that come before anything is learned, cost nothing.
        """
        meaning = self._meaning(knowledge)
        cleaned = knowledge.ranker.reader.clean(question) if meaning else ""
        if meaning is None or not cleaned or knowledge.intents.find(cleaned):
            return knowledge
        masked = knowledge.ranker.reader.clean(masking.numbers(question))
        vector = await self._vector(masked) if len(masked.encode()) <= self.vectors.embedder.longest else None
        if vector is None or vector.shape != meaning.centre.shape:
            return knowledge
        return knowledge.with_sense({cleaned: meaning.scores(vector)})

    async def learn(self, knowledge: Knowledge) -> None:
        """Learn the texts of a knowledge base; EmbedderFailed or StorageError, and what was learned before stays."""
        texts, owners = knowledge.taught()
        rows = await self.vectors.of(texts)
        meaning = await asyncio.to_thread(Meaning.learn, rows, owners, len(knowledge.ranker.labels))
        self._learned = (knowledge.ranker, meaning)
        log.info("learned what %d texts mean", len(texts))

    async def watch(self, current: Callable[[], Knowledge]) -> None:
        """For ever: learn what is published; until then, and where that fails, answers are found without."""
        while True:
            pause, knowledge = LOOK_SECONDS, current()
            if knowledge.fusion is not None and self._meaning(knowledge) is None:
                try:
                    await self.learn(knowledge)
                except (EmbedderFailed, StorageError) as error:
                    self._tell(error)
                    pause = AGAIN_SECONDS
            await asyncio.sleep(pause)

    async def close(self) -> None:
        """Let go of the embedder."""
        await self.vectors.embedder.close()

    def _meaning(self, knowledge: Knowledge) -> Meaning | None:
        if self._learned is None or self._learned[0] is not knowledge.ranker or knowledge.fusion is None:
            return None
        return self._learned[1]

    async def _vector(self, text: str) -> Floats | None:
        if self._rests_until is not None and self.clock.now() < self._rests_until:
            ASKED.labels(result="skipped").inc()
            return None
        try:
            async with asyncio.timeout(self.seconds):
                rows = await self.vectors.embedder.embed([text])
        except (EmbedderFailed, TimeoutError) as error:
            self._failed(error)
            return None
        ASKED.labels(result="made").inc()
        self._failures, self._rests_until = 0, None
        vector: Floats = np.asarray(rows[0], np.float32)
        return vector

    def _failed(self, error: Exception) -> None:
        ASKED.labels(result="late" if isinstance(error, TimeoutError) else "failed").inc()
        self._failures += 1
        if self._failures >= FAILURES:
            self._rests_until = self.clock.now() + REST
        self._tell(error)

    def _tell(self, error: Exception) -> None:
        """Once a minute: a server that is down would fill the log."""
        now = self.clock.now()
        if self._told_at is None or now - self._told_at >= SILENCE:
            self._told_at = now
            log.warning("answers are found without the embedder: %s: %s", places(error), _reason(error))


def _reason(error: Exception) -> str:
    """The words of errors of ours; others may quote a text."""
    return str(error) if isinstance(error, EmbedderFailed) else "late"
