"""The unanswered questions in groups, as the first page, the queue and the statistics show them alike."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from services import misses
from services.knowledge.ranking import Reader
from services.misses import Cluster
from storage.repositories.misses import Missed


@dataclass(frozen=True, slots=True)
class Queue:
    """The groups, how many misses there are in all, and how many of them were looked at."""

    clusters: Sequence[Cluster]
    number: int
    looked_at: int


@dataclass
class Queues:
    """Holds the latest grouping: a thousand questions take a third of a second, and seldom change between pages."""

    _found: tuple[Reader, Sequence[Missed]] | None = None
    _clusters: Sequence[Cluster] = ()

    async def of(self, found: Sequence[Missed], reader: Reader) -> Sequence[Cluster]:
        """Grouped off the event loop, as the words of the knowledge base are read now."""
        known = self._found
        if known is None or known[0] is not reader or known[1] != found:
            clusters = await asyncio.to_thread(
                misses.clustered, found, lambda text: reader.features(reader.clean(text))
            )
            self._found, self._clusters = (reader, found), clusters
            return clusters
        return self._clusters
