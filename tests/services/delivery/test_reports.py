"""What platforms report later, what staff decide, and what a broadcast came to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from bot.errors import Conflict, OutcomeUnknown, RecipientGone
from bot.messages import StatusReport
from bot.vocabulary import ChannelKind, DeliveryState, Purpose
from services.delivery import doubts, receipts, report
from services.delivery.doubts import Decision, Settlement
from storage.models import BroadcastRow, DeliveryRow, StaffRow
from tests.services.delivery.office import NOON, SOMEBODY, Office
from tests.services.delivery.wishes import broadcast, notice

SENT, READ, FAILED = DeliveryState.SENT, DeliveryState.READ, DeliveryState.FAILED
DELIVERED = DeliveryState.DELIVERED


async def take(office: Office, *reports: StatusReport, account: str = "main") -> int:
    """Take in reports of the recording channel."""
    place = (ChannelKind.RECORDING, account)
    return await office.database.write(lambda unit: receipts.take(unit, office.delivery, place, reports))


async def one_sent(office: Office) -> None:
    """One delivery that is out."""
    (client,) = await office.clients()
    await office.submit(notice(client))
    await office.drain()


@pytest.mark.parametrize(
    ("reports", "state"),
    [
        ([StatusReport(DELIVERED, "p1")], DELIVERED),
        ([StatusReport(READ, delivery_id=1)], READ),
        ([StatusReport(DELIVERED, "p1"), StatusReport(READ, "p1")], READ),
        ([StatusReport(READ, "p1"), StatusReport(DELIVERED, "p1")], READ),
        ([StatusReport(FAILED, "p1", code="block")], FAILED),
        ([StatusReport(DeliveryState.PENDING, "p1")], SENT),
        ([StatusReport(DELIVERED, "other")], SENT),
        ([StatusReport(DELIVERED)], SENT),
    ],
)
async def test_reports_only_move_forward(office: Office, reports: list[StatusReport], state: DeliveryState) -> None:
    await one_sent(office)
    await take(office, *reports)
    row = await office.row()
    assert row.state is state
    assert row.error == ("block" if state is FAILED else None)


async def test_what_is_one_message_to_the_platform_fails_for_everybody_in_it(office: Office) -> None:
    for client in await office.clients(3):
        await office.submit(notice(client, f"n{client}"))
    await office.drain()
    for number in (1, 2):
        await office.change(DeliveryRow, number, platform_message_id="mass:9")
    assert await take(office, StatusReport(SENT, "mass:9"), StatusReport(FAILED, "mass:9", code="err(20001)")) == 2
    assert [row.state for row in await office.rows()] == [FAILED, FAILED, SENT]


async def test_another_accounts_report_changes_nothing(office: Office) -> None:
    await one_sent(office)
    assert await take(office, StatusReport(READ, "p1"), account="second") == 0


@given(st.sampled_from(DeliveryState), st.sampled_from(DeliveryState))
def test_what_is_settled_hears_no_reports(state: DeliveryState, following: DeliveryState) -> None:
    settled = {READ, FAILED, DeliveryState.SUPPRESSED, DeliveryState.EXPIRED, DeliveryState.CANCELLED}
    allowed = receipts.may_follow(state, following)
    assert not (allowed and state in settled | {DeliveryState.PENDING})
    assert not (allowed and following in {DeliveryState.PENDING, DeliveryState.CANCELLED})


async def doubtful(office: Office) -> None:
    """One delivery of which nobody knows whether it is out, and somebody who may decide."""
    await office.hire()
    office.ledger().answers.append(OutcomeUnknown("timeout"))
    await one_sent(office)


async def test_staff_have_a_doubtful_delivery_sent_again_once(office: Office) -> None:
    await doubtful(office)
    (listed,) = await office.database.read(lambda unit: doubts.listed(unit, SOMEBODY))
    resend = Settlement(listed.id, Decision.RESEND, NOON)
    await office.database.write(lambda unit: doubts.settle(unit, SOMEBODY, resend))
    with pytest.raises(Conflict):
        await office.database.write(lambda unit: doubts.settle(unit, SOMEBODY, resend))
    await office.drain()
    row = await office.row()
    assert (row.state, len(office.ledger().sent)) == (SENT, 1)


async def test_staff_settle_a_doubt_and_are_named(office: Office) -> None:
    await doubtful(office)
    arrived, dropped = Settlement(1, Decision.DELIVERED, NOON), Settlement(1, Decision.DROP, NOON)
    await office.database.write(lambda unit: doubts.settle(unit, SOMEBODY, arrived))
    with pytest.raises(Conflict):
        await office.database.write(lambda unit: doubts.settle(unit, SOMEBODY, dropped))
    row = await office.row()
    assert (row.state, row.decision["settled"]["by"], row.decision["outcome"]) == (DELIVERED, 7, "allow")


async def test_a_broadcast_is_counted_and_listed(office: Office) -> None:
    await office.clients(4)
    staff = insert(StaffRow).values(number="1", name="x", password_hash="x", created_at=NOON)
    row = {"name": "b", "purpose": Purpose.BROADCAST, "state": "sending", "body": {}, "content_hash": "", "audience": 4}
    made = insert(BroadcastRow).values(**row, condition={}, author_id=1, created_at=NOON)
    await office.database.write(lambda unit: (unit.session.execute(staff), unit.session.execute(made)))
    office.ledger().answers += [RecipientGone("403"), OutcomeUnknown("timeout")]
    await office.submit_many(broadcast(broadcast_id=1))
    await office.drain()
    found = await office.database.read(lambda unit: report.report(unit, 1))
    lines = await office.database.read(lambda unit: list(report.recipients(unit, 1)))
    assert (found.total, found.done) == (4, True)
    assert found.states == {FAILED: 1, DeliveryState.UNCERTAIN: 1, SENT: 2}
    assert {(count.rule, count.number) for count in found.counts} == {("gone", 1), ("unknown", 1), (None, 2)}
    assert [line.client_number for line in lines] == [f"Q{n:06d}" for n in range(4)]
