"""A small branch with a console: the seven demo persons, two clients, and chats in every state."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from starlette.applications import Starlette

from bot.channels import webchat
from bot.channels.base import Capabilities, Window
from bot.channels.base import Unit as Length
from bot.clock import Clock, MovableClock
from bot.live import MemoryLive
from bot.vocabulary import ChannelKind, DayFacts, Level, Locale
from bot.vocabulary.health import Observation, Remark
from console import Console, pages
from console.prospects import Prospects
from services import demo
from services.calendar import BranchCalendar, BusinessHours, packaged_years
from services.delivery.composing import Composer
from services.delivery.submit import Delivery
from services.desk import Desk
from services.doctor import Seen
from services.doctor.latest import place_of
from services.handover import Handover, Wish
from services.imports.files import ImportFiles
from services.knowledge.editions import Editions
from services.knowledge.knowledge import Knowledge
from services.knowledge.published import Published
from services.knowledge.publishing import Publishing
from services.rules import Rules
from services.staff import SignIns, hash_password
from services.tickets import Matter, Tickets
from services.wording import Wording
from storage.engine import open_engines
from storage.models import ChatAccountRow, ConversationRow, InboxRow
from storage.repositories import client_particulars, clients, conversations
from storage.repositories import staff as staff_rows
from storage.repositories.clients import NewClient
from storage.repositories.staff import NewStaff
from storage.unit import Database, Unit
from storage.vault import Vault
from tests.library import shelf
from tests.packaged import assets, knowledge, texts, words
from tests.services.knowledge.bureau import quick

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 at the branch."""
PASSWORD = "wutong-lu-2026"
SERVICE, RM, HEAD, COMPLIANCE, ADMIN, ADVISER, VISITOR = "s05", "s03", "s01", "s02", "s07", "s04", "s06"
NAME, PHONE = "王晓岚", "10000000101"
EMAIL, FUND_ACCOUNT = "wangxl@example.com", "8800123456"
ACCOUNTS = {
    (ChannelKind.RECORDING, "main"): Capabilities(4000, Length.CHARACTERS),
    (ChannelKind.WEBCHAT, "main"): webchat.CAPABILITIES,
    (ChannelKind.WECHAT, "main"): Capabilities(
        2048, Length.BYTES, media=frozenset({"image"}), window=Window(timedelta(hours=48), 5)
    ),
    (ChannelKind.WECOM, "main"): Capabilities(4000, Length.BYTES, needs_staff_confirmation=True, hears=False),
}


@cache
def hours() -> BusinessHours:
    """The branch's hours on the packaged calendars."""
    return BusinessHours(BranchCalendar(packaged_years()))


@cache
def known_hash() -> str:
    """The hash of the password of all staff here, made once."""
    return hash_password(PASSWORD)


async def examined(account: tuple[ChannelKind, str]) -> list[Seen]:
    """One thing well and, of WeChat, one that is not."""
    found = [Observation(Remark.ACCESS_WORKS)]
    if account[0] is ChannelKind.WECHAT:
        found.append(Observation(Remark.ADDRESS_REFUSED, {"ip": "203.0.113.7", "code": "40164"}))
    return [Seen(place_of(account), one) for one in found]


async def sensed(_question: str) -> Knowledge:
    """The packaged answers, without an embedder."""
    return knowledge()


@dataclass
class Stand:
    """The console with what it stands on."""

    database: Database
    clock: Clock
    console: Console
    app: Starlette
    staff: dict[str, int]
    clients: dict[str, int]

    async def chat(self, text: str, client: str | None = "C1", kind: ChannelKind = ChannelKind.RECORDING) -> int:
        """A conversation in which a client has written; gives its number."""
        return await self.database.write(lambda unit: self._chat(unit, text, client, kind))

    def _chat(self, unit: Unit, text: str, client: str | None, kind: ChannelKind) -> int:
        now, client_id = self.clock.now(), self.clients[client] if client else None
        address = f"{kind}-{client}-{abs(hash(text)) % 10**8:08}"
        chat = ChatAccountRow(
            channel=kind, account="main", address=address, client_id=client_id, created_at=now, last_inbound_at=now
        )
        unit.session.add(chat)
        unit.flush()
        held = ConversationRow(account_id=chat.id, locale=Locale.ZH_CN, created_at=now)
        unit.session.add(held)
        unit.flush()
        self._hear(unit, held.id, kind, text)
        return held.id

    def _hear(self, unit: Unit, number: int, kind: ChannelKind, text: str) -> int:
        now = self.clock.now()
        row = InboxRow(
            channel=kind,
            account="main",
            platform_id=f"{number}:{text}",
            conversation_id=number,
            kind="text",
            text=text,
            state="handled",
            received_at=now,
        )
        unit.session.add(row)
        unit.session.get_one(ConversationRow, number).last_inbound_at = now
        unit.flush()
        unit.announce("conversation", number)
        return row.id

    async def hear(self, number: int, text: str) -> int:
        """One more message of the client."""
        return await self.database.write(lambda unit: self._hear(unit, number, ChannelKind.RECORDING, text))

    async def wait(self, text: str, client: str | None = "C1", kind: ChannelKind = ChannelKind.RECORDING) -> int:
        """A conversation whose client waits for a person."""
        number = await self.chat(text, client, kind)
        heard = await self.hear(number, "转人工")

        def ask(unit: Unit) -> None:
            found = conversations.by_id(unit, number)
            assert found is not None
            self.console.handover.ask(unit, found, Wish(heard, text, self.clock.now()))

        await self.database.write(ask)
        return number

    async def complaint(self, text: str, level: Level = Level.P3, client: str = "C1") -> str:
        """A complaint told in a chat of its own; gives its number."""
        number = await self.chat(text, client)
        matter = Matter(text, level, number, self.clients[client], self.clock.now(), "6.2", {"what": text})
        opened = await self.database.write(lambda unit: self.console.handover.tickets.complain(unit, matter))
        return opened.number


def _people(unit: Unit, now: datetime) -> dict[str, int]:
    return {
        person.number: staff_rows.add(
            unit,
            NewStaff(person.number, person.name, [person.role], known_hash(), must_change=False, fictional=True),
            now,
        )
        for person in demo.staff()
    }


def _clients(unit: Unit, managers: dict[str, int], now: datetime) -> dict[str, int]:
    first = NewClient(
        "C1", NAME, "尊敬的王女士", PHONE, "110101199006150011", manager_id=managers[RM], tags=("基金定投",)
    )
    second = NewClient(
        "C2", "欧阳泽宇", "尊敬的欧阳先生", "10000000102", "110101197609030012", opened_on=date(2011, 3, 8)
    )
    ids = clients.enrol(unit, [first, second], now)
    known = {"email": EMAIL, "fund_account": FUND_ACCOUNT, "prefers": "fund,bond", "branch": "滨江营业部"}
    client_particulars.change(unit, [(ids["C1"], known)], now)
    return ids


@contextmanager
def stand(url: str, clock: Clock | None = None, *, is_demo: bool = True) -> Iterator[Stand]:
    """The stand on a migrated database."""
    clock = clock or MovableClock(MONDAY)
    engines = open_engines(url)
    database = Database(engines, Vault((b"k" * 32,)))
    live, rules = MemoryLive(), Rules()
    database.listen(lambda heard: live.publish(f"{signal.topic}:{signal.key}" for signal in heard))
    delivery = Delivery(
        Composer(texts(), Wording.from_seed()), ACCOUNTS, tuple(ChannelKind), rules, lambda _: DayFacts(), clock
    )
    tickets, published = Tickets(hours), Published(knowledge())
    handover = Handover(tickets, hours, delivery.submit, ACCOUNTS, clock)
    library = shelf(database, clock)
    console = Console(
        database=database,
        clock=clock,
        texts=texts(),
        rules=rules,
        sign_ins=SignIns(clock, rules),
        handover=handover,
        desk=Desk(tickets, handover),
        delivery=delivery,
        library=library,
        imports=ImportFiles(database, library.store, clock),
        published=published,
        sensed=sensed,
        editions=Editions(clock),
        prospects=Prospects(database, Publishing(clock, quick), published),
        live=live,
        hours=hours,
        capabilities=ACCOUNTS,
        examine=examined,
        secure_cookie=False,
        demo=is_demo,
        words=words("console"),
        remarks=words("doctor"),
        table_words=words("imports"),
        segment_words=words("segments"),
        assets=assets(),
    )
    now = clock.now()
    with engines.writer.begin() as connection:
        unit = Unit(connection, database.vault)
        people = _people(unit, now)
        enrolled = _clients(unit, people, now)
        unit.flush()
    try:
        yield Stand(database, clock, console, Starlette(routes=pages(console)), people, enrolled)
    finally:
        database.close()
