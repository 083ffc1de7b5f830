"""The pump: once, in order, judged, and together with other workers."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from bot.channels.base import Capabilities, Rate
from bot.channels.base import Unit as Measure
from bot.errors import DatabaseBusy, TryLater
from bot.vocabulary import ChannelKind, ClientState, ConsentPurpose, DeliveryState, Purpose, Role
from services.consents import Consents, Statement
from services.delivery import doubts, pump
from services.delivery.pump import FLIGHT, FLIGHTS, Pump, dead_before
from services.delivery.screening import GATHER, screen
from services.delivery.submission import Route
from services.rules import Rules
from storage.models import BroadcastRow, ClientRow, DeliveryRow, StaffRow
from storage.repositories import claims, client_record, deliveries, staff
from storage.repositories.claims import Lane
from storage.repositories.client_record import Signed
from storage.repositories.staff import NewStaff
from storage.unit import Unit
from tests.services.delivery.office import NOON, Office, opened
from tests.services.delivery.wishes import broadcast, notice, reply

BULK = Lane(ChannelKind.RECORDING, "main", urgent=False)
GREETING = {
    "purpose": Purpose.CARE,
    "text_key": "care_birthday_solar/standard_1",
    "parameters": {"branch": "示范营业部", "manager": "李经理"},
    "personal": frozenset({"salutation"}),
}


async def test_a_notice_reaches_the_client_once(office: Office) -> None:
    (client,) = await office.clients()
    await office.submit(notice(client))
    await office.drain()
    await office.drain()
    (sent,) = office.ledger().sent
    row = await office.row()
    assert (sent.text, sent.to.address) == ("明日休市一天。", f"recording-{client}")
    assert (row.state, row.text, row.attempts, row.sent_at) == (DeliveryState.SENT, sent.text, 1, NOON)
    assert (row.platform_message_id, row.decision["outcome"]) == ("p1", "allow")


async def test_a_broadcast_reaches_everybody_in_one_statement(office: Office) -> None:
    clients = await office.clients(620)
    done, again = [await office.submit_many(broadcast()) for _ in range(2)]
    await office.drain()
    assert (done.rows, done.chunks, again.rows) == (620, 2, 0)
    assert [signal for signal in office.signals if signal[0] == "chunk"] == [("chunk", "0:0"), ("chunk", "0:1")]
    assert sorted(sent.to.address for sent in office.ledger().sent) == sorted(f"recording-{c}" for c in clients)
    assert [row.chunk for row in await office.rows()] == [0] * 500 + [1] * 120


async def test_everyone_is_greeted_by_name_where_the_channel_may_carry_it(database_url: str) -> None:
    silent = Capabilities(longest_text=100, unit=Measure.BYTES, personal_data_allowed=False)
    with opened(database_url, {(ChannelKind.TELEGRAM, "main"): silent}) as office:
        await office.clients(kind=ChannelKind.TELEGRAM)
        await office.submit_many(broadcast(**GREETING))
        await office.drain(ChannelKind.TELEGRAM)
        (sent,) = office.ledger(ChannelKind.TELEGRAM).sent
    assert sent.text.startswith("尊敬的客户，")


async def test_a_greeting_carries_the_clients_own_salutation(office: Office) -> None:
    await office.clients()
    await office.submit_many(broadcast(**GREETING))
    await office.drain()
    (sent,) = office.ledger().sent
    assert sent.text.startswith("尊敬的王先生，")


async def test_who_may_not_get_it_does_not_and_the_rule_says_why(office: Office) -> None:
    first, second = await office.clients(2)
    await office.change(ClientRow, first, state=ClientState.DECEASED)
    await office.submit_many(broadcast())
    await office.drain()
    stopped, gone_out = await office.rows()
    assert (stopped.state, stopped.rule, stopped.text) == (DeliveryState.SUPPRESSED, "deceased", None)
    assert stopped.decision["inputs"]["state"] == "deceased"
    assert (gone_out.client_id, gone_out.state) == (second, DeliveryState.SENT)


async def test_the_night_defers_and_the_morning_sends(office: Office) -> None:
    await office.clients()
    office.clock.move(timedelta(hours=10))
    await office.submit_many(broadcast())
    await office.drain()
    row = await office.row()
    assert (row.state, row.rule, row.not_before) == (
        DeliveryState.PENDING,
        "quiet_hours",
        NOON + timedelta(hours=20, minutes=30),
    )
    office.clock.move(timedelta(hours=11))
    await office.drain()
    assert len(office.ledger().sent) == 1


async def test_the_daily_cap_counts_messages_of_the_same_chunk(database_url: str) -> None:
    with opened(database_url, rules=Rules(daily_cap=2)) as office:
        (client,) = await office.clients()
        for number in range(4):
            wish = notice(client, f"n{number}", purpose=Purpose.BROADCAST)
            await office.submit(wish)
        await office.drain()
        assert [row.rule for row in await office.rows()] == [None, None, "daily_cap", "daily_cap"]


@pytest.mark.parametrize("parked", [False, True])
async def test_what_is_about_to_go_out_counts_against_the_cap(database_url: str, parked: bool) -> None:
    with opened(database_url, rules=Rules(daily_cap=1)) as office:
        [client] = await office.clients()
        for key in ("one", "two"):
            await office.submit(notice(client, key, purpose=Purpose.BROADCAST))

        async def look(worker: str) -> list[str]:
            seen = await office.database.write(lambda unit: screen(unit, office.delivery, BULK, worker, 1))
            return [ready.due.key for ready in seen.ready]

        assert (await look("a"), await look("a")) == (["one"], ["one"])
        if parked:
            waits = {"rule": claims.PARKED, "not_before": NOON + GATHER, "claimed_by": None, "claimed_at": None}
            await office.change(DeliveryRow, 1, **waits)
        assert (await look("b"), [row.rule for row in await office.rows()][1]) == ([], "daily_cap")


async def test_what_is_too_late_expires(office: Office) -> None:
    (client,) = await office.clients()
    for key, minutes in (("soon", 5), ("later", 60)):
        wish = notice(client, key, expires_at=NOON + timedelta(minutes=minutes), not_before=NOON + timedelta(hours=2))
        await office.submit(wish)
    office.clock.move(timedelta(minutes=6))
    await office.pump.tidy()
    assert [row.state for row in await office.rows()] == [DeliveryState.EXPIRED, DeliveryState.PENDING]


async def test_a_text_that_cannot_be_rendered_fails_and_stops_nobody(office: Office) -> None:
    (client,) = await office.clients()
    for key, text_key in (("bad", "no_such_text"), ("good", "broadcast_body")):
        wish = notice(client, key, text_key=text_key)
        await office.submit(wish)
    await office.drain()
    bad, good = await office.rows()
    assert (bad.state, bad.rule, good.state) == (DeliveryState.FAILED, "text", DeliveryState.SENT)


async def test_replies_of_one_conversation_keep_their_order_through_a_fault(office: Office) -> None:
    await office.clients(2)
    office.ledger().answers.append(TryLater("-1"))
    for key, conversation in (("a1", 1), ("a2", 1), ("b1", 2)):
        wish = reply(conversation, key)
        await office.submit(wish)
    await office.drain()
    assert [sent.delivery_id for sent in office.ledger().sent] == [3]
    office.clock.move(timedelta(seconds=6))
    await office.drain()
    assert [sent.delivery_id for sent in office.ledger().sent] == [3, 1, 2]


async def with_broadcast(office: Office, state: str, media_id: int | None = None, **changes: Any) -> None:
    """A broadcast in a state, sent to everybody."""
    author = {"number": "1", "name": "x", "password_hash": "x", "created_at": NOON}
    row = {"id": 1, "name": "b", "purpose": Purpose.BROADCAST, "state": state, "body": {}, "content_hash": ""}
    row |= {"media_id": media_id, "audience": 1}
    await office.database.write(lambda unit: unit.session.execute(insert(StaffRow).values(**author)))
    await office.database.write(
        lambda unit: unit.session.execute(
            insert(BroadcastRow).values(**row, condition={}, author_id=1, created_at=NOON)
        )
    )
    await office.submit_many(broadcast(broadcast_id=1, media_id=media_id, **changes))


async def test_a_paused_broadcast_rests_and_a_stopped_one_is_cancelled(office: Office) -> None:
    await office.clients(3)
    await with_broadcast(office, "paused")
    await office.drain()
    assert office.ledger().sent == []
    stopped = await office.database.write(lambda unit: deliveries.cancel_broadcast(unit, 1, NOON))
    await office.change(BroadcastRow, 1, state="sending")
    await office.drain()
    assert (stopped, office.ledger().sent) == (3, [])


async def test_a_doubtful_message_of_a_stopped_broadcast_is_not_sent_again(office: Office) -> None:
    await office.clients(1)
    await with_broadcast(office, "killed")
    await office.change(StaffRow, 1, roles=[Role.HEAD.value])
    await office.change(DeliveryRow, 1, state=DeliveryState.UNCERTAIN)
    wanted = doubts.Settlement(1, doubts.Decision.RESEND, NOON)
    head = await office.database.read(lambda unit: staff.by_id(unit, 1))
    assert head is not None
    await office.database.write(lambda unit: doubts.settle(unit, head, wanted))
    row = await office.row()
    assert (row.state, row.rule) == (DeliveryState.CANCELLED, "broadcast_stopped")


def stops(unit: Unit, client: int) -> None:
    """The client stops everything."""
    Consents().opt_out(unit, client, NOON)


def withdraws(unit: Unit, client: int) -> None:
    """The client says no to what they said yes to."""
    Consents().state(unit, Statement(client, ConsentPurpose.SERVICE, False, "v1", "webchat", NOON))


def dies(unit: Unit, client: int) -> None:
    """Somebody is told that the client is dead."""
    by = staff.add(unit, NewStaff("1", "x", [Role.HEAD], "x"), NOON)
    client_record.set_state(unit, Signed(client, by, NOON, "x"), ClientState.DECEASED)


@pytest.mark.parametrize(
    ("word", "rule"), [(stops, "opted_out"), (withdraws, "consent"), (dies, ClientState.DECEASED.value)]
)
async def test_a_no_holds_for_what_was_looked_at_before(
    office: Office, word: Callable[[Unit, int], None], rule: str
) -> None:
    [client] = await office.clients(1)
    await office.submit_many(broadcast())
    looked = await office.database.write(lambda unit: screen(unit, office.delivery, BULK, "a", 10))
    assert len(looked.ready) == 1
    await office.database.write(lambda unit: word(unit, client))
    assert await office.database.write(lambda unit: claims.claim(unit, [looked.ready[0].due.id], "a", NOON)) == set()
    await office.drain()
    row = await office.row()
    assert (row.state, row.rule, office.ledger().sent) == (DeliveryState.SUPPRESSED, rule, [])


async def test_workers_together_send_each_message_once(office: Office) -> None:
    await office.clients(300)
    await office.submit_many(broadcast())
    other = Pump(office.database, office.delivery, office.channels, "other")
    for _ in range(8):
        await asyncio.gather(office.pump.work(BULK), other.work(BULK))
    sent = [message.delivery_id for message in office.ledger().sent]
    assert sorted(sent) == list(range(1, 301))


@pytest.mark.parametrize(("knows", "state"), [(False, DeliveryState.UNCERTAIN), (True, DeliveryState.PENDING)])
async def test_what_a_dead_worker_was_sending_is_doubtful(database_url: str, knows: bool, state: DeliveryState) -> None:
    account = Capabilities(longest_text=9, unit=Measure.BYTES, native_idempotency=knows)
    with opened(database_url, {(ChannelKind.RECORDING, "main"): account}) as office:
        (client,) = await office.clients()
        await office.submit(notice(client))
        office.ledger().gate = shut = asyncio.Event()
        working = asyncio.create_task(office.drain())
        await office.ledger().called.wait()
        heir = Pump(office.database, office.delivery, office.channels, "heir")
        office.clock.move(timedelta(seconds=61))
        doubtful = await heir.recover(dead_before(NOON, office.clock.now(), alone=False))
        assert (await office.row()).state is state
        assert doubtful == (not knows)
        shut.set()
        await working


async def test_what_a_fault_kept_from_being_written_down_does_not_stand_as_being_sent_for_ever(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_told: object) -> None:
        raise ValueError("broken")

    (client,) = await office.clients()
    await office.submit(notice(client))
    monkeypatch.setattr(claims, "record", broken)
    with pytest.raises(ValueError, match="broken"):
        await office.drain()
    for minutes, doubtful in ((9, 0), (2, 1)):
        office.clock.move(timedelta(minutes=minutes))
        assert await office.pump.recover(dead_before(NOON, office.clock.now(), alone=True)) == doubtful
    row = await office.row()
    assert (row.state, row.rule) == (DeliveryState.UNCERTAIN, "interrupted")


async def test_a_passive_reply_that_nobody_settled_is_doubtful(office: Office) -> None:
    await office.clients()
    await office.submit(reply(1), Route.PASSIVE)
    assert await office.pump.recover(NOON + timedelta(seconds=1)) == 1
    assert (await office.row()).state is DeliveryState.UNCERTAIN


async def test_a_broadcast_lets_clients_go_first_and_a_reply_does_not_wait(office: Office) -> None:
    sent_before: list[int] = []

    async def courtesy() -> None:
        sent_before.append(len(office.ledger().sent))

    office.pump.courtesy = courtesy
    (client,) = await office.clients()
    await office.submit(reply(client))
    await office.pump.work(office.lane(ChannelKind.RECORDING))
    assert (sent_before, len(office.ledger().sent)) == ([], 1)
    await office.submit(notice(client))
    await office.pump.work(BULK)
    assert (sent_before, len(office.ledger().sent)) == ([1, 1], 2)


async def under_way(office: Office, expected: int) -> None:
    """Until so many messages are being sent."""
    async with asyncio.timeout(10):
        while sum(row.state is DeliveryState.SENDING for row in await office.rows()) < expected:
            pass


async def test_two_flights_are_on_their_way_at_once_and_no_more(office: Office) -> None:
    await office.clients(FLIGHTS * FLIGHT + 10)
    await office.submit_many(broadcast())
    office.ledger().gate = shut = asyncio.Event()
    working = asyncio.create_task(office.pump.work(BULK))
    await under_way(office, FLIGHTS * FLIGHT)
    states = Counter(row.state for row in await office.rows())
    shut.set()
    await working
    assert states == {DeliveryState.SENDING: FLIGHTS * FLIGHT, DeliveryState.PENDING: 10}
    assert sorted(sent.delivery_id for sent in office.ledger().sent) == list(range(1, FLIGHTS * FLIGHT + 11))


async def test_a_chat_waits_for_what_is_on_its_way_to_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump, "FLIGHT", 1)
    client, other = await office.clients(2)
    for key, to in (("first", client), ("second", client), ("third", other)):
        await office.submit(notice(to, key))
    office.ledger().gate = shut = asyncio.Event()
    working = asyncio.create_task(office.drain())
    await under_way(office, 2)
    states = [row.state for row in await office.rows()]
    shut.set()
    await working
    assert states == [DeliveryState.SENDING, DeliveryState.PENDING, DeliveryState.SENDING]
    assert [sent.delivery_id for sent in office.ledger().sent] == [1, 3, 2]


async def test_a_fault_of_one_flight_loses_no_outcome_of_another(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.clients(FLIGHT + 1)
    await office.submit_many(broadcast())
    admit, asked = Pump._admit, iter([True, False])

    def once(*given: Any) -> Any:
        if not next(asked):
            raise DatabaseBusy("locked")
        return admit(*given)

    monkeypatch.setattr(Pump, "_admit", once)
    with pytest.raises(DatabaseBusy):
        await office.pump.work(BULK)
    states = [row.state for row in await office.rows()]
    assert states == [DeliveryState.SENT] * FLIGHT + [DeliveryState.PENDING]


async def test_an_accounts_rate_is_kept(database_url: str) -> None:
    slow = Capabilities(longest_text=100, unit=Measure.BYTES, rate=Rate(account=10))
    with opened(database_url, {(ChannelKind.RECORDING, "main"): slow}) as office:
        await office.clients(30)
        await office.submit_many(broadcast())
        await office.drain()
        assert len(office.ledger().sent) == 30
        assert office.clock.now() >= NOON + timedelta(seconds=2.4)


async def test_a_chats_rate_is_kept(database_url: str) -> None:
    slow = Capabilities(longest_text=100, unit=Measure.BYTES, rate=Rate(chat=1))
    with opened(database_url, {(ChannelKind.RECORDING, "main"): slow}) as office:
        (client,) = await office.clients()
        for number in range(3):
            await office.submit(notice(client, f"n{number}"))
        for expected in (1, 2, 3):
            await office.drain()
            await office.drain()
            assert len(office.ledger().sent) == expected
            office.clock.move(timedelta(seconds=1))
