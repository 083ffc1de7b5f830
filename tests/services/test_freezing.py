"""A large audience is written down in short parts, once, wherever it is broken off, before anything goes out."""

import asyncio
import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.vocabulary import DeliveryState, Locale, Role
from bot.vocabulary.broadcasts import BroadcastState
from services.broadcasts import board, freeze, freezing, give_up, stopping
from storage.models import BroadcastRow, DeliveryRow
from storage.repositories import broadcasts as rows
from storage.repositories import deliveries
from storage.repositories.broadcasts import Broadcast
from storage.unit import Unit
from tests.outreach import PLAIN, Desk


class Died(Exception):
    """The process was killed."""


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freezing, "PAGE", 3)
    monkeypatch.setattr(freezing, "SLICE", 2)


async def begun(desk: Desk) -> Broadcast:
    """One that goes out, and of whose audience nothing is written down yet."""
    one = await desk.approved(PLAIN)
    await desk.database.write(lambda unit: desk.broadcasts.send(unit, desk.people[Role.SERVICE], one.id))
    return await desk.now_is(one.id)


async def dies_after(desk: Desk, one: Broadcast, parts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that freezes it is killed after so many parts."""
    left, real = [parts], rows.advance

    def advance(unit: Unit, seen: Broadcast, frozen_to: int) -> bool:
        if not left[0]:
            raise Died
        left[0] -= 1
        return real(unit, seen, frozen_to)

    with monkeypatch.context() as patch:
        patch.setattr(rows, "advance", advance)
        with pytest.raises(Died):
            await freeze(desk.database, desk.broadcasts, one.id)


async def test_an_audience_is_whole_after_a_kill_and_only_then_goes_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [*await desk.office.clients(4), *await desk.office.clients(3, locale=Locale.EN)]
    one = await begun(desk)
    await dies_after(desk, one, 2, monkeypatch)
    desk.office.clock.move(timedelta(seconds=1))
    await desk.office.clients(1)
    await desk.office.drain()
    await desk.watch()
    half = await desk.now_is(one.id)
    assert (half.state, half.audience, desk.office.ledger().sent) == (BroadcastState.SENDING, None, [])
    assert [row.client_id for row in await desk.office.rows()] == ids[:3]
    await asyncio.gather(*(freeze(desk.database, desk.broadcasts, one.id) for _ in range(2)))
    assert [(row.client_id, row.chunk) for row in await desk.office.rows()] == [(each, 0) for each in ids]
    digest = hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()
    found = await desk.database.read(lambda unit: unit.session.get_one(BroadcastRow, one.id).audience_hash)
    assert ((await desk.now_is(one.id)).audience, found) == (len(ids), digest)
    await desk.office.drain()
    assert len(desk.office.ledger().sent) == len(ids)


async def test_what_is_stopped_is_not_written_down_any_further(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.office.clients(5)
    one = await begun(desk)
    await dies_after(desk, one, 1, monkeypatch)
    head = desk.people[Role.HEAD]
    assert await desk.database.write(lambda unit: desk.broadcasts.kill(unit, head, one.id)) == 2
    await freeze(desk.database, desk.broadcasts, one.id)
    assert [row.state for row in await desk.office.rows()] == [DeliveryState.CANCELLED] * 2
    assert await desk.database.read(rows.unfrozen) == []


async def test_of_very_many_each_is_cancelled_though_it_was_broken_off(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, head = await desk.office.clients(5), desk.people[Role.HEAD]
    for name, of in (("AT_ONCE", board), ("SPAN", stopping)):
        monkeypatch.setattr(of, name, 1)
    one = await desk.sent(PLAIN)
    row = DeliveryRow.__table__.c
    spread = update(DeliveryRow).values(chunk=row.client_id - ids[0])
    await desk.database.write(lambda unit: unit.session.execute(spread) and None)
    assert await desk.database.write(lambda unit: desk.broadcasts.kill(unit, head, one.id)) == len(ids)
    await desk.office.drain()
    assert (desk.office.ledger().sent, {row.state for row in await desk.office.rows()}) == ([], {DeliveryState.PENDING})
    now = desk.office.clock.now()
    await desk.database.write(lambda unit: deliveries.cancel_broadcast(unit, one.id, now, (0, 2)))
    assert await desk.database.read(rows.half_stopped) == [one.id]
    await give_up(desk.database, now)
    assert {row.state for row in await desk.office.rows()} == {DeliveryState.CANCELLED}
    assert ((await desk.now_is(one.id)).ended_at, await desk.database.read(rows.half_stopped)) == (now, [])
