"""Who claims a run first has it; what failed or was cut off may be claimed again."""

import asyncio
from datetime import UTC, datetime, timedelta

from storage.repositories import job_runs
from storage.unit import Database

DUE = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


async def claim(database: Database, now: datetime = DUE) -> bool:
    return await database.write(lambda unit: job_runs.claim(unit, "care", DUE, now))


async def finish(database: Database, state: str) -> None:
    await database.write(lambda unit: job_runs.finish(unit, "care", DUE, state, "", DUE))


async def test_one_of_many_gets_it(database: Database) -> None:
    await claim(database)
    await finish(database, "failed")
    claims = await asyncio.gather(*[claim(database) for _ in range(8)])
    assert sum(claims) == 1


async def test_what_is_done_is_never_run_again(database: Database) -> None:
    assert await claim(database)
    await finish(database, "done")
    assert not await claim(database, DUE + timedelta(days=1))
    assert await database.read(lambda unit: job_runs.done(unit, "care", DUE)) == {DUE}


async def test_what_failed_is_claimed_again_at_once(database: Database) -> None:
    assert await claim(database)
    await finish(database, "failed")
    assert await claim(database)
    assert not await claim(database)


async def test_what_was_cut_off_is_claimed_again_after_a_while(database: Database) -> None:
    assert await claim(database)
    assert not await claim(database, DUE + job_runs.ABANDONED)
    assert await claim(database, DUE + job_runs.ABANDONED + timedelta(seconds=1))


async def test_another_due_time_is_another_run(database: Database) -> None:
    assert await claim(database)
    later = DUE + timedelta(days=1)
    assert await database.write(lambda unit: job_runs.claim(unit, "care", later, later))


async def test_a_first_claim_by_many_at_once_goes_to_one(database: Database) -> None:
    claims = await asyncio.gather(*[claim(database) for _ in range(8)], return_exceptions=True)
    assert [each for each in claims if each is True] == [True]
    assert not [each for each in claims if isinstance(each, BaseException)]
