"""Clients are told of the end of their assessment: at each stage once, through the one way out."""

from datetime import date, datetime, timedelta
from functools import partial

import pytest

from bot.clock import BRANCH_ZONE, branch_date
from bot.vocabulary import ClientKind, ClientState, DeliveryState, RiskLevel, Role
from services.delivery.composing import Composer
from services.suitability import assessments
from services.suitability.assessments import Progress, Referred
from services.suitability.reminders import AT, Reminders
from services.wording import Wording
from storage.models import ClientRow
from storage.unit import Unit
from tests.outreach import Desk
from tests.packaged import texts
from tests.services.suitability.answering import answered, begun

LAST = date(2026, 12, 23)


async def told(desk: Desk, on: date) -> int:
    return await Reminders(desk.office.delivery.submit).remind(desk.database, on)


def at(day: date) -> datetime:
    return datetime.combine(day, AT, BRANCH_ZONE)


async def test_a_client_is_told_four_times_and_never_twice(desk: Desk) -> None:
    (client_id,) = await desk.office.clients(1, risk_valid_until=LAST)
    days = [LAST + timedelta(days=day) for day in range(-40, 40)]
    assert [day for day in days for _ in range(2) if await told(desk, day)] == [
        LAST - timedelta(days=30),
        LAST - timedelta(days=7),
        LAST - timedelta(days=1),
        LAST + timedelta(days=1),
    ]
    found = await desk.office.rows()
    assert [row.text_key for row in found] == ["risk_expiring"] * 3 + ["risk_expired"]
    assert [row.expires_at for row in found[:2]] == [at(LAST - timedelta(days=7)), at(LAST - timedelta(days=1))]
    assert {row.client_id for row in found} == {client_id}


async def test_the_notice_names_the_day_and_goes_out(desk: Desk) -> None:
    await desk.office.clients(1, risk_valid_until=LAST, consents=())
    assert await told(desk, LAST - timedelta(days=30)) == 1
    desk.office.clock.set(at(LAST - timedelta(days=30)))
    await desk.office.drain()
    row = await desk.office.row()
    assert row.state == DeliveryState.SENT
    assert "2026年12月23日" in row.text


@pytest.mark.parametrize(
    "changes",
    [
        {"state": ClientState.CLOSED},
        {"state": ClientState.FROZEN},
        {"kind": ClientKind.PROFESSIONAL},
        {"risk_level": None},
        {"risk_valid_until": None},
    ],
)
async def test_whom_it_does_not_concern_is_not_told(desk: Desk, changes: dict[str, object]) -> None:
    (client_id,) = await desk.office.clients(1, risk_valid_until=LAST)
    await desk.office.change(ClientRow, client_id, **changes)
    assert await told(desk, LAST - timedelta(days=7)) == 0


async def test_more_clients_than_a_chunk_are_told(desk: Desk) -> None:
    await desk.office.clients(101, risk_valid_until=LAST)
    assert await told(desk, LAST - timedelta(days=1)) == 101


async def test_a_new_result_calls_back_what_was_not_said_yet(desk: Desk) -> None:
    (client_id,) = await desk.office.clients(1, risk_valid_until=LAST, risk_level=RiskLevel.C4)
    await told(desk, LAST - timedelta(days=30))
    now = desk.office.clock.now()

    def anew(unit: Unit) -> None:
        step = answered(unit, begun(unit, client_id, now - timedelta(minutes=5)), now)
        assessments.confirm(unit, step.run, now)

    await desk.database.write(anew)
    row = await desk.office.row()
    assert (row.state, row.rule) == (DeliveryState.CANCELLED, "assessed_anew")
    assert await told(desk, LAST - timedelta(days=7)) == 0


async def test_who_waits_for_staff_is_not_told_to_do_it_again(desk: Desk) -> None:
    (client_id,) = await desk.office.clients(1, risk_valid_until=LAST, risk_level=RiskLevel.C1)
    await told(desk, LAST - timedelta(days=30))
    now = desk.office.clock.now()
    refer = partial(_referred, client_id=client_id, now=now)
    assert isinstance(await desk.database.write(refer), Referred)
    row = await desk.office.row()
    assert (row.state, row.rule) == (DeliveryState.CANCELLED, "assessed_anew")
    assert await told(desk, branch_date(now)) == 0
    await desk.office.change(ClientRow, client_id, risk_level=RiskLevel.C4)
    step = await desk.database.write(partial(refer, staff_id=desk.people[Role.HEAD].id))
    done = await desk.database.write(lambda unit: assessments.confirm(unit, step.run, now))
    assert done.valid_until is not None
    assert await told(desk, done.valid_until - timedelta(days=7)) == 1


def _referred(unit: Unit, client_id: int, now: datetime, staff_id: int | None = None) -> Progress:
    return answered(unit, begun(unit, client_id, now - timedelta(minutes=5), staff_id), now)


def test_where_personal_data_may_not_go_no_day_is_named() -> None:
    assert Composer(texts(), Wording.from_seed()).has_neutral("risk_expiring", frozenset({"date"}))
