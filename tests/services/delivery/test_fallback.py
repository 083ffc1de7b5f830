"""A message that can't go by one channel goes on by the next, once at most."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from bot.channels.base import Capabilities, Unit, Window
from bot.errors import (
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
from bot.messages import Outgoing, Receipt
from bot.vocabulary import ChannelKind, DeliveryState, Purpose
from services.broadcasts.report import download
from services.delivery import report
from services.delivery.pump import Pump
from services.delivery.sending import TRIES
from storage.models import BroadcastRow, ChatAccountRow, ClientRow, DeliveryRow, DeliveryTryRow
from storage.repositories import deliveries
from storage.repositories.claims import HOLD, Lane
from tests.services.delivery.office import NOON, PLAIN, Ledger, Office, opened
from tests.services.delivery.test_groups import GROUPED, GroupLedger
from tests.services.delivery.test_pump import with_broadcast
from tests.services.delivery.wishes import notice, reply

FIRST, SECOND, THIRD = ChannelKind.WECHAT, ChannelKind.TELEGRAM, ChannelKind.WEBCHAT
TWO_DAYS = timedelta(hours=48)
WINDOWED = Capabilities(longest_text=2048, unit=Unit.BYTES, window=Window(TWO_DAYS, 5))
IMPERSONAL = Capabilities(longest_text=4096, unit=Unit.UTF16, personal_data_allowed=False)
ACCOUNTS = {(FIRST, "main"): WINDOWED, (SECOND, "main"): IMPERSONAL, (THIRD, "main"): PLAIN}
HOUR = NOON + timedelta(hours=1)
SENT, PENDING, FAILED = DeliveryState.SENT, DeliveryState.PENDING, DeliveryState.FAILED


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """Three accounts: the first with a window, the second without personal data."""
    with opened(database_url, ACCOUNTS) as running:
        yield running


async def client_on(office: Office, *kinds: ChannelKind) -> int:
    """A client with a chat on each of some platforms."""
    (client,) = await office.clients(kind=kinds[0])
    for kind in kinds[1:]:
        await office.also(client, kind)
    return client


async def run(office: Office) -> None:
    """Work off all lanes, whatever leads to whichever."""
    for kind in (FIRST, SECOND, THIRD, FIRST):
        if (kind, "main") in office.channels:
            await office.drain(kind)


async def tries(office: Office) -> list[tuple[str, str, str | None, int]]:
    """What was tried before: channel, rule, the platform's answer, attempts."""
    row = DeliveryTryRow
    wanted = select(row.channel, row.rule, row.error, row.attempts).order_by(row.delivery_id, row.number)
    found = await office.database.read(lambda unit: unit.session.execute(wanted).all())
    return [(channel, rule, error, attempts) for channel, rule, error, attempts in found]


async def told(office: Office, *answers: Exception, **changes: Any) -> None:
    """A notice to a client on the first two channels, the first of which answers so."""
    client = await client_on(office, FIRST, SECOND)
    office.ledger(FIRST).answers.extend(answers)
    await office.submit(notice(client, **changes))
    await run(office)


@pytest.mark.parametrize(
    ("error", "rule"),
    [(RecipientGone("43004"), "gone"), (WindowClosed("45015"), "window"), (QuotaUsed(HOUR, "45009"), "quota")],
)
async def test_what_was_certainly_not_sent_goes_by_the_next_channel(
    office: Office, error: SendError, rule: str
) -> None:
    await told(office, error)
    row = await office.row()
    assert (row.state, row.channel, row.address, row.attempts) == (SENT, SECOND, f"{SECOND}-{row.client_id}", 1)
    assert (office.ledger(FIRST).sent, len(office.ledger(SECOND).sent)) == ([], 1)
    assert await tries(office) == [(FIRST, rule, f"{type(error).__name__} {error.code}", 1)]


@pytest.mark.parametrize(
    ("error", "state", "rule"),
    [
        (OutcomeUnknown("timeout"), DeliveryState.UNCERTAIN, "unknown"),
        (KeyError("fault"), DeliveryState.UNCERTAIN, "fault"),
        (ContentRefused("45002"), FAILED, "content_refused"),
        (TryLater("-1"), PENDING, "try_later"),
        (Throttled(30), PENDING, None),
        (ChannelStopped("40013"), PENDING, "channel_stopped"),
    ],
)
async def test_what_is_in_doubt_refused_or_soon_possible_stays(
    office: Office, error: Exception, state: DeliveryState, rule: str | None
) -> None:
    await told(office, error)
    row = await office.row()
    assert (row.state, row.rule, row.channel) == (state, rule, FIRST)
    assert (await tries(office), office.ledger(SECOND).sent) == ([], [])


@pytest.mark.parametrize("error", [WindowClosed("45047"), RecipientGone("403"), QuotaUsed(HOUR, "45009")])
async def test_what_has_begun_is_not_begun_anew_elsewhere(office: Office, error: SendError) -> None:
    error.begun = True
    await told(office, error)
    office.clock.move(timedelta(days=3))
    await run(office)
    row = await office.row()
    assert (row.channel, await tries(office), office.ledger(SECOND).sent) == (FIRST, [], [])


async def test_after_the_last_try_the_next_channel_has_its_chance(office: Office) -> None:
    await told(office, *[TryLater("-1")] * TRIES)
    for _ in range(TRIES):
        office.clock.move(timedelta(minutes=11))
        await run(office)
    row = await office.row()
    assert (row.state, row.channel) == (SENT, SECOND)
    assert await tries(office) == [(FIRST, "gave_up", "TryLater -1", TRIES)]


async def test_a_dialogue_stays_in_its_chat(office: Office) -> None:
    await client_on(office, FIRST, SECOND)
    office.ledger(FIRST).answers.append(WindowClosed("45015"))
    await office.submit(reply(1))
    await run(office)
    row = await office.row()
    assert (row.state, row.rule, row.channel) == (PENDING, "window", FIRST)


async def test_what_nobody_else_can_carry_ends_as_ever(office: Office) -> None:
    client = await client_on(office, FIRST)
    office.ledger(FIRST).answers.append(RecipientGone("43004"))
    await office.submit(notice(client))
    await run(office)
    row = await office.row()
    assert (row.state, row.rule, row.channel) == (FAILED, "gone", FIRST)


async def test_every_channel_is_tried_in_the_declared_order(office: Office) -> None:
    client = await client_on(office, THIRD, SECOND, FIRST)
    for kind in (FIRST, SECOND, THIRD):
        office.ledger(kind).answers.append(RecipientGone("gone"))
    await office.submit(notice(client))
    await run(office)
    row = await office.row()
    assert [channel for channel, *_ in await tries(office)] == [FIRST, SECOND]
    assert (row.state, row.rule, row.channel) == (FAILED, "gone", THIRD)


async def test_a_chat_lost_elsewhere_leads_back_to_where_it_only_had_to_wait(office: Office) -> None:
    client = await client_on(office, FIRST, SECOND)
    office.ledger(FIRST).answers.append(WindowClosed("45015"))
    office.ledger(SECOND).answers.append(RecipientGone("403"))
    await office.submit(notice(client))
    await run(office)
    waiting = await office.row()
    assert (waiting.state, waiting.rule, waiting.channel) == (PENDING, "window", FIRST)
    await office.change(ChatAccountRow, waiting.account_id, last_inbound_at=office.clock.now(), window_used=0)
    office.clock.move(timedelta(minutes=16))
    await run(office)
    assert ((await office.row()).state, len(office.ledger(FIRST).sent)) == (SENT, 1)
    assert [channel for channel, *_ in await tries(office)] == [FIRST, SECOND]


async def test_two_channels_that_must_wait_do_not_play_ball(office: Office) -> None:
    client = await client_on(office, FIRST, SECOND)
    office.ledger(FIRST).answers.append(QuotaUsed(HOUR, "45009"))
    office.ledger(SECOND).answers.append(QuotaUsed(HOUR, "day"))
    await office.submit(notice(client))
    await run(office)
    row = await office.row()
    assert (row.state, row.rule, row.channel) == (PENDING, "quota", SECOND)
    office.clock.move(timedelta(hours=1, minutes=1))
    await run(office)
    assert ((await office.row()).state, len(office.ledger(SECOND).sent)) == (SENT, 1)


async def test_a_window_that_closed_meanwhile_is_found_before_sending(office: Office) -> None:
    client = await client_on(office, FIRST, SECOND)
    await office.submit(notice(client, not_before=NOON + TWO_DAYS))
    assert (await office.row()).channel == FIRST
    office.clock.move(TWO_DAYS)
    await run(office)
    row = await office.row()
    assert (row.state, row.channel) == (SENT, SECOND)
    assert await tries(office) == [(FIRST, "window", None, 0)]
    assert row.decision["outcome"] == "allow"


async def test_the_gate_is_asked_anew_for_the_new_chat(office: Office) -> None:
    """The second channel may not carry what is personal, the third may."""
    client = await client_on(office, FIRST, SECOND, THIRD)
    office.ledger(FIRST).answers.append(RecipientGone("43004"))
    await office.submit(notice(client, personal=frozenset({"body"})))
    await run(office)
    assert [len(office.ledger(kind).sent) for kind in (FIRST, SECOND, THIRD)] == [0, 0, 1]


async def test_an_opt_out_between_two_channels_is_heard(office: Office) -> None:
    client = await client_on(office, FIRST, SECOND)
    office.ledger(FIRST).answers.append(RecipientGone("43004"))
    await office.submit(notice(client, purpose=Purpose.EDUCATION))
    await office.drain(FIRST)
    await office.change(ClientRow, client, opted_out_at=NOON)
    await run(office)
    row = await office.row()
    assert (row.state, row.rule, office.ledger(SECOND).sent) == (DeliveryState.SUPPRESSED, "opted_out", [])


async def test_a_chat_let_go_since_gets_nothing_more_of_its_client(office: Office) -> None:
    client = await client_on(office, FIRST, SECOND)
    await office.submit(notice(client))
    await office.change(ChatAccountRow, (await office.row()).account_id, client_id=None)
    await run(office)
    assert (office.ledger(FIRST).sent, len(office.ledger(SECOND).sent)) == ([], 1)
    assert await tries(office) == [(FIRST, "unreachable", None, 0)]


async def test_one_alone_for_a_mass_message_goes_elsewhere(database_url: str) -> None:
    with opened(database_url, {(FIRST, "main"): GROUPED, (SECOND, "main"): PLAIN}) as office:
        office.channels[FIRST, "main"] = GroupLedger(FIRST, "main", GROUPED)
        await office.clients(kind=FIRST)
        office.clock.move(timedelta(hours=49))
        await with_broadcast(office, "sending")
        await office.also(1, SECOND)
        await run(office)
        row = await office.row()
        assert (row.state, row.channel) == (SENT, SECOND)
        counted = await office.database.read(lambda unit: report.report(unit, 1).counts)
        assert [(count.channel, count.number) for count in counted] == [(SECOND, 1)]
        out = StringIO()
        await office.database.read(lambda unit: download(unit, 1, out))
        assert f",{SECOND},{FIRST}:window,sent," in out.getvalue()


async def test_after_a_doubt_it_stays_also_where_the_platform_knows_our_id(database_url: str) -> None:
    knowing = Capabilities(longest_text=2048, unit=Unit.BYTES, native_idempotency=True)
    with opened(database_url, {(FIRST, "main"): knowing, (SECOND, "main"): PLAIN}) as office:
        await told(office, OutcomeUnknown("timeout"), RecipientGone("gone"))
        office.clock.move(timedelta(seconds=6))
        await run(office)
        row = await office.row()
        assert (row.state, row.rule, row.channel, row.doubted) == (FAILED, "gone", FIRST, True)


async def test_a_last_try_without_an_answer_leaves_doubt(database_url: str) -> None:
    knowing = Capabilities(longest_text=2048, unit=Unit.BYTES, native_idempotency=True)
    with opened(database_url, {(FIRST, "main"): knowing, (SECOND, "main"): PLAIN}) as office:
        await told(office, *[TryLater("-1")] * (TRIES - 1), OutcomeUnknown("timeout"))
        for _ in range(TRIES):
            office.clock.move(timedelta(minutes=11))
            await run(office)
        row = await office.row()
        assert (row.state, row.rule, office.ledger(SECOND).sent) == (DeliveryState.UNCERTAIN, "unknown", [])


class Killed(BaseException):
    """The process dies with an answer that nobody writes down."""


class Deadly(Ledger):
    """A platform whose answer is the last thing a process hears."""

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Never returns."""
        raise Killed


async def test_a_worker_killed_with_the_refusal_in_hand_moves_nothing(office: Office) -> None:
    client = await client_on(office, FIRST, SECOND)
    office.channels[FIRST, "main"] = Deadly(FIRST, "main", WINDOWED)
    await office.submit(notice(client))
    with pytest.raises(Killed):
        await office.drain(FIRST)
    office.clock.move(HOLD + timedelta(seconds=1))
    successor = Pump(office.database, office.delivery, office.channels, "successor")
    assert await successor.recover(office.clock.now() - HOLD) == 1
    await run(office)
    row = await office.row()
    assert (row.state, row.channel, office.ledger(SECOND).sent) == (DeliveryState.UNCERTAIN, FIRST, [])


async def test_an_answer_that_comes_after_another_settled_it_moves_nothing(office: Office) -> None:
    """Staff sent it once more while the first worker still waited for the platform."""
    client = await client_on(office, FIRST, SECOND)
    await office.submit(notice(client))
    lane, slow = Lane(FIRST, "main", urgent=False), office.pump
    chunk = await office.database.write(lambda unit: slow._screen(unit, lane))
    (ready,) = chunk.ready
    await office.database.write(lambda unit: slow._claim(unit, lane, [ready]))
    again = {"state": PENDING, "claimed_by": None, "rule": None}
    await office.change(DeliveryRow, ready.due.id, **again)
    office.ledger(FIRST).answers.append(RecipientGone("43004"))
    await slow._record(lane, await slow._send(lane, [ready]))
    assert ((await office.row()).channel, await tries(office)) == (FIRST, [])


async def statements(office: Office, client: int) -> list[str]:
    """What the database is asked while one message goes out."""
    await office.submit(notice(client, f"n{client}"))
    heard: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    await office.drain(FIRST)
    event.remove(Engine, "before_cursor_execute", listen)
    return heard


async def test_a_message_that_goes_out_costs_no_further_statement(office: Office) -> None:
    """A second channel that is not needed changes nothing; the first message warms up."""
    kinds = ([FIRST], [FIRST], [FIRST, SECOND])
    _, alone, beside = [await statements(office, await client_on(office, *several)) for several in kinds]
    assert alone == beside
    assert len(office.ledger(FIRST).sent) == 3
    assert not [statement for statement in beside if DeliveryTryRow.__tablename__ in statement]


@pytest.mark.parametrize("error", [Throttled(1, "429"), TryLater("-1"), WindowClosed("45015"), RecipientGone("gone")])
async def test_what_was_in_flight_when_its_broadcast_was_stopped_goes_nowhere(office: Office, error: SendError) -> None:
    await client_on(office, FIRST, SECOND)
    await with_broadcast(office, "sending")
    lane, pump = Lane(FIRST, "main", urgent=False), office.pump
    (ready,) = (await office.database.write(lambda unit: pump._screen(unit, lane))).ready
    await office.database.write(lambda unit: pump._claim(unit, lane, [ready]))
    await office.change(BroadcastRow, 1, state="killed")
    assert await office.database.write(lambda unit: deliveries.cancel_broadcast(unit, 1, NOON)) == 0
    office.ledger(FIRST).answers.append(error)
    await pump._record(lane, await pump._send(lane, [ready]))
    office.clock.move(timedelta(minutes=20))
    await run(office)
    row = await office.row()
    assert (row.state, row.rule) == (DeliveryState.CANCELLED, "broadcast_stopped")
    assert (office.ledger(FIRST).sent, office.ledger(SECOND).sent) == ([], [])
