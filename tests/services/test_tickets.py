"""Tickets: numbers, promised times, severity."""

from datetime import UTC, datetime

import pytest

from bot.vocabulary import EntryKind, Level, TicketKind
from services.calendar import BranchCalendar, BusinessHours, packaged_years
from services.tickets import Matter, Tickets, number_in
from storage.repositories import tickets as rows
from storage.repositories.tickets import Entry
from storage.unit import Database, Unit

TICKETS = Tickets(lambda: BusinessHours(BranchCalendar(packaged_years())))
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MONDAY_EVENING = datetime(2026, 11, 23, 9, 1, tzinfo=UTC)
NEW_YEAR_S_EVE = datetime(2026, 12, 31, 2, 0, tzinfo=UTC)


def matter(level: Level = Level.P3, at: datetime = MONDAY) -> Matter:
    return Matter("summary", level, None, None, at)


def dues(database_time: datetime | None) -> str:
    return f"{database_time:%m-%d %H:%M}" if database_time else "-"


@pytest.mark.parametrize(
    ("level", "at", "promised"),
    [
        (Level.P1, MONDAY, ["11-23 05:30", "11-26 09:00", "11-26 09:00"]),
        (Level.P2, MONDAY, ["11-23 05:30", "11-26 09:00", "12-02 09:00"]),
        (Level.P3, MONDAY, ["11-24 09:00", "11-26 09:00", "12-14 09:00"]),
        (Level.P4, MONDAY_EVENING, ["11-25 09:00", "11-27 09:00", "12-15 09:00"]),
        (Level.P3, NEW_YEAR_S_EVE, ["-", "-", "-"]),
    ],
)
async def test_a_complaint_s_times_follow_its_level_and_the_calendar(
    database: Database, level: Level, at: datetime, promised: list[str]
) -> None:
    ticket = await database.write(lambda unit: TICKETS.complain(unit, matter(level, at)))
    kept = ticket.dues
    assert [dues(each) for each in (kept.contact_at, kept.decide_at, kept.resolve_at)] == promised


async def test_numbers_count_by_day_at_the_branch_and_by_kind(database: Database) -> None:
    night = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)

    def opened(unit: Unit) -> list[str]:
        complaints = [TICKETS.complain(unit, matter(at=at)).number for at in (MONDAY, MONDAY, night)]
        return [*complaints, TICKETS.inquire(unit, matter()).number]

    assert await database.write(opened) == [
        "TS20261123-0001",
        "TS20261123-0002",
        "TS20261124-0001",
        "ZX20261123-0001",
    ]


async def test_a_number_given_back_by_a_rollback_is_given_again(database: Database) -> None:
    def broken(unit: Unit) -> None:
        TICKETS.complain(unit, matter())
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(broken)
    assert (await database.write(lambda unit: TICKETS.complain(unit, matter()))).number == "TS20261123-0001"


async def test_severity_only_rises_and_each_rise_is_written_down(database: Database) -> None:
    def raised(unit: Unit) -> tuple[Level, list[str]]:
        ticket = TICKETS.complain(unit, matter(Level.P3))
        for level in (Level.P4, Level.P2):
            TICKETS.raise_level(unit, ticket, level, MONDAY)
        found = rows.by_id(unit, ticket.id)
        assert found is not None
        return found.level, [entry.text for entry in rows.entries(unit, ticket.id)]

    assert await database.write(raised) == (Level.P2, ["P3 > P2"])


async def test_lines_keep_their_order_and_tell_who_looks_at_the_ticket(database: Database) -> None:
    def written(unit: Unit) -> list[str]:
        ticket = TICKETS.inquire(unit, matter())
        for text in ("one", "two"):
            TICKETS.add(unit, ticket.id, Entry(EntryKind.CLIENT_MESSAGE, MONDAY, text))
        assert [signal.topic for signal in unit.signals] == ["ticket", "ticket_opened", "ticket", "ticket"]
        assert ticket.kind is TicketKind.INQUIRY
        return [entry.text for entry in rows.entries(unit, ticket.id)]

    assert await database.write(written) == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("TS20261123-0001", "TS20261123-0001"),
        ("请问 ts20261123-12345 到哪了", "TS20261123-12345"),
        ("TS2026-1", None),
        ("", None),
    ],
)
def test_reads_the_number_a_client_names(text: str, number: str | None) -> None:
    assert number_in(text) == number
