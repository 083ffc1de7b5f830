"""What two do at the same time: one comes after the other, and whoever is late is told so in words."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import TypeVar

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bot.clock import MovableClock
from bot.errors import Refused
from bot.vocabulary import ConsentPurpose, ProductRisk, Role, StaffState
from services import personnel
from services.client_import import intake
from services.consents import Consents, Statement
from services.integrations import clients as pushed
from services.integrations.clients import By
from services.segments import Register
from services.suitability import assessments, products, questionnaires
from services.suitability.assessments import Asking
from services.suitability.products import Product
from services.tables.mappings import Mappings
from services.tables.run import Wish
from storage.engine import open_engines
from storage.models import AssessmentRow, ClientRow, ConsentRow, StaffRow
from storage.repositories import assessments as assessment_rows
from storage.repositories import client_tags, clients, segments, staff
from storage.repositories.clients import NewClient
from storage.repositories.integrations import Integration
from storage.repositories.segments import Meaning
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit
from storage.vault import Vault

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MANY = 4


async def person(database: Database, number: str, role: Role) -> Staff:
    """A member of staff."""
    await database.write(lambda unit: staff.add(unit, NewStaff(number, number, [role], ""), NOW))
    found = await database.read(lambda unit: staff.by_number(unit, number))
    assert found is not None
    return found


async def enrolled(database: Database) -> int:
    """A client of the number A1."""
    new = NewClient("A1", "王一", "", "10000000101", "")
    return (await database.write(lambda unit: clients.enrol(unit, [new], NOW)))["A1"]


async def together(database: Database, *works: Callable[[Unit], T]) -> list[T | BaseException]:
    """Each in a transaction of its own, all at the same time."""
    return await asyncio.gather(*(database.write(work) for work in works), return_exceptions=True)


def refusals(outcomes: Sequence[object]) -> list[str]:
    """What was refused; nothing else went wrong."""
    wrong = [one for one in outcomes if isinstance(one, BaseException)]
    return [one.key if isinstance(one, Refused) else repr(one) for one in wrong]


async def test_a_number_and_a_name_are_given_once(database: Database, clock: MovableClock) -> None:
    head = await person(database, "s1", Role.HEAD)
    new, register = NewStaff("s9", "New", [Role.RM], "-"), Register(clock)
    taken = await together(database, *[lambda unit: personnel.add(unit, None, new, NOW)] * MANY)
    assert refusals(taken) == ["staff_taken"] * (MANY - 1)
    named = await together(database, *[lambda unit: register.create(unit, head, Meaning("甲"))] * MANY)
    assert refusals(named) == ["segment_name_taken"] * (MANY - 1)
    other = await database.write(lambda unit: register.create(unit, head, Meaning("乙")))
    both = await together(
        database,
        lambda unit: register.edit(unit, head, other, Meaning("丙")),
        lambda unit: register.create(unit, head, Meaning("丙")),
    )
    assert refusals(both) == ["segment_name_taken"]


async def test_the_last_list_that_is_filled_stands(database: Database, clock: MovableClock) -> None:
    await enrolled(database)
    head, register = await person(database, "s1", Role.HEAD), Register(clock)
    filled = await together(database, *[lambda unit: register.fill(unit, head, "名单", ["A1"])] * MANY)
    assert refusals(filled) == []
    found = await database.read(lambda unit: segments.by_name(unit, "名单"))
    assert found is not None
    assert found.version == 1 + MANY
    assert await database.read(lambda unit: segments.size(unit, found.id)) == 1


async def test_a_table_that_two_bring_in_is_there_once(database: Database, tmp_path: Path) -> None:
    head, path = await person(database, "s1", Role.HEAD), tmp_path / "clients.csv"
    path.write_text("客户号,姓名\n" + "".join(f"A{number},王一\n" for number in range(30)), "utf-8")

    async def run() -> None:
        async for _ in intake.steps(database, Wish(path, head, NOW)):
            pass

    assert refusals(await asyncio.gather(*[run() for _ in range(MANY)], return_exceptions=True)) == []
    counted = select(func.count()).select_from(ClientRow)
    assert await database.read(lambda unit: unit.session.scalar(counted)) == 30
    kept = await together(
        database, *[lambda unit: Mappings(intake.CLIENTS).keep(unit, head, "甲", ["号=number"], NOW)] * MANY
    )
    assert refusals(kept) == []


async def test_the_register_and_the_questionnaire_take_the_same_twice(database: Database) -> None:
    fund = Product("F1", "稳健一号", ProductRisk.R2, date(2026, 10, 1))
    taken = await together(database, *[lambda unit: products.take(unit, [fund], "head", NOW)] * MANY)
    assert refusals(taken) == []
    sample = questionnaires.packaged()
    used = await together(database, *[lambda unit: questionnaires.take(unit, sample, "head", NOW)] * MANY)
    assert sorted(map(str, used)) == ["False"] * (MANY - 1) + ["True"]


async def test_a_client_has_one_open_assessment(database: Database) -> None:
    client = await enrolled(database)
    await database.write(lambda unit: questionnaires.take(unit, questionnaires.packaged(), "test", NOW))
    begun = await together(database, *[lambda unit: assessments.begin(unit, Asking(client, "webchat", NOW))] * MANY)
    assert refusals(begun) == []
    assert len(await database.read(lambda unit: assessment_rows.open_of(unit, client))) == 1
    counted = select(func.count()).select_from(AssessmentRow)
    assert await database.read(lambda unit: unit.session.scalar(counted)) == MANY


async def test_one_word_of_a_client_holds(database: Database) -> None:
    client = await enrolled(database)
    no, yes = (Statement(client, ConsentPurpose.CARE, word, "v1", "webchat", NOW) for word in (False, True))
    said = [lambda unit, one=one: Consents().state(unit, one) for one in (yes, no, yes, no)]
    assert refusals(await together(database, *said)) == []
    current = select(func.count()).where(ConsentRow.client_id == client, ConsentRow.current)
    assert await database.read(lambda unit: unit.session.scalar(current)) == 1


async def test_two_administrators_cannot_let_each_other_go(database: Database) -> None:
    one, two = [await person(database, number, Role.ADMIN) for number in ("a1", "a2")]
    gone = await together(
        database,
        lambda unit: personnel.deactivate(unit, one, two.number, "", NOW),
        lambda unit: personnel.deactivate(unit, two, one.number, "", NOW),
    )
    assert refusals(gone) == ["staff_not_permitted"]
    left = select(func.count()).where(StaffRow.state == StaffState.ACTIVE)
    assert await database.read(lambda unit: unit.session.scalar(left)) == 1


async def test_what_two_write_at_the_same_instant_is_written_once_and_read_by_the_other(postgres_url: str) -> None:
    opened = Database(open_engines(postgres_url), Vault((b"t" * 32,)))
    client, met = await enrolled(opened), Barrier(2)

    def tag(unit: Unit) -> bool:
        if client_tags.of(unit, [client]):
            return False
        met.wait(10)  # both have seen that there is none
        client_tags.replace(unit, client, ["vip"])
        return True

    assert sorted(map(str, await together(opened, tag, tag))) == ["False", "True"]
    new = NewStaff("s1", "s1", [Role.RM], "")
    with pytest.raises(IntegrityError):
        await opened.write(lambda unit: [staff.add(unit, new, NOW) for _ in range(2)])
    opened.close()


async def test_tags_of_two_systems_do_not_mix(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Database(open_engines(postgres_url), Vault((b"t" * 32,)))
    client, met, read = await enrolled(opened), Barrier(2), client_tags.of

    def seen(unit: Unit, ids: Collection[int]) -> Mapping[int, Sequence[str]]:
        found = read(unit, ids)
        with suppress(BrokenBarrierError):
            met.wait(0.2)  # where nobody holds the client, both have read by now
        return found

    def tag(unit: Unit, name: str) -> Sequence[str]:
        system = Integration(1, name, frozenset(), 600, NOW, None)
        return pushed.tag(unit, By(system, NOW), "A1", [name])

    monkeypatch.setattr(client_tags, "of", seen)
    assert refusals(await together(opened, partial(tag, name="crm"), partial(tag, name="oa"))) == []
    found = await opened.read(lambda unit: read(unit, [client]))
    opened.close()
    assert list(found[client]) in (["crm"], ["oa"])
