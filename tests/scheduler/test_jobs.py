"""What each job of the timetable does when it is knocked."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, insert, select

from bot.clock import branch_date
from bot.vocabulary import IntakeState, Role
from bot.vocabulary.broadcasts import BroadcastState
from bot.vocabulary.conditions import InSegment
from scheduler.jobs import Duties, timetable
from scheduler.timetable import Daily, Every, Job
from services import audit, segments, triage
from services.audit import Deed
from services.audit.chain import Chain
from services.audit.heads import Heads
from services.calendar import BranchCalendar, BusinessHours, OpeningHours
from services.imports.files import ImportFiles
from services.intakes import Intakes
from services.segments import packaged
from services.staff import LONGEST
from services.suitability.reminders import Reminders
from services.tickets import Tickets
from storage.models import ChannelStateRow, ClientRow, FormKeyRow, IntakeRow, StaffSessionRow, TicketRow
from storage.repositories import editions
from storage.repositories import segments as rows
from storage.repositories.segment_counts import Day
from storage.repositories.segments import Meaning
from storage.unit import Signal, Unit
from tests.library import shelf
from tests.outreach import PLAIN, Desk
from tests.services.delivery.office import NOON
from tests.services.knowledge.bureau import HOURS


def jobs(desk: Desk) -> dict[str, Job]:
    """The timetable by name."""
    hours = BusinessHours(BranchCalendar(()), OpeningHours())
    delivery = desk.office.delivery
    intakes = Intakes(Tickets(lambda: hours), triage.packaged(), delivery.rules, delivery.submit)
    made = desk.made
    kept = shelf(desk.database, desk.office.clock)
    duties = Duties(
        desk.database,
        desk.office.clock,
        made.care,
        made.broadcasts,
        intakes,
        made.calendars,
        kept,
        ImportFiles(desk.database, kept.store, desk.office.clock),
        Heads(),
        Reminders(delivery.submit),
    )
    return {job.name: job for job in timetable(duties)}


async def count(desk: Desk, model: type[object]) -> int:
    return await desk.database.read(lambda unit: unit.session.scalar(select(func.count()).select_from(model)) or 0)


async def test_the_timetable_keeps_the_hours_of_the_house(desk: Desk) -> None:
    hours = {
        name: (f"{job.when.at:%H:%M}", job.when.grace.days)
        if isinstance(job.when, Daily)
        else job.when.span.total_seconds()
        for name, job in jobs(desk).items()
    }
    assert hours == {
        "care": ("09:30", 1),
        "broadcasts": 10,
        "intakes": 60,
        "housekeeping": ("03:30", 0),
        "imports": 600,
        "calendars": ("09:00", 0),
        "erasures": ("03:20", 0),
        "media": ("03:40", 0),
        "answers": 60,
        "reviews": ("09:10", 0),
        "seals": 0.5,
        "heads": ("00:05", 0),
        "assessments": ("09:40", 3),
        "figures": ("06:30", 0),
        "reservations": 15,
        "segments": ("02:40", 0),
    }
    assert all(isinstance(job.when, Daily | Every) for job in jobs(desk).values())


async def test_care_greets_the_day_it_was_due(desk: Desk) -> None:
    (client_id,) = await desk.office.clients(1)
    yesterday = NOON - timedelta(days=1)
    await desk.office.change(ClientRow, client_id, birth_month=yesterday.month, birth_day=yesterday.day)
    job = jobs(desk)["care"]
    assert [await job.run(yesterday), await job.run(NOON), await job.run(yesterday)] == ["new=1", "new=0", "new=0"]


async def test_broadcasts_begin_end_and_expire(desk: Desk) -> None:
    await desk.office.clients(2)
    one = await desk.approved(PLAIN)
    timed = await desk.approved(replace(PLAIN, send_at=NOON + timedelta(minutes=10)))
    job = jobs(desk)["broadcasts"]
    assert await job.run(NOON) == "begun=0"
    desk.office.clock.move(timedelta(minutes=10))
    assert await job.run(NOON) == "begun=1"
    await desk.office.drain()
    await job.run(NOON)
    assert (await desk.now_is(timed.id)).state is BroadcastState.DONE
    assert (await desk.now_is(one.id)).state is BroadcastState.APPROVED


async def test_staff_are_reminded_of_answers_to_be_looked_at_again(desk: Desk) -> None:
    told: list[Signal] = []
    desk.database.listen(told.extend)
    today = branch_date(NOON)
    old, new = (replace(HOURS, review_on=today + timedelta(days=days)) for days in (0, 1))
    entries = {"old": old, "new": replace(new, question="几点收盘")}
    await desk.database.write(lambda unit: editions.bring(unit, entries, NOON) and None)
    assert await jobs(desk)["reviews"].run(NOON) == "overdue=1"
    assert [(signal.topic, signal.key) for signal in told] == [("reviews", "1")]
    assert REGISTRY.get_sample_value("quanfu_answers_overdue") == 1


async def test_every_segment_is_counted_once_a_day(desk: Desk) -> None:
    await desk.demo_clients()
    broken, head = Meaning("圈", "", {"segment": "圈"}), desk.people[Role.HEAD]

    def look(unit: Unit) -> dict[str, list[Day]]:
        trend = {one.name: segments.trend(unit, head, one.id, branch_date(NOON)) for one in rows.all_of(unit)}
        adviser = desk.people[Role.ADVISER]
        assert segments.trend(unit, adviser, rows.all_of(unit)[0].id, branch_date(NOON)) == []
        for name, days in trend.items():
            counted = [Day(on, segments.count(unit, head, InSegment(name), on)) for on in (one.on for one in days)]
            assert days == counted
        return trend

    await desk.database.write(lambda unit: packaged.load(unit, NOON))
    await desk.database.write(lambda unit: rows.add(unit, broken, head.id, NOON))
    job = jobs(desk)["segments"]
    assert [await job.run(NOON - timedelta(days=1)), await job.run(NOON), await job.run(NOON)] == ["segments=14"] * 3
    found = await desk.database.read(look)
    assert [one.on for one in found["高净值"]] == [branch_date(NOON) - timedelta(days=1), branch_date(NOON)]
    assert (found["圈"], found["高净值"][-1].members > 0) == ([], True)


async def test_an_unfinished_complaint_becomes_a_ticket(desk: Desk) -> None:
    (client_id,) = await desk.office.clients(1)
    await desk.database.write(_unfinished)
    assert await jobs(desk)["intakes"].run(NOON) == "opened=1"
    assert await count(desk, TicketRow) == client_id == 1


def _unfinished(unit: Unit) -> None:
    said = [{"inbox": None, "at": NOON.isoformat(), "step": "what", "text": "服务太慢"}]
    unit.session.execute(
        insert(IntakeRow).values(
            conversation_id=1,
            state=IntakeState.RUNNING,
            answers={"said": said},
            started_at=NOON,
            touched_at=NOON,
            deadline_at=NOON,
        )
    )


async def test_housekeeping_removes_what_is_over_and_nothing_else(desk: Desk) -> None:
    await desk.database.write(lambda unit: _litter(unit, desk.people[Role.HEAD].id))
    await jobs(desk)["housekeeping"].run(NOON)
    assert [await count(desk, model) for model in (StaffSessionRow, FormKeyRow, ChannelStateRow)] == [1, 1, 2]


def _litter(unit: Unit, staff_id: int) -> None:
    """Of each kind one that is over and one that is not; state without an end never is over."""
    for age, mark in ((LONGEST * 3, "old"), (timedelta(0), "new")):
        at = NOON - age
        session = {"word_hash": mark.encode() * 8, "staff_id": staff_id, "csrf": "", "created_at": at, "seen_at": at}
        unit.session.execute(insert(StaffSessionRow).values(**session))
        unit.session.execute(insert(FormKeyRow).values(key=mark, staff_id=staff_id, result="/", at=at))
        ends = at + timedelta(hours=1)
        unit.session.execute(insert(ChannelStateRow).values(scope="a", key=mark, value="v", expires_at=ends))
    unit.session.execute(insert(ChannelStateRow).values(scope="a", key="for ever", value="v"))


async def test_the_next_year_is_asked_for_from_november_on(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    job = jobs(desk)["calendars"]
    desk.office.clock.set(NOON.replace(month=10))
    with caplog.at_level(logging.WARNING):
        assert await job.run(NOON) == "missing="
        assert caplog.messages == []
        desk.office.clock.set(NOON)
        assert await job.run(NOON) == "missing=2027"
    assert ["2027" in message for message in caplog.messages] == [True]
    assert REGISTRY.get_sample_value("quanfu_calendar_years_missing") == 1


async def test_the_audit_trail_is_sealed_and_its_end_published(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await jobs(desk)["seals"].run(NOON)
    before = (await Chain(desk.database).head()).place
    await desk.database.write(lambda unit: audit.record(unit, Deed("staff.add", "staff:1", NOON)))
    assert await jobs(desk)["seals"].run(NOON) == "sealed=1"
    await desk.database.write(lambda unit: audit.record(unit, Deed("staff.add", "staff:2", NOON)))
    with caplog.at_level(logging.INFO):
        assert await jobs(desk)["heads"].run(NOON) == f"entries={before + 2}"
    end = await Chain(desk.database).head()
    assert [end.seal.hex() in line for line in caplog.messages] == [True]
    assert await jobs(desk)["seals"].run(NOON) == "sealed=0"
