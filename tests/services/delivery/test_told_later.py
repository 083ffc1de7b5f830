"""A platform took a message and says later that it did not arrive: it goes on elsewhere, or ends as failed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.channels.base import Capabilities, Unit
from bot.messages import REFUSED, UNCLEAR, StatusReport
from bot.vocabulary import ChannelKind, DeliveryState
from bot.vocabulary.broadcasts import BroadcastState
from services.delivery import early, receipts
from storage.models import BroadcastRow, ChatAccountRow, DeliveryRow
from tests.services.delivery.office import PLAIN, Office, chat, opened
from tests.services.delivery.test_fallback import client_on, tries
from tests.services.delivery.test_pump import with_broadcast
from tests.services.delivery.wishes import notice, reply

DESK, OTHER = ChannelKind.WECOM, ChannelKind.TELEGRAM
KNOWING = Capabilities(longest_text=2048, unit=Unit.BYTES, native_idempotency=True)
SENT, PENDING, FAILED, EXPIRED = (
    DeliveryState.SENT,
    DeliveryState.PENDING,
    DeliveryState.FAILED,
    DeliveryState.EXPIRED,
)


ACCOUNTS = {(DESK, "main"): KNOWING, (OTHER, "main"): PLAIN}


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    """Two accounts; the first knows our names for messages."""
    with opened(sqlite_url, ACCOUNTS) as running:
        yield running


async def drain(office: Office) -> None:
    for kind in (DESK, OTHER):
        await office.drain(kind)


async def take(office: Office, *reports: StatusReport) -> int:
    return await office.database.write(lambda unit: receipts.take(unit, office.delivery, (DESK, "main"), reports))


async def told(office: Office, **changes: Any) -> None:
    """A notice that the first channel took, to a client of both."""
    client = await client_on(office, DESK, OTHER)
    await office.submit(notice(client, **changes))
    await drain(office)
    assert (await office.row()).channel == DESK


@pytest.mark.parametrize("rule", ["gone", "mass_limit"])
async def test_it_goes_on_once(office: Office, rule: str) -> None:
    await goes_on(office, rule)


async def test_it_goes_on_once_on_each_database(database_url: str) -> None:
    with opened(database_url, ACCOUNTS) as office:
        await goes_on(office, "reported")


async def goes_on(office: Office, rule: str) -> None:
    """By the other channel, whatever is repeated, and what was tried is kept."""
    await told(office)
    failure = StatusReport(FAILED, "p1", code="status 3", rule=rule)
    assert await take(office, failure, failure) == 1
    moved = await office.row()
    assert (moved.state, moved.channel, moved.sent_at, moved.platform_message_id) == (PENDING, OTHER, None, None)
    await drain(office)
    assert await take(office, failure, StatusReport(FAILED, "p1", 1)) == 0
    row = await office.row()
    assert (row.state, row.channel, row.platform_message_id) == (SENT, OTHER, "p1")
    assert (len(office.ledger(DESK).sent), len(office.ledger(OTHER).sent)) == (1, 1)
    assert await tries(office) == [(DESK, rule, "status 3", 1)]


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (StatusReport(FAILED, "p1", rule=REFUSED), FAILED),
        (StatusReport(FAILED, "p1", rule=UNCLEAR), FAILED),
        (StatusReport(FAILED, "another part", 1), FAILED),
        (StatusReport(FAILED, delivery_id=1), FAILED),
        (StatusReport(DeliveryState.DELIVERED, "p1", rule="reported"), DeliveryState.DELIVERED),
    ],
)
async def test_what_may_have_arrived_or_is_refused_stays(
    office: Office, report: StatusReport, state: DeliveryState
) -> None:
    await told(office)
    assert await take(office, report) == 1
    row = await office.row()
    assert (row.state, row.channel, await tries(office)) == (state, DESK, [])


@pytest.mark.parametrize(
    "stands", [{"doubted": True}, {"state": DeliveryState.UNCERTAIN}, {"state": DeliveryState.SENDING}]
)
async def test_what_is_or_was_in_doubt_stays(office: Office, stands: dict[str, Any]) -> None:
    await told(office)
    await office.change(DeliveryRow, 1, **stands)
    assert await take(office, StatusReport(FAILED, "p1")) == 1
    row = await office.row()
    assert (row.state, row.rule, row.channel) == (FAILED, "reported", DESK)


async def test_a_dialogue_stays_in_its_chat_whoever_shares_the_message(office: Office) -> None:
    await client_on(office, DESK, OTHER)
    for key in ("a", "b"):
        await office.submit(reply(1, key))
    await drain(office)
    await office.change(DeliveryRow, 2, platform_message_id="p1")
    assert await take(office, StatusReport(FAILED, "p1", 1)) == 2
    assert [(row.state, row.channel) for row in await office.rows()] == [(FAILED, DESK)] * 2


async def test_under_the_same_name_nothing_is_sent_at_the_same_account_again(office: Office) -> None:
    """The second chat there would be told that it has the message already."""
    client = await client_on(office, DESK, OTHER)
    await office.change(ChatAccountRow, 1, address="kf1:first")
    await office.database.write(lambda unit: chat(unit, client, DESK, office.clock.now()))
    await office.submit(notice(client))
    await drain(office)
    await take(office, StatusReport(FAILED, "p1", 1))
    assert (await office.row()).channel == OTHER
    lost = update(ChatAccountRow).where(ChatAccountRow.channel == OTHER).values(gone_at=office.clock.now())
    await office.database.write(lambda unit: unit.session.execute(lost))
    await drain(office)
    row = await office.row()
    assert (row.state, row.rule, row.channel, len(office.ledger(DESK).sent)) == (
        DeliveryState.SUPPRESSED,
        "unreachable",
        OTHER,
        1,
    )


async def test_what_no_member_confirmed_goes_on_or_expires(office: Office) -> None:
    both, alone = await client_on(office, DESK, OTHER), await client_on(office, DESK)
    for client in (both, alone):
        await office.submit(notice(client, f"n{client}"))
    await drain(office)
    for number in (1, 2):
        await office.change(DeliveryRow, number, state=DeliveryState.AWAITING_STAFF)
    late = [StatusReport(EXPIRED, name, rule="unconfirmed") for name in ("p1", "p2")]
    assert await take(office, *late) == 2
    await drain(office)
    assert [(row.state, row.channel) for row in await office.rows()] == [(SENT, OTHER), (EXPIRED, DESK)]


@pytest.mark.parametrize(
    ("stood", "stands", "state"),
    [
        (BroadcastState.DONE, BroadcastState.SENDING, PENDING),
        (BroadcastState.PAUSED, BroadcastState.PAUSED, PENDING),
        (BroadcastState.KILLED, BroadcastState.KILLED, DeliveryState.CANCELLED),
    ],
)
async def test_a_broadcast_that_was_done_goes_on_and_a_stopped_one_does_not(
    office: Office, stood: BroadcastState, stands: BroadcastState, state: DeliveryState
) -> None:
    await client_on(office, DESK, OTHER)
    await with_broadcast(office, "sending")
    await drain(office)
    await office.change(BroadcastRow, 1, state=stood)
    await take(office, StatusReport(FAILED, "p1"))
    found = await office.database.read(lambda unit: unit.session.get_one(BroadcastRow, 1))
    assert ((await office.row()).state, found.state) == (state, stands)


@pytest.mark.parametrize(("wait", "channel"), [(timedelta(seconds=30), OTHER), (early.KEPT, DESK)])
async def test_a_report_may_be_there_before_its_message_is_written_down(
    office: Office, wait: timedelta, channel: ChannelKind
) -> None:
    client = await client_on(office, DESK, OTHER)
    await office.submit(notice(client))
    pushed = [StatusReport(FAILED, "p1", code="block", rule="gone"), StatusReport(SENT, "somebody else's")]
    place = (DESK, "main")
    await office.database.write(lambda unit: early.take(unit, office.delivery, place, pushed, pushed=True))
    await office.pump.tidy()
    await drain(office)
    office.clock.move(wait)
    for _ in range(2):
        await office.pump.tidy()
        await drain(office)
    row = await office.row()
    assert (row.state, row.channel, len(await tries(office))) == (SENT, channel, channel == OTHER)


async def test_a_failure_by_our_id_waits_until_its_message_is_written_down(office: Office) -> None:
    await told(office)
    await office.change(DeliveryRow, 1, state=DeliveryState.SENDING, platform_message_id=None)
    place, failure = (DESK, "main"), StatusReport(FAILED, "p1", 1)
    await office.database.write(lambda unit: early.take(unit, office.delivery, place, [failure], pushed=False))
    assert (await office.row()).state is DeliveryState.SENDING
    await office.change(DeliveryRow, 1, state=SENT, platform_message_id="p1")
    await office.pump.tidy()
    await drain(office)
    row = await office.row()
    assert (row.state, row.channel, await tries(office)) == (SENT, OTHER, [(DESK, "reported", None, 1)])


async def test_staff_hear_of_a_broadcast_that_the_platform_refuses_after_it_was_taken(office: Office) -> None:
    for client in (await client_on(office, DESK), await client_on(office, DESK)):
        assert client
    await with_broadcast(office, "sending")
    await drain(office)
    for number in (1, 2):
        await office.change(DeliveryRow, number, platform_message_id="mass:9")
    assert await take(office, StatusReport(FAILED, "mass:9", code="err(20001)", rule=REFUSED)) == 2
    assert [key for topic, key in office.signals if topic == receipts.FAILING] == ["1"]
