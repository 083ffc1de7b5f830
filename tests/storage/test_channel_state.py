"""What channel adapters keep: expiry by the clock, leases that only one process can hold."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.base import ChannelState
from bot.clock import MovableClock
from storage.channel_state import StoredState
from storage.engine import open_engines
from storage.models import ChannelStateRow
from storage.unit import Database

MINUTE = timedelta(minutes=1)


@pytest.fixture
def state(database: Database, clock: MovableClock) -> StoredState:
    return StoredState(database, clock, "wechat:main")


@pytest.fixture
def other_process(database: Database, database_url: str, clock: MovableClock) -> Iterator[StoredState]:
    """The same scope through connections of its own."""
    opened = Database(open_engines(database_url), database.vault)
    yield StoredState(opened, clock, "wechat:main")
    opened.close()


async def test_a_value_is_kept_and_replaced(state: ChannelState) -> None:
    assert await state.get("cursor") is None
    await state.put("cursor", "1")
    await state.put("cursor", "二")
    assert await state.get("cursor") == "二"


async def test_a_value_is_gone_when_its_time_is_over(state: ChannelState, clock: MovableClock) -> None:
    await state.put("token", "t", MINUTE)
    clock.move(MINUTE - timedelta(seconds=1))
    assert await state.get("token") == "t"
    clock.move(timedelta(seconds=1))
    assert await state.get("token") is None


async def test_a_value_without_an_end_stays(state: ChannelState, clock: MovableClock) -> None:
    await state.put("cursor", "1")
    clock.move(timedelta(days=3650))
    assert await state.get("cursor") == "1"
    assert not await state.put_if_absent("cursor", "2", MINUTE)


async def test_put_if_absent_respects_only_the_living(state: ChannelState, clock: MovableClock) -> None:
    assert await state.put_if_absent("nonce", "a", MINUTE)
    assert not await state.put_if_absent("nonce", "b", MINUTE)
    clock.move(MINUTE)
    assert await state.put_if_absent("nonce", "c", MINUTE)
    assert await state.get("nonce") == "c"


async def test_a_lease_is_held_renewed_and_taken_over(state: ChannelState, clock: MovableClock) -> None:
    assert await state.lease("poll", "one", MINUTE)
    assert not await state.lease("poll", "two", MINUTE)
    clock.move(timedelta(seconds=50))
    assert await state.lease("poll", "one", MINUTE)
    clock.move(timedelta(seconds=50))
    assert not await state.lease("poll", "two", MINUTE)
    clock.move(timedelta(seconds=10))
    assert await state.lease("poll", "two", MINUTE)
    assert not await state.lease("poll", "one", MINUTE)


async def test_only_the_holder_gives_a_lease_back(state: ChannelState) -> None:
    assert await state.lease("poll", "one", MINUTE)
    await state.release("poll", "two")
    assert not await state.lease("poll", "two", MINUTE)
    await state.release("poll", "one")
    assert await state.lease("poll", "two", MINUTE)


async def test_a_lease_is_no_value_and_scopes_are_apart(
    state: StoredState, database: Database, clock: MovableClock
) -> None:
    other = StoredState(database, clock, "wechat:second")
    assert await state.lease("token", "one", MINUTE)
    assert await state.get("token") is None
    assert await other.lease("token", "two", MINUTE)
    await state.put("token", "t")
    assert await other.get("token") is None
    assert not await state.lease("token", "two", MINUTE)


async def test_of_many_at_once_one_gets_the_lease(state: StoredState, other_process: StoredState) -> None:
    tries = [
        chosen.lease("token", f"{name}{number}", MINUTE)
        for number in range(8)
        for name, chosen in (("a", state), ("b", other_process))
    ]
    assert sum(await asyncio.gather(*tries)) == 1


async def test_values_are_sealed_in_the_table(state: StoredState, database: Database) -> None:
    await state.put("token", "open-sesame")
    rows = await database.read(lambda unit: unit.session.scalars(select(ChannelStateRow.value)).all())
    assert len(rows) == 1
    assert "open-sesame" not in rows[0]


async def test_what_expired_long_ago_leaves_the_table(
    state: StoredState, database: Database, clock: MovableClock
) -> None:
    await StoredState(database, clock, "telegram:main").put("another", "0", MINUTE)
    await state.put("old", "1", MINUTE)
    await state.put("younger", "2", 2 * MINUTE)
    await state.put("endless", "3")
    clock.move(timedelta(days=1) + MINUTE)
    await state.put("new", "4", MINUTE)
    keys = await database.read(lambda unit: unit.session.scalars(select(ChannelStateRow.key)).all())
    assert sorted(keys) == ["another", "endless", "new", "younger"]
