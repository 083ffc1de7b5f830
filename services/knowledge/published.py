"""The knowledge base that clients are answered from, as every process holds it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.vocabulary.knowledge import EditionState
from services.knowledge.contents import Content, entry_of
from services.knowledge.decision import Thresholds
from services.knowledge.entry import Entry
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon, thresholds_of
from storage.repositories import editions, publications, versions
from storage.repositories.editions import Edition
from storage.unit import Database, Unit


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
    fitted = publications.thresholds(unit)
    version = versions.of(unit, versions.KNOWLEDGE)
    return Stock(version, tuple(found), thresholds_of(fitted) if fitted else None)


Train = Callable[[tuple[Entry, ...], Thresholds | None], Knowledge]
"""Makes the knowledge base of entries, with the thresholds that the branch fitted or the packaged ones."""


def trained(entries: tuple[Entry, ...], thresholds: Thresholds | None) -> Knowledge:
    """The knowledge base of these entries with the packaged words of the field; about a second for 200 entries."""
    lexicon = Lexicon.read()
    return Knowledge.build(entries, replace(lexicon, thresholds=thresholds) if thresholds else lexicon)


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
        """What is published, trained once."""
        stock = await database.read(stock_of)
        return cls(await asyncio.to_thread(_knowledge, stock, train), stock, train)

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
        self._current = await self._next(stock)
        self._stock = stock
        return True

    async def _next(self, stock: Stock) -> Knowledge:
        """The next knowledge base; entries that were withdrawn are still known to turns that have begun."""
        if self._stock.editions and stock.alike(self._stock):
            return replace(self._current, entries={entry.entry_id: entry for entry in stock.entries})
        made = await asyncio.to_thread(_knowledge, stock, self._train)
        return replace(made, former=self._current.entries)


def _knowledge(stock: Stock, train: Train) -> Knowledge:
    return train(stock.entries, stock.thresholds) if stock.editions else Knowledge.from_seeds()


def _bare(stock: Stock) -> list[tuple[int, Content]]:
    return [(edition.id, replace(edition.content, review_on=None)) for edition in stock.editions]
