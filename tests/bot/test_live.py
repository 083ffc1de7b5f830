"""Hints after commits: heard by those who asked, also in other processes, and never lost without a word."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import cast

import psycopg
import pytest

from bot.live import LONGEST_QUEUE, MISSED, MemoryLive, Subscription
from bot.live.postgres import Connection, PostgresLive
from tests.channels.waiting import until as patiently


async def heard(subscription: Subscription, count: int) -> list[str]:
    """The next topics."""
    found = [await subscription.next(seconds=10) for _ in range(count)]
    return [topic or "" for topic in found]


async def until(subscription: Subscription, wanted: str) -> None:
    """Read on until a topic comes."""
    while await subscription.next(seconds=10) not in (wanted, None):
        continue


@pytest.fixture
def libpq(postgres_url: str) -> str:
    """The address as psycopg has it."""
    return postgres_url.replace("postgresql+psycopg", "postgresql")


@pytest.fixture
async def pair(libpq: str) -> AsyncIterator[tuple[PostgresLive, PostgresLive]]:
    """Two processes on one database."""
    one, two = PostgresLive(libpq), PostgresLive(libpq)
    for live in (one, two):
        await live.open()
        await live.ready()
    yield one, two
    for live in (one, two):
        await live.close()


async def test_a_reader_hears_its_topics_and_whole_families() -> None:
    live = MemoryLive()
    exact, family = live.subscribe("ticket:1"), live.subscribe("ticket")
    live.publish(["ticket:2", "ticket:1", "conversation:1"])
    assert await heard(exact, 1) == ["ticket:1"]
    assert await heard(family, 2) == ["ticket:2", "ticket:1"]


async def test_the_same_topic_twice_is_one_hint() -> None:
    live = MemoryLive()
    reader = live.subscribe("ticket")
    live.publish(["ticket:1", "ticket:1", "ticket:2"])
    assert await heard(reader, 2) == ["ticket:1", "ticket:2"]


async def test_a_slow_reader_is_told_that_it_missed_something() -> None:
    live = MemoryLive()
    reader = live.subscribe("ticket")
    live.publish(f"ticket:{number}" for number in range(LONGEST_QUEUE + 1))
    assert await heard(reader, 1) == [MISSED]


async def test_who_left_hears_nothing() -> None:
    live = MemoryLive()
    reader = live.subscribe("ticket:1")
    live.leave(reader)
    live.publish(["ticket:1"])
    assert await reader.next(seconds=0) is None


async def test_closing_ends_readers_that_are_there_and_those_to_come() -> None:
    live = MemoryLive()
    reader = live.subscribe("ticket:1")
    live.publish(["ticket:1"])
    await live.close()
    assert [topic async for topic in reader] == ["ticket:1"]
    assert [topic async for topic in live.subscribe("ticket:1")] == []


async def test_another_process_hears_it(pair: tuple[PostgresLive, PostgresLive]) -> None:
    one, two = pair
    reader = two.subscribe("conversation:7")
    one.publish(["conversation:8", "conversation:7"])
    assert await heard(reader, 1) == ["conversation:7"]


async def test_the_own_process_hears_it_once(pair: tuple[PostgresLive, PostgresLive]) -> None:
    one, two = pair
    reader = one.subscribe("conversation")
    one.publish(["conversation:7"])
    assert await heard(reader, 1) == ["conversation:7"]
    two.publish(["conversation:9"])
    assert await heard(reader, 1) == ["conversation:9"]


async def test_a_broken_connection_comes_back_and_says_that_hints_were_lost(
    pair: tuple[PostgresLive, PostgresLive], libpq: str
) -> None:
    one, two = pair
    reader = two.subscribe("conversation")
    async with await psycopg.AsyncConnection.connect(libpq, autocommit=True) as other:
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database()"
        )
    assert await heard(reader, 1) == [MISSED]
    await asyncio.gather(one.ready(), two.ready())
    one.publish(["conversation:7"])
    await until(reader, "conversation:7")


class Slow:
    """A connection whose every statement waits for the gate."""

    def __init__(self) -> None:
        self.told: list[list[str]] = []
        self.gate = asyncio.Semaphore(0)

    async def execute(self, _statement: str, values: tuple[str, str]) -> None:
        """Note the topics of a notice."""
        self.told.append(json.loads(values[1])[1])
        await self.gate.acquire()


async def test_what_changes_while_it_is_told_is_told_once_more() -> None:
    live, slow = PostgresLive("unused"), Slow()
    telling = asyncio.create_task(live._notify(cast(Connection, slow)))
    live.publish(["conversation:7", "conversation:8"])
    await patiently(lambda: len(slow.told) == 1)
    live.publish(["conversation:7"])
    slow.gate.release()
    await patiently(lambda: len(slow.told) == 2)
    telling.cancel()
    assert slow.told == [["conversation:7", "conversation:8"], ["conversation:7"]]


async def test_a_database_out_of_reach_loses_nothing_here() -> None:
    live = PostgresLive("postgresql://nobody@127.0.0.1:1/none")
    await live.open()
    reader = live.subscribe("ticket")
    live.publish(["ticket:1"])
    assert await heard(reader, 1) == ["ticket:1"]
    await live.close()
