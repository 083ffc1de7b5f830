"""Hints travel from whoever has work to whoever does it, on both kinds of queue."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psycopg
import pytest

from bot import queue
from bot.queue import Queue
from bot.queue.postgres import on_postgres
from storage.engine import upgrade

Opened = Callable[[], Awaitable[Queue]]


@asynccontextmanager
async def consuming(target: Queue, heard: "asyncio.Queue[str]") -> AsyncIterator[None]:
    """Let a queue hand its hints to a list of what was heard."""

    async def hear(hint: str) -> None:
        await heard.put(hint)

    running = asyncio.create_task(target.consume(hear))
    yield
    await target.close()
    await running


@pytest.fixture(params=["memory", "postgres"])
def opened(request: pytest.FixtureRequest) -> Opened:
    """Makes a queue; on PostgreSQL all of them are one."""
    if request.param == "memory":

        async def in_memory() -> Queue:
            return queue.in_memory()

        return in_memory
    url = str(request.getfixturevalue("postgres_url"))

    async def shared() -> Queue:
        return await on_postgres(url)

    return shared


async def test_hints_arrive_once_and_the_queue_ends_at_once(opened: Opened) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    target = await opened()
    async with asyncio.timeout(20), consuming(target, heard):
        for hint in ("deliver:1", "chunk:7:0", "deliver:1"):
            target.put(hint)
        assert {await heard.get(), await heard.get()} == {"deliver:1", "chunk:7:0"}
    assert heard.empty()


async def test_a_hint_put_by_one_process_is_heard_by_one_of_the_others(postgres_url: str) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    web, first, second = await asyncio.gather(*(on_postgres(postgres_url) for _ in range(3)))
    async with asyncio.timeout(20), consuming(first, heard), consuming(second, heard):
        for number in range(20):
            web.put(f"deliver:{number}")
        assert {await heard.get() for _ in range(20)} == {f"deliver:{number}" for number in range(20)}
        await web.close()
    assert heard.empty()


async def test_a_hint_waits_for_a_consumer(postgres_url: str) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    web = await on_postgres(postgres_url)
    web.put("deliver:1")
    await web.flushed()
    await web.close()
    async with asyncio.timeout(20), consuming(await on_postgres(postgres_url), heard):
        assert await heard.get() == "deliver:1"


async def test_hints_survive_lost_connections_but_for_those_in_between(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    web = await on_postgres(postgres_url)
    for hint in ("deliver:1", "deliver:2", "deliver:3"):
        web.put(hint)
        await web.flushed()
        if hint == "deliver:1":
            await cut(postgres_url)
    assert "1 hints lost" in caplog.text
    async with asyncio.timeout(20), consuming(web, heard):
        assert {await heard.get(), await heard.get()} == {"deliver:1", "deliver:3"}


async def cut(url: str) -> None:
    """End all other connections to the database."""
    async with await psycopg.AsyncConnection.connect(url.replace("+psycopg", "")) as connection:
        others = "pid <> pg_backend_pid() AND datname = current_database()"
        await connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")  # noqa: S608


async def test_the_queues_tables_stay_out_of_the_migrations_sight(postgres_url: str) -> None:
    await (await on_postgres(postgres_url)).close()
    upgrade(postgres_url, check=True)
    async with await psycopg.AsyncConnection.connect(postgres_url.replace("+psycopg", "")) as connection:
        found = await connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'queue'")
        assert (await found.fetchone()) != (0,)


async def test_a_failing_handler_costs_only_its_hint(opened: Opened) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    target = await opened()

    async def hear(hint: str) -> None:
        if hint == "bad":
            raise ValueError
        await heard.put(hint)

    running = asyncio.create_task(target.consume(hear))
    target.put("bad")
    target.put("good")
    async with asyncio.timeout(20):
        assert await heard.get() == "good"
        await target.close()
        await running


async def test_a_database_out_of_reach_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PATIENCE", 0.01)

    async def unreached(_listening: bool) -> queue.Line:
        await asyncio.Event().wait()
        raise OSError

    target = Queue(unreached)
    target.put("deliver:1")
    async with asyncio.timeout(10):
        await target.close()
