"""Greetings: the right people, one a day, once a year, however often and wherever it is run."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from bot.clock import BRANCH_ZONE
from bot.errors import CalendarYearMissing, Refused
from bot.vocabulary import (
    AssetBand,
    Birthday,
    ClientState,
    ConsentPurpose,
    DeliveryState,
    Level,
    Purpose,
    Role,
    TicketKind,
    TicketSource,
)
from services import care as greetings
from services.calendar import birthday_on, birthdays_on
from services.care import Line
from services.segments import packaged
from storage.models import CalendarYearRow, ClientRow, TicketRow, VersionRow
from storage.repositories import care as rows
from storage.repositories.care import Occurrence
from storage.unit import Unit
from tests.outreach import Desk
from tests.services.delivery.office import NOON

TODAY = date(2026, 11, 23)
BORN_TODAY = Birthday(11, 23, 1980)
FESTIVAL = date(2026, 9, 25)
"""Mid-autumn; the market is closed until the 27th."""


async def client(desk: Desk, birthday: Birthday | None = None, **changes: Any) -> int:
    """A client with a chat, who agreed to everything."""
    (client_id,) = await desk.office.clients(1, **changes)
    desk.births[client_id] = birthday
    await desk.database.write(lambda unit: _bear(unit, desk))
    return client_id


def _bear(unit: Unit, desk: Desk) -> None:
    """Write every client's birthday: the office gives all of them its own with each new one."""
    for client_id, born in desk.births.items():
        columns: dict[str, Any] = {"birth_year": None, "birth_month": None, "birth_day": None}
        if born:
            columns = {"birth_year": born.year, "birth_month": born.month, "birth_day": born.day}
            columns |= {"birth_lunar": born.lunar, "birth_leap": born.leap}
        unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(**columns))


async def planned(desk: Desk, on: date = TODAY, segment: str | None = None) -> list[Line]:
    return [line async for lines in desk.care.plan(desk.database, on, segment) for line in lines]


async def only(desk: Desk, on: date = TODAY) -> Line:
    (line,) = await planned(desk, on)
    return line


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BRANCH_ZONE)


async def test_a_birthday_is_greeted_once_and_goes_out_at_half_past_nine(desk: Desk) -> None:
    client_id = await client(desk, birthday=BORN_TODAY)
    desk.office.clock.set(at(TODAY, 9))
    assert await desk.care.greet(desk.database, TODAY) == 1
    assert await desk.care.greet(desk.database, TODAY) == 0
    row = await desk.office.row()
    assert (row.key, row.purpose) == (f"birthday:{client_id}:2026", Purpose.CARE)
    assert (row.not_before, row.expires_at) == (at(TODAY, 9, 30), at(TODAY + timedelta(days=1), 11))
    await desk.office.drain()
    assert desk.office.ledger().sent == []
    desk.office.clock.set(at(TODAY, 9, 30))
    await desk.office.drain()
    (sent,) = desk.office.ledger().sent
    assert sent.text.startswith("尊敬的王先生，")
    assert "客户服务团队" in sent.text


async def test_three_machines_at_once_greet_once(desk: Desk) -> None:
    for _ in range(5):
        await client(desk, birthday=BORN_TODAY)
    new = await asyncio.gather(*[desk.care.greet(desk.database, TODAY) for _ in range(3)])
    assert sum(new) == len(await desk.office.rows()) == 5


async def test_works_in_chunks_and_goes_on_where_it_was_broken_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greetings, "CHUNK", 2)
    for _ in range(5):
        await client(desk, birthday=BORN_TODAY)
    await desk.database.write(lambda unit: desk.care._submit(unit, TODAY, 0))
    assert len(await desk.office.rows()) == 2
    assert len(await planned(desk)) == 5
    assert await desk.care.greet(desk.database, TODAY) == 3


async def test_birthday_goes_before_festival_and_both_before_anniversary(desk: Desk) -> None:
    opened = FESTIVAL.replace(year=2020)
    await client(desk, birthday=Birthday(9, 25, 1980), opened_on=opened)
    await client(desk, opened_on=opened)
    assert [line.occasion for line in await planned(desk, FESTIVAL)] == ["birthday", "mid_autumn"]


async def test_a_second_occasion_found_later_the_same_day_is_not_greeted_too(desk: Desk) -> None:
    client_id = await client(desk, opened_on=TODAY.replace(year=2020))
    await desk.care.greet(desk.database, TODAY)
    await desk.office.change(ClientRow, client_id, birth_year=1980, birth_month=11, birth_day=23)
    assert (await only(desk)).reason == greetings.GREETED
    assert await desk.care.greet(desk.database, TODAY) == 0
    assert (await desk.office.row()).key == f"account_anniversary:{client_id}:2026"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": ClientState.DECEASED}, "deceased"),
        ({"state": ClientState.FROZEN}, "frozen"),
        ({"opted_out_at": at(TODAY, 8)}, "opted_out"),
        ({"consents": (ConsentPurpose.SERVICE,)}, "consent"),
    ],
)
async def test_the_plan_says_who_gets_none_and_why(desk: Desk, changes: dict[str, Any], reason: str) -> None:
    await client(desk, birthday=BORN_TODAY, **changes)
    line = await only(desk)
    assert (line.goes_out, line.reason, line.name) == (False, reason, "王**")
    assert [line.reason or "" for line in await planned(desk)] == [reason]
    assert await desk.office.rows() == []


async def test_an_open_complaint_holds_the_greeting(desk: Desk) -> None:
    client_id = await client(desk, birthday=BORN_TODAY)
    await desk.database.write(
        lambda unit: unit.session.execute(insert(TicketRow).values(**_complaint(client_id, desk)))
    )
    assert (await only(desk)).reason == "open_complaint"


def _complaint(client_id: int, desk: Desk) -> dict[str, Any]:
    source, level = TicketSource.CHAT, Level.P3
    given = {"number": "TS1", "kind": TicketKind.COMPLAINT, "client_id": client_id, "source": source, "level": level}
    return given | {"opened_at": desk.office.clock.now()}


async def test_a_day_of_mourning_keeps_still(desk: Desk) -> None:
    day = date(2026, 12, 13)
    await client(desk, birthday=Birthday(12, 13, 1980))
    assert (await only(desk, day)).reason == "mourning"


async def test_a_festival_tells_of_the_closure(desk: Desk) -> None:
    await client(desk, manager_id=desk.people[Role.RM].id)
    desk.office.clock.set(at(FESTIVAL, 9, 30))
    await desk.care.greet(desk.database, FESTIVAL)
    row = await desk.office.row()
    assert row.text_key.startswith("care_mid_autumn/standard_")
    assert {name: row.parameters[name] for name in ("closed_from", "closed_to", "reopen_on", "manager")} == {
        "closed_from": "2026-09-25",
        "closed_to": "2026-09-27",
        "reopen_on": "2026-09-28",
        "manager": "员工rm",
    }


async def test_a_lunar_birthday_has_its_own_words_and_the_lunar_year(desk: Desk) -> None:
    client_id = await client(desk, birthday=Birthday(12, 30, 1954, lunar=True))
    day = date(2027, 2, 5)  # the last day of a short twelfth month
    line = await only(desk, day)
    assert line.text_key.startswith("care_birthday_lunar/")
    desk.office.clock.set(at(day, 10))
    await desk.care.greet(desk.database, day)
    assert (await desk.office.row()).key == f"birthday:{client_id}:2026"


async def test_large_clients_are_greeted_more_formally_and_otherwise_next_year(desk: Desk) -> None:
    await client(desk, birthday=BORN_TODAY, asset_band=AssetBand.FROM_300)
    now, later = await only(desk), await only(desk, TODAY.replace(year=2027))
    assert now.text_key.startswith("care_birthday_solar/premium_")
    assert now.text_key != later.text_key


async def test_a_missing_year_is_an_error_that_names_it(desk: Desk) -> None:
    await client(desk)
    with pytest.raises(CalendarYearMissing) as missing:
        await planned(desk, date(2027, 2, 6))
    assert missing.value.year == 2027


async def test_birthdays_need_no_calendar(desk: Desk) -> None:
    await client(desk, birthday=Birthday(3, 9, 1980))
    assert (await only(desk, date(2027, 3, 9))).occasion == "birthday"


@pytest.mark.parametrize(("days", "key"), [(1, "care_in_future"), (-2, "care_too_late")])
async def test_refuses_a_day_outside_the_grace(desk: Desk, days: int, key: str) -> None:
    with pytest.raises(Refused, match=key):
        await desk.care.greet(desk.database, TODAY + timedelta(days=days))


async def test_yesterday_is_caught_up_within_the_grace(desk: Desk) -> None:
    yesterday = TODAY - timedelta(days=1)
    await client(desk, birthday=Birthday(yesterday.month, yesterday.day, 1980))
    desk.office.clock.set(at(TODAY, 10))
    assert await desk.care.greet(desk.database, yesterday) == 1
    await desk.office.drain()
    assert (await desk.office.row()).state is DeliveryState.SENT


async def test_opened_on_a_leap_day_has_an_anniversary_every_year(desk: Desk) -> None:
    await client(desk, opened_on=date(2020, 2, 29))
    line = await only(desk, date(2027, 2, 28))
    assert line.occasion == greetings.ANNIVERSARY
    assert await planned(desk, date(2028, 2, 28)) == []


async def test_the_year_of_opening_is_no_anniversary(desk: Desk) -> None:
    await client(desk, opened_on=TODAY)
    assert await planned(desk) == []


BIRTHDAYS = st.builds(
    Birthday, st.integers(1, 12), st.integers(1, 28), st.integers(1940, 2010), st.booleans(), st.just(False)
)


async def test_the_query_finds_just_those_whose_birthday_it_is(desk: Desk) -> None:
    drawn: list[Birthday] = []

    @given(BIRTHDAYS)
    @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck), deadline=None)
    def draw(birthday: Birthday) -> None:
        drawn.append(birthday)

    draw()
    known = {await client(desk, birthday=each): each for each in drawn[:20]}
    days = {date(2026, each.month, each.day) for each in known.values()} | {date(2027, 2, 5)}
    for day in sorted(days):
        meant = Occurrence(birthdays_on(day), [], everybody=False)
        found = await desk.database.read(lambda unit, look=meant: rows.candidates(unit, look, 0, 100))  # type: ignore[misc]
        assert {each.id for each in found} == {one for one, born in known.items() if birthday_on(born, day)}


async def test_another_process_sees_an_imported_year(desk: Desk) -> None:
    await desk.database.write(lambda unit: unit.session.execute(delete(CalendarYearRow)))
    assert not await desk.database.read(desk.made.calendars.refresh)
    assert desk.made.calendars.current().years == {2025, 2026}
    await desk.database.write(lambda unit: unit.session.execute(update(VersionRow).values(version=99)))
    assert await desk.database.read(desk.made.calendars.refresh)
    assert desk.made.calendars.current().years == set()


async def test_care_may_be_looked_at_for_one_segment(desk: Desk) -> None:
    await desk.demo_clients()
    await desk.database.write(lambda unit: packaged.load(unit, NOON))
    everybody = {line.number for line in await planned(desk, FESTIVAL)}
    rich = await planned(desk, FESTIVAL, "高净值")
    assert 0 < len(rich) < len(everybody)
    with pytest.raises(Refused, match="segment_unknown"):
        await planned(desk, FESTIVAL, "没有")
