"""Where the knowledge base is kept: staff who write, review and publish, and a handful of entries."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

from bot.clock import MovableClock
from bot.vocabulary import Role
from bot.vocabulary.knowledge import EditionState
from services.knowledge.contents import Content
from services.knowledge.decision import Thresholds
from services.knowledge.editions import Editions
from services.knowledge.entry import Entry
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon
from services.knowledge.publishing import Prospect, Publishing, Wanted
from storage.repositories import editions as rows
from storage.repositories import staff as staff_rows
from storage.repositories.editions import Edition, Seen
from storage.repositories.publications import Publication
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit

T = TypeVar("T")
OPENING = Content(
    "account",
    "怎么开立证券账户？",
    "带身份证到营业部，或在App上办理。",
    ("如何开户", "开户流程", "网上能开户吗", "开个股票户"),
)
FEES = Content("fees", "交易佣金怎么收？", "按成交金额收取。", ("手续费多少", "佣金多少", "买卖股票收多少钱"))
HOURS = Content("trading", "几点开盘？", "交易日9:30开盘。", ("什么时候开市", "股市几点开始", "开盘时间"))


@cache
def _lexicon() -> Lexicon:
    """With a few examples of what is no question: training takes milliseconds."""
    lexicon = Lexicon.read()
    return replace(lexicon, examples={label: texts[:5] for label, texts in lexicon.examples.items()})


def quick(entries: tuple[Entry, ...], thresholds: Thresholds | None) -> Knowledge:
    """The knowledge base of a few entries."""
    lexicon = _lexicon()
    return Knowledge.build(entries, replace(lexicon, thresholds=thresholds or lexicon.thresholds))


def seen(edition: Edition) -> Seen:
    return Seen(edition.id, edition.revision)


def edition(entry_id: str, content: Content) -> Edition:
    """A published one, as the database gives it."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    published = EditionState.PUBLISHED
    return Edition(
        1, 1, entry_id, 3, published, 1, content, None, frozenset(), None, None, now, now, now, now, None, None
    )


@dataclass
class Bureau:
    """The services and their people."""

    database: Database
    clock: MovableClock
    people: dict[Role, Staff]

    def __post_init__(self) -> None:
        self.editions = Editions(self.clock)
        self.publishing = Publishing(self.clock, quick)

    async def do(self, work: Callable[[Unit], T]) -> T:
        return await self.database.write(work)

    async def draft(self, entry_id: str, content: Content, by: Role = Role.SERVICE) -> Edition:
        return await self.do(lambda unit: self.editions.begin(unit, self.people[by], entry_id, content))

    async def reviewed(self, entry_id: str, content: Content, by: Role = Role.SERVICE) -> Edition:
        one = await self.draft(entry_id, content, by)
        return await self.do(lambda unit: self.editions.review(unit, self.people[Role.ADVISER], seen(one)))

    async def prospect(self, *editions: Edition, retire: tuple[str, ...] = ()) -> Prospect:
        wanted = Wanted(tuple(map(seen, editions)), retire)
        reader = self.people[Role.HEAD]
        return self.publishing.think(await self.database.read(lambda unit: self.publishing.read(unit, reader, wanted)))

    async def published(self, *editions: Edition, retire: tuple[str, ...] = (), reason: str = "") -> Publication:
        prospect = await self.prospect(*editions, retire=retire)
        return await self.publish(prospect, reason)

    async def publish(self, prospect: Prospect, reason: str = "", by: Role = Role.HEAD) -> Publication:
        return await self.do(lambda unit: self.publishing.publish(unit, self.people[by], prospect, reason))

    async def stock(self) -> None:
        """Three entries published."""
        await self.published(
            await self.reviewed("open", OPENING), await self.reviewed("fees", FEES), await self.reviewed("hours", HOURS)
        )

    async def history(self, entry_id: str) -> list[Edition]:
        return await self.database.read(lambda unit: rows.history(unit, entry_id))

    async def clear(self, entry_id: str) -> None:
        """Nothing of an entry is published any more."""
        if any(each.state is EditionState.PUBLISHED for each in await self.history(entry_id)):
            await self.published(retire=(entry_id,), reason="-")

    async def one(self, edition_id: int) -> Edition:
        return await self.database.read(lambda unit: self.editions.one(unit, edition_id))


async def staffed(database: Database, clock: MovableClock) -> Bureau:
    """Somebody of each duty."""

    def hire(unit: Unit) -> dict[Role, Staff]:
        people = {}
        for role in Role:
            made = staff_rows.add(unit, NewStaff(role.value, f"员工{role.value}", (role,), "-"), clock.now())
            found = staff_rows.by_id(unit, made)
            assert found
            people[role] = found
        return people

    return Bureau(database, clock, await database.write(hire))
