"""What each answer of a platform does to the delivery, the chat and the lane."""

from datetime import timedelta

import pytest

from bot.channels.base import Capabilities, Unit, Window
from bot.errors import (
    AddressChanged,
    ChannelStopped,
    ContentRefused,
    OutcomeUnknown,
    QuotaUsed,
    RecipientGone,
    SendError,
    Throttled,
    TryLater,
    WindowClosed,
)
from bot.messages import Receipt
from bot.vocabulary import ChannelKind, DeliveryState
from services.delivery.doubts import Decision, Settlement, settle
from storage.models import ChatAccountRow
from tests.services.delivery.office import NOON, PLAIN, SOMEBODY, Office, opened
from tests.services.delivery.wishes import notice, reply

HOUR = NOON + timedelta(hours=1)


async def one(office: Office, *answers: Exception | Receipt) -> None:
    """Submit a notice to one client and let the pump meet these answers."""
    (client,) = await office.clients()
    office.ledger().answers.extend(answers)
    await office.submit(notice(client))
    await office.drain()


@pytest.mark.parametrize(
    ("error", "state", "rule"),
    [
        (TryLater("-1"), DeliveryState.PENDING, "try_later"),
        (RecipientGone("403"), DeliveryState.FAILED, "gone"),
        (WindowClosed("45015"), DeliveryState.PENDING, "window"),
        (QuotaUsed(HOUR, "45009"), DeliveryState.PENDING, "quota"),
        (ContentRefused("45002"), DeliveryState.FAILED, "content_refused"),
        (ChannelStopped("40013"), DeliveryState.PENDING, "channel_stopped"),
        (OutcomeUnknown("timeout"), DeliveryState.UNCERTAIN, "unknown"),
        (SendError("odd"), DeliveryState.UNCERTAIN, "unknown"),
    ],
)
async def test_an_answer_becomes_a_state(office: Office, error: SendError, state: DeliveryState, rule: str) -> None:
    await one(office, error)
    row = await office.row()
    assert (row.state, row.rule, row.error) == (state, rule, f"{type(error).__name__} {error.code}")
    assert office.ledger().sent == []


async def test_a_passing_fault_is_tried_again_later_and_at_last_given_up(office: Office) -> None:
    await one(office, *[TryLater("-1")] * 8)
    assert (await office.row()).not_before == NOON + timedelta(seconds=5)
    for _ in range(8):
        office.clock.move(timedelta(minutes=11))
        await office.drain()
    row = await office.row()
    assert (row.state, row.rule, row.attempts) == (DeliveryState.FAILED, "gave_up", 8)


async def test_a_platform_says_how_often_it_may_be_tried(office: Office) -> None:
    await one(office, *[TryLater("-1", pauses=(10.0, 120.0))] * 3)
    for seconds in (10, 120):
        row = await office.row()
        assert (row.state, row.not_before) == (DeliveryState.PENDING, office.clock.now() + timedelta(seconds=seconds))
        office.clock.move(timedelta(seconds=seconds + 1))
        await office.drain()
    row = await office.row()
    assert (row.state, row.rule, row.attempts) == (DeliveryState.FAILED, "gave_up", 3)


async def test_throttling_slows_the_lane_and_skips_nobody(office: Office) -> None:
    clients = await office.clients(3)
    office.ledger().answers.append(Throttled(30, "429"))
    for client in clients:
        await office.submit(notice(client, f"n{client}"))
    await office.drain()
    await office.drain()
    assert [sent.delivery_id for sent in office.ledger().sent] == [2, 3]
    office.clock.move(timedelta(seconds=31))
    await office.drain()
    assert [sent.delivery_id for sent in office.ledger().sent] == [2, 3, 1]
    assert (await office.rows())[0].attempts == 1


async def test_a_gone_chat_is_marked(office: Office) -> None:
    await one(office, RecipientGone("403"))
    assert await office.database.read(lambda unit: unit.session.query(ChatAccountRow).one().gone_at) == NOON


async def test_a_moved_chat_is_written_to_at_its_new_address(office: Office) -> None:
    await one(office, AddressChanged("new"))
    assert [sent.to.address for sent in office.ledger().sent] == ["new"]
    assert (await office.row()).state is DeliveryState.SENT
    assert await office.database.read(lambda unit: unit.session.query(ChatAccountRow).one().address) == "new"


async def test_a_dialogue_behind_a_closed_window_waits_for_the_client(office: Office) -> None:
    await office.clients()
    office.ledger().answers.append(WindowClosed("45015"))
    await office.submit(reply(1))
    await office.drain()
    row = await office.row()
    assert (row.state, row.rule, row.text) == (DeliveryState.PENDING, "window", "您好")


async def test_a_stopped_account_is_left_alone_for_a_minute_and_announced(office: Office) -> None:
    await one(office, ChannelStopped("40013"))
    assert ("channel", "recording:main") in office.signals
    await office.drain()
    assert office.ledger().sent == []
    office.clock.move(timedelta(seconds=61))
    await office.drain()
    assert len(office.ledger().sent) == 1


async def test_an_adapters_own_fault_leaves_doubt_and_a_number(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await one(office, KeyError("王晓明 13800000000"))
    row = await office.row()
    assert (row.state, row.rule) == (DeliveryState.UNCERTAIN, "fault")
    assert row.error.removeprefix("fault ") in caplog.text
    assert "13800000000" not in caplog.text


async def test_an_unknown_outcome_is_repeated_where_the_platform_knows_our_id(database_url: str) -> None:
    known = Capabilities(longest_text=100, unit=Unit.BYTES, native_idempotency=True)
    with opened(database_url, {(ChannelKind.RECORDING, "main"): known}) as office:
        await one(office, OutcomeUnknown("timeout"))
        office.clock.move(timedelta(seconds=6))
        await office.drain()
        (sent,) = office.ledger().sent
        assert (sent.idempotency_key, (await office.row()).attempts) == ("1", 2)


async def test_after_the_platform_has_forgotten_our_id_only_staff_send_it_again(database_url: str) -> None:
    hour = timedelta(hours=1)
    known = Capabilities(longest_text=100, unit=Unit.BYTES, native_idempotency=True, recognises=hour)
    with opened(database_url, {(ChannelKind.RECORDING, "main"): known}) as office:
        stopped = ChannelStopped("40014")
        await one(office, OutcomeUnknown("timeout"), stopped)
        office.clock.move(timedelta(minutes=59))
        await office.drain()
        assert (await office.row()).rule == "channel_stopped"
        office.clock.move(timedelta(minutes=2))
        await office.drain()
        row = await office.row()
        assert (row.state, row.rule) == (DeliveryState.UNCERTAIN, "unknown")
        assert office.ledger().sent == []
        assert ("uncertain", str(row.id)) in office.signals
        await office.hire()
        again = Settlement(row.id, Decision.RESEND, office.clock.now())
        await office.database.write(lambda unit: settle(unit, SOMEBODY, again))
        await office.drain()
        assert len(office.ledger().sent) == 1


async def test_a_part_that_went_out_is_not_sent_again_after_that_either(database_url: str) -> None:
    """Although the next try after a refusal of this kind counts as the same one."""
    known = Capabilities(longest_text=100, unit=Unit.BYTES, native_idempotency=True, recognises=timedelta(hours=1))
    with opened(database_url, {(ChannelKind.RECORDING, "main"): known}) as office:
        slow = Throttled(4000)
        slow.begun = True
        await one(office, slow)
        office.clock.move(timedelta(seconds=4001))
        await office.drain()
        assert ((await office.row()).state, office.ledger().sent) == (DeliveryState.UNCERTAIN, [])


async def test_a_window_is_used_up_message_by_message(database_url: str) -> None:
    windowed = Capabilities(longest_text=100, unit=Unit.BYTES, window=Window(timedelta(hours=48), 2))
    with opened(database_url, {(ChannelKind.RECORDING, "main"): windowed}) as office:
        (client,) = await office.clients()
        for number in range(3):
            await office.submit(notice(client, f"n{number}"))
            await office.drain()
        last = (await office.rows())[2]
        assert len(office.ledger().sent) == 2
        assert (last.state, last.rule, last.not_before) == (
            DeliveryState.PENDING,
            "window",
            NOON + timedelta(minutes=15),
        )


async def test_one_account_in_trouble_does_not_hold_up_another(database_url: str) -> None:
    accounts = {(ChannelKind.RECORDING, "main"): PLAIN, (ChannelKind.TELEGRAM, "main"): PLAIN}
    with opened(database_url, accounts) as office:
        await one(office, Throttled(600))
        (other,) = await office.clients(kind=ChannelKind.TELEGRAM)
        await office.submit(notice(other, "t"))
        await office.drain(ChannelKind.TELEGRAM)
        assert len(office.ledger(ChannelKind.TELEGRAM).sent) == 1
