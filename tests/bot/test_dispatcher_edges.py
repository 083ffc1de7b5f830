"""Turns at their edges: leases that were outlived, requests that are gone, a database that is busy."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import pytest

from bot.dispatcher import lanes
from bot.errors import DatabaseBusy
from bot.messages import Reply, say
from bot.routing import Outcome, Turn
from bot.vocabulary import Addressee, ChannelKind
from services.delivery import submit
from storage.repositories import conversations, ownership
from storage.unit import Signal, Unit
from tests.bot.stand import Stand, standing, wrote
from tests.channels.waiting import until

CHAT = Addressee(ChannelKind.WECHAT, "main", "client-1")


@pytest.fixture
async def stand(database_url: str) -> AsyncIterator[Stand]:
    async with standing(database_url) as ready:
        yield ready


def counting(turn: Turn) -> Outcome:
    """Say nothing, and note how often this was written down."""

    def act(unit: Unit) -> list[Reply]:
        kept = conversations.by_id(unit, turn.conversation.id)
        assert kept is not None
        ownership.remember(unit, kept.id, "acts", kept.dialog.get("acts", 0) + 1)
        return []

    return act


async def acts(stand: Stand) -> object:
    """How often it was, in the one conversation."""
    talk = await stand.database.read(lambda unit: conversations.by_address(unit, CHAT))
    return talk.dialog.get("acts") if talk else None


async def test_a_process_that_takes_up_its_own_overdue_turn_writes_it_once(stand: Stand) -> None:
    stand.script.answer = counting
    dispatcher = stand.dispatcher()
    stand.script.gate.clear()
    await dispatcher.take([wrote("几点开盘", "m1"), wrote("几点收盘", "m2")])
    stand.clock.move(timedelta(seconds=31))
    await dispatcher.sweep()
    stand.script.gate.set()
    await dispatcher.idle()
    assert [turn.text for turn in stand.script.turns] == ["几点开盘", "几点开盘", "几点收盘"]
    assert await acts(stand) == 2


async def test_a_turn_that_breaks_after_its_lease_was_lost_is_left_to_who_has_it(stand: Stand) -> None:
    stand.script.answer, late = counting, asyncio.Event()

    async def breaks(turn: Turn, services: object) -> Outcome:
        await late.wait()
        raise ValueError("broken")

    slow, quick = stand.dispatcher("slow", breaks), stand.dispatcher("quick")
    await slow.take([wrote("几点开盘")])
    stand.clock.move(timedelta(seconds=31))
    await quick.sweep()
    await quick.idle()
    late.set()
    await slow.idle()
    assert (await acts(stand), await stand.inbox()) == (1, [("handled", "几点开盘")])


async def test_who_runs_out_of_patience_just_when_it_is_stored_still_hears_the_reply(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with standing(sqlite_url) as stand:
        dispatcher = stand.dispatcher()

        async def just_then(tasks: set[object], **_told: float) -> tuple[set[object], set[object]]:
            await until(lambda: 1 in dispatcher._waiters.rows)
            return set(), tasks

        with monkeypatch.context() as patched:
            patched.setattr(asyncio, "wait", just_then)
            stored = await dispatcher.take([wrote("几点开盘")], None, 5.0, waits=True)
        said = await dispatcher.passive_reply(stored[0], 5.0)
        assert said is not None
        assert said.texts == ("几点开盘",)


async def test_a_reply_that_nobody_waits_for_any_more_reaches_the_pump_however_busy_the_database(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher, busy = stand.dispatcher(), [True, False]

    def repump(unit: Unit, ids: Sequence[int], now: datetime) -> list[int]:
        if busy.pop(0):
            raise DatabaseBusy("locked")
        return submit.repump(unit, ids, now)

    def answer(turn: Turn) -> Outcome:
        def act(unit: Unit) -> list[Reply]:
            unit.signals.append(Signal("gone", ""))
            return [say("echo", text=turn.text)]

        return act

    def leave(signals: Sequence[Signal]) -> None:
        if any(one.topic == "gone" for one in signals):
            dispatcher._waiters.rows.clear()

    monkeypatch.setattr(lanes, "repump", repump)
    stand.script.answer = answer
    stand.database.listen(leave)
    await dispatcher.take([wrote("几点开盘")], None, 5.0, waits=True)
    await dispatcher.idle()
    assert (busy, await stand.said()) == ([], [("pending", "几点开盘")])
