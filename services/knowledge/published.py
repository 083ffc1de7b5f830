"""The knowledge base that clients are answered from, as every process holds it."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from bot.vocabulary.knowledge import EditionState
from services.knowledge import kept
from services.knowledge.contents import Content, entry_of
from services.knowledge.decision import Thresholds
from services.knowledge.entry import Entry
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon, thresholds_of
from storage.repositories import editions, publications, rankers, versions
from storage.repositories.editions import Edition
from storage.unit import Database, Unit

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stock:
    """What is published: the count of changes, the editions by place, and thresholds that the branch fitted, if any."""

    version: int
    editions: tuple[Edition, ...]
    thresholds: Thresholds | None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that clients are answered from."""
        return tuple(map(entry_of, self.editions))

    def alike(self, other: "Stock") -> bool:
        """Whether both answer alike, though days of review may differ."""
        return self.thresholds == other.thresholds and _bare(self) == _bare(other)


def stock_of(unit: Unit) -> Stock:
    """What is published now; nothing before the first publication."""
    found = editions.in_states(unit, (EditionState.PUBLISHED,))
    version = versions.of(unit, versions.KNOWLEDGE)
    return Stock(version, tuple(found), _fitted(publications.thresholds(unit)))


def _fitted(stored: Mapping[str, Any] | None) -> Thresholds | None:
    """The branch's thresholds; None where a newer product weighs other signals, so that they have no meaning."""
    if stored is None or set(stored) != {field.name for field in fields(Thresholds)}:
        return None
    return thresholds_of(stored)


Train = Callable[[tuple[Entry, ...], Thresholds | None], Knowledge]
"""Makes the knowledge base of entries, with the thresholds that the branch fitted or the packaged ones."""


def trained(entries: tuple[Entry, ...], thresholds: Thresholds | None) -> Knowledge:
    """The knowledge base of these entries with the packaged words of the field; about a second for 200 entries."""
    return Knowledge.build(entries, _lexicon(thresholds))


def restored(stock: Stock, data: bytes) -> Knowledge:
    """The same from the bytes of what was learned; a tenth of the time."""
    lexicon = _lexicon(stock.thresholds, learning=False)
    return Knowledge.build(stock.entries, lexicon, kept.unpacked(data, lexicon))


def _lexicon(thresholds: Thresholds | None, *, learning: bool = True) -> Lexicon:
    lexicon = Lexicon.read(learning=learning)
    packaged = lexicon.thresholds
    if thresholds and len(thresholds.sure) != len(packaged.sure):
        log.warning("thresholds of an earlier version are set aside; quanfu faq calibrate FILE fits them anew")
        thresholds = None
    return replace(lexicon, thresholds=thresholds or packaged)


class Published:
    """Holds one knowledge base and changes it for the next while turns go on.

    Without a publication in the database the packaged one is held.
    """

    def __init__(self, current: Knowledge, stock: Stock | None = None, train: Train = trained) -> None:
        self._current = current
        self._stock = stock or Stock(0, (), None)
        self._train = train

    @classmethod
    async def load(cls, database: Database, train: Train = trained) -> "Published":
        """What is published, as it was kept or trained now; nothing is written."""
        stock = await database.read(stock_of)
        return cls(await _made(database, stock, train), stock, train)

    async def keep(self, database: Database) -> bool:
        """Keep what was trained, so that the next start and other processes need not; True where it was not kept."""
        digest = await asyncio.to_thread(kept.digest_of, self._stock.entries)
        if not self._stock.editions or await database.read(lambda unit: rankers.has(unit, digest)):
            return False
        data = await asyncio.to_thread(kept.packed, self._current.learned)
        if data is not None:
            await database.write(lambda unit: rankers.keep(unit, digest, data))
        return data is not None

    @property
    def current(self) -> Knowledge:
        """The knowledge base to answer from now; keep it for as long as one question is thought about."""
        return self._current

    @property
    def version(self) -> int:
        """The count of changes that it stands for; 0 for the packaged one."""
        return self._stock.version

    async def refresh(self, database: Database) -> bool:
        """Take over what was published meanwhile, trained in a thread; True where something was."""
        if await database.read(lambda unit: versions.of(unit, versions.KNOWLEDGE)) == self.version:
            return False
        stock = await database.read(stock_of)
        self._current = await self._next(database, stock)
        self._stock = stock
        return True

    async def _next(self, database: Database, stock: Stock) -> Knowledge:
        """The next knowledge base; entries that were withdrawn are still known to turns that have begun."""
        if self._stock.editions and stock.alike(self._stock):
            return replace(self._current, entries={entry.entry_id: entry for entry in stock.entries})
        made = await _made(database, stock, self._train)
        return replace(made, former=self._current.entries)


async def _made(database: Database, stock: Stock, train: Train) -> Knowledge:
    if not stock.editions:
        return await asyncio.to_thread(Knowledge.from_seeds)
    digest = await asyncio.to_thread(kept.digest_of, stock.entries)
    data = await database.read(lambda unit: rankers.known(unit, digest))
    if data is not None:
        return await asyncio.to_thread(restored, stock, data)
    return await asyncio.to_thread(train, stock.entries, stock.thresholds)


def _bare(stock: Stock) -> list[tuple[int, Content]]:
    return [(edition.id, replace(edition.content, review_on=None)) for edition in stock.editions]
