"""quanfu demo: load the demo branch, once, and tell how to get in."""

import asyncio
from dataclasses import replace
from datetime import datetime

from bot import settings
from bot.app import build, house_rules, open_database
from bot.clock import SystemClock, branch_date
from bot.commands.words import tell
from bot.errors import QuanfuError
from bot.live import MemoryLive
from bot.vocabulary import ConsentPurpose, Duty
from services import branch, demo_portfolios
from services import demo as demo_branch
from services.branch import Fact
from services.holdings import figures
from services.identity import Identity, Order
from services.staff import hash_password
from services.suitability import questionnaires
from storage.repositories import client_assignments, clients, demo_data
from storage.repositories import staff as staff_rows
from storage.repositories.client_assignments import Hand
from storage.repositories.staff import NewStaff
from storage.unit import Database, Unit

STARTS = 10_000
"""Codes the demo's one visitor may be given a day: one at every start."""

PASSWORD = "quanfu-demo"  # noqa: S105 - of fictional staff, printed at every start


def demo() -> None:
    """Load the demo branch into an empty database; print its logins and a fresh bind code."""
    asyncio.run(_demo())


async def _demo() -> None:
    current = settings.load()
    database = open_database(current)
    try:
        now = SystemClock().now()
        standing = await database.read(demo_data.standing)
        if standing is demo_data.Standing.REAL:
            tell("demo_refused")
            raise QuanfuError
        if standing is demo_data.Standing.EMPTY:
            await load(database, now)
            await _talk(current, database)
        rules = replace(house_rules(current.rules), bind_codes_daily=STARTS)
        order = Order(await database.read(_yourself), None, list(ConsentPurpose), now)
        code = await database.write(lambda unit: Identity(rules).issue(unit, order))
        await _told(database)
        tell("demo_code", code=code, minutes=int(rules.bind_span.total_seconds() // 60), tail=demo_branch.TAIL)
    finally:
        database.close()


async def load(database: Database, now: datetime) -> None:
    """Write the demo branch, its staff, its clients and what they hold into an empty database."""
    password = hash_password(PASSWORD)

    def write(unit: Unit) -> None:
        branch.replace(unit, demo_branch.branch_facts(), demo=True)
        managers = {
            one.number: staff_rows.add(
                unit,
                NewStaff(one.number, one.name, [one.role], password, one.title, one.licence, False, True),
                now,
            )
            for one in demo_branch.staff()
        }
        people = demo_branch.clients(now, managers)
        ids = clients.enrol(unit, people, now)
        for number, adviser in demo_branch.advised().items():
            client_assignments.put(unit, ids[number], Duty.ADVISER, managers[adviser], Hand(now))
        demo_data.record_chats(unit, ids, demo_branch.YOURSELF, now)
        demo_portfolios.write(unit, people, ids, branch_date(now))
        questionnaires.take(unit, questionnaires.packaged(), demo_branch.IMPORTER, now)

    await database.write(write)
    await figures.refresh(database, now)


async def _talk(current: settings.Settings, database: Database) -> None:
    """Let some of the clients speak, through the same rooms as everybody."""
    rooms = await build(current, database, SystemClock(), MemoryLive())
    for arrival in demo_branch.dialogues():
        await rooms.dispatcher.take([arrival])
        await rooms.dispatcher.idle()


def _yourself(unit: Unit) -> int:
    found = clients.by_number(unit, demo_branch.YOURSELF)
    if found is None:
        raise LookupError(demo_branch.YOURSELF)
    return found.id


async def _told(database: Database) -> None:
    facts = await database.read(branch.present)
    tell("demo_loaded", branch=facts.facts[Fact.NAME], clients=await database.read(demo_data.count))
    tell("demo_logins", password=PASSWORD)
    for one in demo_branch.staff():
        tell("demo_login", number=one.number, name=one.name, title=one.title)
