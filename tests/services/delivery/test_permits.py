"""Any number of workers together keep a lane's rate."""

import asyncio

from storage.repositories import permits
from storage.repositories.permits import Pace
from tests.services.delivery.office import Office

SLOW = Pace(rate=5.0, patience=60.0)


async def test_reservations_follow_one_another(office: Office) -> None:
    waits = [
        await office.database.write(lambda unit: permits.reserve(unit, "lane", 10, SLOW, 1000.0)) for _ in range(3)
    ]
    later = await office.database.write(lambda unit: permits.reserve(unit, "lane", 1, SLOW, 2000.0))
    assert (waits, later) == ([0.0, 2.0, 4.0], 0.0)


async def test_workers_at_the_same_time_get_different_slots(office: Office) -> None:
    async def ask() -> float:
        return await office.database.write(lambda unit: permits.reserve(unit, "lane", 10, Pace(100.0, 60.0), 1000.0))

    waits = await asyncio.gather(*(ask() for _ in range(20)))
    assert [round(wait, 6) for wait in sorted(waits)] == [round(0.1 * place, 6) for place in range(20)]


async def test_who_would_wait_too_long_takes_nothing_from_the_others(office: Office) -> None:
    async def ask(now: float) -> float:
        return await office.database.write(lambda unit: permits.reserve(unit, "lane", 15, Pace(30.0, 2.0), now))

    waits = [await ask(1000.0) for _ in range(8)]
    assert (waits, await ask(1002.5)) == ([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 2.5, 2.5], 0.0)


async def test_a_pause_holds_lanes_with_and_without_a_rate(office: Office) -> None:
    await office.database.write(lambda unit: permits.pause(unit, "lane", 1030.0))
    await office.database.write(lambda unit: permits.pause(unit, "lane", 1010.0))
    free = await office.database.write(lambda unit: permits.reserve(unit, "lane", 5, Pace(None, 2.0), 1000.0))
    rated = await office.database.write(lambda unit: permits.reserve(unit, "lane", 5, Pace(10.0, 2.0), 1000.0))
    assert (free, rated) == (30.0, 30.0)


async def test_a_chat_is_granted_once_a_second_and_forgotten_later(office: Office) -> None:
    grants = [
        await office.database.write(lambda unit, n=now: permits.grant(unit, ["a", "b"], 1.0, n))  # type: ignore[misc]
        for now in (1000.0, 1000.5, 1001.0)
    ]
    await office.database.write(lambda unit: permits.forget(unit, ["a"], 5000.0))
    left = [await office.database.read(lambda unit: permits.paused_until(unit, "a"))]
    left.append(await office.database.read(lambda unit: permits.paused_until(unit, "b")))
    assert grants == [{"a", "b"}, set(), {"a", "b"}]
    assert left == [1002.0, 0.0]


async def test_workers_that_ask_for_the_same_chats_in_another_order_do_not_wait_for_each_other(office: Office) -> None:
    chats = [f"chat{number:03}" for number in range(200)]

    async def ask(names: list[str], now: float) -> set[str]:
        return await office.database.write(lambda unit: permits.grant(unit, names, 1.0, now))

    for now in range(1000, 1040, 2):
        granted = await asyncio.gather(*(ask(names, now) for names in (chats, chats[::-1])))
        assert sorted(map(len, granted)) == [0, 200]
