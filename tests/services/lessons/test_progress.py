"""What clients completed, on each database: the best result stays, and is whose record it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.vocabulary import Interest
from services import preferences
from services.lessons import library, progress
from services.lessons.progress import Completion
from storage.repositories import clients, lessons
from storage.repositories.clients import NewClient
from storage.unit import Database, Unit

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LIBRARY = library.packaged()


def two(unit: Unit) -> list[int]:
    """Two clients."""
    new = [NewClient(number=number, name="王小明", salutation="", phone="", identity="") for number in ("C1", "C2")]
    found = clients.enrol(unit, new, NOW)
    return [found["C1"], found["C2"]]


async def test_the_best_result_stays(database: Database) -> None:
    one, _ = await database.write(two)
    poor = Completion(one, "fund-nav", "1", 1, 3, NOW)
    good = replace(poor, score=3, completed_at=NOW + DAY)
    again = replace(good, version="2", completed_at=NOW + 3 * DAY)
    shorter = replace(again, version="3", score=1, questions=2)
    for result in (poor, good, replace(poor, completed_at=NOW + 2 * DAY), again, shorter):
        await database.write(lambda unit, result=result: progress.complete(unit, result))  # type: ignore[misc]
    assert await database.read(lambda unit: lessons.completed(unit, one)) == {"fund-nav": again}


async def test_of_two_records_the_better_result_stays(database: Database) -> None:
    one, into = await database.write(two)
    results = {
        Completion(one, "fund-nav", "1", 3, 3, NOW),
        Completion(into, "fund-nav", "1", 2, 3, NOW),
        Completion(one, "fund-etf", "1", 1, 3, NOW),
        Completion(into, "fund-etf", "1", 2, 3, NOW),
    }

    def hung(unit: Unit) -> None:
        for result in results:
            progress.complete(unit, result)
        lessons.keep_better(unit, one, into)

    await database.write(hung)
    kept = await database.read(lambda unit: lessons.completed(unit, into))
    assert {name: result.score for name, result in kept.items()} == {"fund-etf": 2}


async def test_courses_on_a_client_s_own_subjects_come_first(database: Database) -> None:
    one, _ = await database.write(two)
    await database.write(lambda unit: preferences.toggle(unit, one, Interest.FRAUD, NOW))
    await database.write(lambda unit: preferences.toggle(unit, one, Interest.BONDS, NOW))

    def first(unit: Unit, client_id: int | None) -> list[str]:
        return [course.id for course in progress.courses_for(unit, LIBRARY, client_id)][:3]

    assert await database.read(lambda unit: first(unit, one)) == ["bond-repo", "anti-fraud", "stock-basics"]
    assert await database.read(lambda unit: first(unit, None)) == ["stock-basics", "fund-basics", "bond-repo"]


def test_the_next_lesson_is_the_first_after_it_that_is_not_done() -> None:
    course = LIBRARY.courses[0]
    own = LIBRARY.of(course)
    every = {one.id for one in own}
    known = (set[str](), {own[5].id}, every, every - {own[0].id}, None)
    following = [progress.next_lesson(LIBRARY, own[4], done) for done in known]
    assert [one.id if one else None for one in following] == [own[5].id, own[0].id, None, own[0].id, own[5].id]
    assert progress.next_lesson(LIBRARY, own[5], None) is None
