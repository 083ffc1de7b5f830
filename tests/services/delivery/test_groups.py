"""Broadcasts by group: those whose window is shut get one text in few calls, each within their month."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.channels.base import Capabilities, Group, Unit, Window
from bot.errors import OutcomeUnknown, QuotaUsed, SendError, TryLater, WindowClosed
from bot.messages import Enclosed, GroupReceipt, Outgoing, Receipt
from bot.vocabulary import ChannelKind, DeliveryState, Purpose
from services.consents import Consents
from services.delivery.screening import GATHER, screen
from storage.models import ChatAccountRow
from storage.repositories.claims import Lane
from tests.services.delivery.office import NOON, Ledger, Office, opened
from tests.services.delivery.test_pictures import JPEG, Shelf, illustrated
from tests.services.delivery.test_pump import with_broadcast
from tests.services.delivery.wishes import notice, reply

WECHAT = ChannelKind.WECHAT
GROUP = Group(least=2, most=5, rate=1.0, monthly=2)
GROUPED = Capabilities(
    longest_text=2047,
    unit=Unit.BYTES,
    window=Window(timedelta(hours=48), 5, reserve=1),
    group=GROUP,
)


@dataclass
class GroupLedger(Ledger):
    """An account that can send to many; keeps the addresses of each call."""

    calls: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    shown: list[tuple[Enclosed, ...]] = field(default_factory=list)

    async def send_group(self, outgoing: Outgoing, addresses: Sequence[str]) -> Receipt:
        """Write the call down, or do what the test wants."""
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        self.calls.append((outgoing.idempotency_key, tuple(addresses)))
        self.texts.append(outgoing.text)
        self.shown.append(outgoing.enclosed)
        return Receipt(platform_message_ids=(f"mass:{len(self.calls)}",), messages=0)


@dataclass
class Stage:
    """An office, and its account that can send to many."""

    office: Office
    ledger: GroupLedger

    async def begin(self, clients: int, shut: bool = True, media_id: int | None = None) -> None:
        """A broadcast to so many clients, who wrote two days ago or just now."""
        await self.office.clients(clients, kind=WECHAT)
        if shut:
            self.office.clock.move(timedelta(hours=49))
        await with_broadcast(self.office, "sending", media_id)

    async def states(self) -> list[tuple[DeliveryState, str | None]]:
        """State and rule of every delivery."""
        return [(row.state, row.rule) for row in await self.office.rows()]

    async def used(self) -> tuple[int, int, str | None]:
        """What the first client's windows and month have used."""
        chat = await self.office.database.read(lambda unit: unit.session.get_one(ChatAccountRow, 1))
        return chat.window_used, chat.group_used, chat.group_month


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with opened(database_url, {(WECHAT, "main"): GROUPED}) as office:
        ledger = GroupLedger(WECHAT, "main", GROUPED)
        office.channels[WECHAT, "main"] = ledger
        yield Stage(office, ledger)


SENT = (DeliveryState.SENT, None)


async def test_what_has_begun_in_a_window_is_not_begun_anew_by_group(stage: Stage) -> None:
    await stage.begin(2, shut=False)
    closed = WindowClosed("45047")
    closed.begun = True
    stage.ledger.answers = [closed]
    await stage.office.drain(WECHAT)
    stage.office.clock.move(timedelta(hours=49))
    await stage.office.drain(WECHAT)
    assert (await stage.states(), stage.ledger.calls) == ([(DeliveryState.PENDING, "window"), SENT], [])


@pytest.mark.parametrize("media", [frozenset({"image"}), frozenset()], ids=["illustrated", "wordless"])
async def test_a_group_is_shown_the_picture_where_it_can_be(stage: Stage, media: frozenset[str]) -> None:
    shelf = Shelf()
    stage.office.pump.enclosed = shelf.draw
    shown = replace(GROUPED, media=frozenset({"image"}), group=replace(GROUP, media=media))
    stage.ledger.capabilities = shown
    stage.office.delivery.accounts[WECHAT, "main"] = shown  # type: ignore[index]
    media_id = (await illustrated(stage.office)).media_id
    await stage.begin(2, media_id=media_id)
    await stage.office.drain(WECHAT)
    assert (stage.ledger.shown, await stage.states()) == ([(JPEG,) if media else ()], [SENT, SENT])


async def test_one_call_reaches_many_and_counts_for_their_month(stage: Stage) -> None:
    await stage.begin(4)
    await stage.office.drain(WECHAT)
    [(key, addresses)] = stage.ledger.calls
    assert (len(key), len(set(addresses)), stage.ledger.sent) == (32, 4, [])
    assert await stage.states() == [SENT] * 4
    assert {row.platform_message_id for row in await stage.office.rows()} == {"mass:1"}
    assert {row.text for row in await stage.office.rows()} == set(stage.ledger.texts)
    assert await stage.used() == (0, 1, "2026-11")


async def test_more_than_one_call_holds_keep_the_rate_and_leave_nobody_alone(stage: Stage) -> None:
    await stage.begin(6)
    await stage.office.drain(WECHAT)
    assert [len(addresses) for _, addresses in stage.ledger.calls] == [4]
    stage.office.clock.move(timedelta(seconds=1))
    await stage.office.drain(WECHAT)
    assert [len(addresses) for _, addresses in stage.ledger.calls] == [4, 2]
    assert await stage.states() == [SENT] * 6


async def test_who_stops_everything_is_left_out_of_the_call(stage: Stage) -> None:
    await stage.begin(4)
    bulk = Lane(WECHAT, "main", urgent=False)
    await stage.office.database.write(lambda unit: screen(unit, stage.office.delivery, bulk, "a", 10))
    await stage.office.database.write(lambda unit: Consents().opt_out(unit, 1, stage.office.clock.now()))
    await stage.office.drain(WECHAT)
    assert [len(addresses) for _, addresses in stage.ledger.calls] == [3]
    assert (await stage.states())[0] == (DeliveryState.SUPPRESSED, "opted_out")


async def test_an_open_window_takes_single_messages(stage: Stage) -> None:
    await stage.begin(2, shut=False)
    await stage.office.drain(WECHAT)
    assert (len(stage.ledger.sent), stage.ledger.calls) == (2, [])


async def test_a_single_recipient_waits_for_the_window(stage: Stage) -> None:
    await stage.begin(1)
    await stage.office.drain(WECHAT)
    assert (await stage.states(), stage.ledger.calls) == ([(DeliveryState.PENDING, "window")], [])


async def test_what_is_no_broadcast_or_names_somebody_waits(stage: Stage) -> None:
    for client in await stage.office.clients(2, kind=WECHAT):
        await stage.office.submit(notice(client, f"n{client}"))
        named = {"parameters": {"body": "x", "footer": ""}, "personal": frozenset({"body"})}
        await stage.office.submit(notice(client, f"p{client}", purpose=Purpose.BROADCAST, **named))
    stage.office.clock.move(timedelta(hours=49))
    await stage.office.drain(WECHAT)
    assert (await stage.states(), stage.ledger.calls) == ([(DeliveryState.PENDING, "window")] * 4, [])


async def test_a_used_up_month_ends_with_the_month_at_the_branch(stage: Stage) -> None:
    await stage.begin(3)
    await stage.office.change(ChatAccountRow, 1, group_month="2026-11", group_used=2)
    await stage.office.change(ChatAccountRow, 2, group_month="2026-10", group_used=2)
    await stage.office.drain(WECHAT)
    assert await stage.states() == [(DeliveryState.PENDING, "monthly"), SENT, SENT]
    first = (await stage.office.rows())[0]
    assert first.not_before.isoformat() == "2026-11-30T16:00:00+00:00"


@pytest.mark.parametrize(
    ("error", "state", "rule"),
    [
        (TryLater("-1"), DeliveryState.PENDING, "try_later"),
        (QuotaUsed(NOON + timedelta(hours=61), "45028"), DeliveryState.PENDING, "quota"),
        (OutcomeUnknown("junk"), DeliveryState.UNCERTAIN, "unknown"),
    ],
)
async def test_a_fault_meets_everybody_of_the_call(
    stage: Stage, error: SendError, state: DeliveryState, rule: str
) -> None:
    stage.ledger.answers.append(error)
    await stage.begin(3)
    await stage.office.drain(WECHAT)
    assert await stage.states() == [(state, rule)] * 3
    assert await stage.used() == (0, 0, None)


async def test_who_could_not_be_taken_along_is_gone_and_keeps_their_month(stage: Stage) -> None:
    await stage.begin(3)
    first = (await stage.office.rows())[0]
    stage.ledger.answers.append(GroupReceipt(platform_message_ids=("mass:1",), refused=frozenset({first.address})))
    await stage.office.drain(WECHAT)
    assert await stage.states() == [(DeliveryState.FAILED, "gone"), SENT, SENT]
    assert await stage.used() == (0, 0, None)
    chat = await stage.office.database.read(lambda unit: unit.session.get_one(ChatAccountRow, 1))
    assert chat.gone_at is not None


async def test_a_used_up_quota_of_mass_sends_holds_up_nothing_else(stage: Stage) -> None:
    stage.ledger.answers.append(QuotaUsed(NOON + timedelta(hours=61), "45028"))
    await stage.begin(3)
    await stage.office.drain(WECHAT)
    await stage.office.change(ChatAccountRow, 1, last_inbound_at=stage.office.clock.now(), window_used=0)
    await stage.office.submit(reply(1))
    await stage.office.drain(WECHAT)
    assert len(stage.ledger.sent) == 1


async def test_what_was_parked_too_long_is_judged_anew(stage: Stage) -> None:
    await stage.begin(2)
    stage.ledger.answers.append(TryLater("-1"))
    await stage.office.drain(WECHAT)
    await stage.office.change(ChatAccountRow, 1, gone_at=NOON)
    stage.office.clock.move(GATHER)
    await stage.office.drain(WECHAT)
    assert await stage.states() == [(DeliveryState.SUPPRESSED, "unreachable"), (DeliveryState.PENDING, "window")]
