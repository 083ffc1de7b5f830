"""Writes that share a transaction, and brief ones that run at once."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, get_ident

import pytest
from sqlalchemy import text

from bot.errors import DatabaseBusy
from storage.batch import MOST, Batch
from storage.engine import open_engines
from storage.unit import Database, Unit
from storage.vault import Vault
from tests.journeys.blockade import locked

NOTED = text("INSERT INTO permits (lane, next_at) VALUES (:lane, 0)")


@dataclass
class Notes:
    """Writes each item as a row; `sets` keeps what came together, and an item named `bad` breaks it."""

    sets: list[list[str]] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)

    def __call__(self, unit: Unit, items: Sequence[str]) -> list[str]:
        self.sets.append(list(items))
        self.threads.add(get_ident())
        for item in items:
            unit.connection.execute(NOTED, {"lane": item})
        if "bad" in items:
            raise ValueError("bad")
        return [item.upper() for item in items]


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """One database of one kind."""
    database = Database(open_engines(url), Vault((b"t" * 32,)))
    yield database
    database.close()


async def kept(database: Database) -> list[str]:
    """The rows that stand."""
    found = text("SELECT lane FROM permits ORDER BY lane")
    return await database.read(lambda unit: list(unit.connection.execute(found).scalars()))


async def test_what_comes_at_the_same_time_is_written_in_one_go(database: Database) -> None:
    notes = Notes()
    batch = Batch(database, notes)
    assert await asyncio.gather(*(batch.write(name) for name in "abc")) == ["A", "B", "C"]
    assert notes.sets == [["a", "b", "c"]]
    assert await batch.write("d") == "D"
    assert await kept(database) == ["a", "b", "c", "d"]


async def test_who_is_on_the_way_comes_along(database: Database) -> None:
    notes = Notes()
    batch = Batch(database, notes)

    async def later(rounds: int) -> str:
        for _ in range(rounds):
            await asyncio.sleep(0)
        return await batch.write(str(rounds))

    assert await asyncio.gather(*(later(rounds) for rounds in (0, 2, 4))) == ["0", "2", "4"]
    assert notes.sets == [["0", "2", "4"]]


async def test_one_that_breaks_is_written_alone_and_the_others_stand(database: Database) -> None:
    notes = Notes()
    batch = Batch(database, notes)
    results = await asyncio.gather(*(batch.write(name) for name in ("a", "bad", "b")), return_exceptions=True)
    assert [results[0], type(results[1]), results[2]] == ["A", ValueError, "B"]
    assert notes.sets == [["a", "bad", "b"], ["a"], ["bad"], ["b"]]
    assert await kept(database) == ["a", "b"]


async def test_so_many_that_the_loop_would_wait_go_in_parts(database: Database) -> None:
    notes = Notes()
    batch = Batch(database, notes)
    await asyncio.gather(*(batch.write(f"n{number:03}") for number in range(MOST + 1)))
    assert [len(items) for items in notes.sets] == [MOST, 1]


async def test_a_busy_database_is_told_to_all_and_nothing_is_tried_alone(sqlite_url: str) -> None:
    calls: list[int] = []

    def busy(unit: Unit, items: Sequence[str]) -> list[str]:
        calls.append(len(items))
        raise DatabaseBusy("locked")

    with opened(sqlite_url) as database:
        batch = Batch(database, busy)
        results = await asyncio.gather(*(batch.write(name) for name in "ab"), return_exceptions=True)
    assert [type(result) for result in results] == [DatabaseBusy, DatabaseBusy]
    assert calls == [2]


async def test_whoever_gives_up_is_not_written(database: Database) -> None:
    notes = Notes()
    batch = Batch(database, notes)
    one, other = asyncio.create_task(batch.write("one")), asyncio.create_task(batch.write("other"))
    await asyncio.sleep(0)
    one.cancel()
    assert await other == "OTHER"
    assert await kept(database) == ["other"]


async def test_a_brief_write_runs_on_the_loop_and_waits_where_others_write(sqlite_url: str) -> None:
    notes, here = Notes(), get_ident()
    with opened(sqlite_url) as database:
        await database.write(lambda unit: notes(unit, ["a"]), brief=True)
        assert notes.threads == {here}
        with locked(sqlite_url):
            waiting = asyncio.create_task(database.write(lambda unit: notes(unit, ["b"]), brief=True))
            await asyncio.sleep(0.1)
            assert not waiting.done()
        await waiting
        assert len(notes.threads) == 2
        assert await kept(database) == ["a", "b"]


async def test_brief_writes_wait_for_one_that_has_begun_and_run_on_the_loop(sqlite_url: str) -> None:
    notes, go_on, here = Notes(), Event(), set[int]()

    def long(unit: Unit) -> None:
        assert go_on.wait(10)
        notes(unit, ["long"])

    def brief(name: str) -> Callable[[Unit], None]:
        def work(unit: Unit) -> None:
            here.add(get_ident())
            notes(unit, [name])

        return work

    with opened(sqlite_url) as database:
        first = asyncio.create_task(database.write(long))
        await asyncio.sleep(0)
        later = [asyncio.create_task(database.write(brief(name), brief=True)) for name in "ab"]
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(first, *later)
    assert notes.sets == [["long"], ["a"], ["b"]]
    assert here == {get_ident()}


async def test_whose_turn_does_not_come_in_time_hears_so(sqlite_url: str) -> None:
    notes, go_on = Notes(), Event()
    with opened(sqlite_url) as database:
        first = asyncio.create_task(database.write(lambda _unit: go_on.wait(10)))
        await asyncio.sleep(0)
        with pytest.raises(DatabaseBusy):
            await database.write(lambda unit: notes(unit, ["late"]), patience=0)
        go_on.set()
        assert await first
        assert await database.write(lambda unit: notes(unit, ["next"])) == ["NEXT"]
        assert await kept(database) == ["next"]
