"""A branch that writes to its clients on its own account: staff of each role, broadcasts, care and a delivery."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date

from bot.app.outreach import Outreach, outreach
from bot.vocabulary import Birthday, DayFacts, Locale, Purpose, Role
from services import calendars, demo
from services.broadcasts import Broadcasts, Content, freeze
from services.calendar import Occasions
from services.calendars import Calendars
from services.care import Care
from services.rules import Rules
from storage.repositories import clients, demo_data
from storage.repositories import staff as staff_rows
from storage.repositories.broadcasts import Broadcast
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database
from tests.packaged import texts
from tests.services.delivery.office import NOON, Accounts, Office, opened

ALL = {"all": list[object]()}
BODY = "年底前请核对您的联系方式。"
PLAIN = Content("年末", Purpose.BROADCAST, {Locale.ZH_CN: BODY}, ALL)


@dataclass
class Desk:
    """Everything a test of outreach needs."""

    office: Office
    made: Outreach
    people: dict[Role, Staff]
    births: dict[int, Birthday | None] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        """The branch's database."""
        return self.office.database

    @property
    def broadcasts(self) -> Broadcasts:
        """The board."""
        return self.made.broadcasts

    @property
    def care(self) -> Care:
        """The greetings."""
        return self.made.care

    async def demo_clients(self) -> dict[str, int]:
        """The demo branch's clients with their chats; returns ids by number."""
        managers = {"s03": self.people[Role.RM].id}
        found = demo.clients(NOON, managers)
        ids = await self.database.write(lambda unit: clients.enrol(unit, found, NOON))
        await self.database.write(lambda unit: demo_data.record_chats(unit, ids, demo.YOURSELF, NOON))
        return ids

    async def approved(self, content: Content = PLAIN, author: Role = Role.SERVICE) -> Broadcast:
        """A broadcast that may be sent."""
        submitted = await self.submitted(content, author)
        compliance = self.people[Role.COMPLIANCE]
        return await self.database.write(
            lambda unit: self.broadcasts.approve(unit, compliance, submitted.id, submitted.content_hash)
        )

    async def submitted(self, content: Content = PLAIN, author: Role = Role.SERVICE) -> Broadcast:
        """A broadcast that waits for approval."""
        writer = self.people[author]
        draft = await self.database.write(lambda unit: self.broadcasts.create(unit, writer, content))
        return await self.database.write(lambda unit: self.broadcasts.submit(unit, writer, draft.id))

    async def sent(self, content: Content = PLAIN, author: Role = Role.SERVICE) -> Broadcast:
        """A broadcast whose audience is frozen."""
        approved = await self.approved(content, author)
        return await self.send(approved.id, author)

    async def send(self, broadcast_id: int, author: Role = Role.SERVICE) -> Broadcast:
        """Begin one that was approved, and freeze its audience."""
        await self.database.write(lambda unit: self.broadcasts.send(unit, self.people[author], broadcast_id))
        await freeze(self.database, self.broadcasts, broadcast_id)
        return await self.now_is(broadcast_id)

    async def watch(self) -> None:
        """Close and pause what has to be."""
        due = await self.database.read(self.broadcasts.due)
        await self.database.write(lambda unit: self.broadcasts.watch(unit, due))

    async def now_is(self, broadcast_id: int) -> Broadcast:
        """It as it stands."""
        return await self.database.read(lambda unit: self.broadcasts.one(unit, broadcast_id))


@contextmanager
def opened_desk(url: str, rules: Rules | None = None, accounts: Accounts | None = None) -> Iterator[Desk]:
    """A desk on a database, closed afterwards; its days of mourning are the packaged ones."""
    with opened(url, accounts, rules) as office:
        delivery = replace(office.delivery, days=_day)
        office.pump.delivery = delivery
        office.delivery = delivery
        yield Desk(office, outreach(delivery, texts(), Calendars(), office.clock), {})


def _day(on: date) -> DayFacts:
    return DayFacts(mourning=Occasions.from_seed().mourning_on(on) is not None)


async def staffed(desk: Desk) -> Desk:
    """One member of staff for each role, and the packaged calendars."""
    for role in Role:
        new = NewStaff(role.value, f"员工{role.value}", (role,), "-")
        made = await desk.database.write(lambda unit, one=new: staff_rows.add(unit, one, NOON))  # type: ignore[misc]
        found = await desk.database.read(lambda unit, one=made: staff_rows.by_id(unit, one))  # type: ignore[misc]
        assert found is not None
        desk.people[role] = found
    await desk.database.write(lambda unit: calendars.load_packaged(unit, NOON))
    await desk.database.read(desk.made.calendars.refresh)
    return desk
