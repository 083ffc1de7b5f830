"""What became of questions is summed up once, by the branch's days."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert

from bot.vocabulary import AnswerKind, Purpose
from scheduler import answers
from storage.models import DeliveryRow
from storage.repositories import answer_sums
from storage.repositories.answer_sums import Place, Span
from storage.unit import Unit
from tests.outreach import Desk
from tests.services.delivery.office import NOON

TODAY = date(2026, 11, 23)
WEEK = Span(TODAY - timedelta(days=6), TODAY)
HIT, PICKED, MISS = AnswerKind.ANSWERED, AnswerKind.PICKED, AnswerKind.UNKNOWN


def said(
    unit: Unit, kind: AnswerKind | None, at: datetime, entry: str | None = "hours", channel: str = "wechat"
) -> int:
    """One reply, as it is stored with a turn; gives its number."""
    values = {
        "key": f"{kind}{at}{entry}{channel}",
        "purpose": Purpose.REPLY,
        "priority": 0,
        "text_key": "answer",
        "channel": channel,
        "answer_kind": kind,
        "entry_id": entry,
        "created_at": at,
        "not_before": at,
    }
    made = unit.session.execute(insert(DeliveryRow).values(values).returning(DeliveryRow.id))
    return int(made.scalar_one())


def before(**span: float) -> datetime:
    return NOON - timedelta(**span)


async def run(desk: Desk) -> str:
    return await answers.job(desk.database, desk.office.clock).run(NOON)


async def test_replies_are_counted_once_by_the_branchs_day(desk: Desk) -> None:
    def talk(unit: Unit) -> None:
        said(unit, HIT, before(hours=18))  # late in the evening of the branch's day before
        said(unit, HIT, before(minutes=9))
        said(unit, HIT, before(minutes=8), channel="telegram")
        said(unit, MISS, before(minutes=7), None)
        said(unit, None, before(minutes=6))

    await desk.database.write(talk)
    assert [await run(desk), await run(desk)] == ["counted=4", "counted=0"]
    days = await desk.database.read(lambda unit: answer_sums.by_day(unit, WEEK))
    assert days == {(TODAY - timedelta(days=1), HIT): 1, (TODAY, HIT): 2, (TODAY, MISS): 1}
    await desk.database.write(lambda unit: said(unit, PICKED, before(minutes=5)))
    assert await run(desk) == "counted=1"
    entries = await desk.database.read(lambda unit: answer_sums.by_entry(unit, WEEK))
    assert entries == {("hours", HIT): 3, ("hours", PICKED): 1}
    channels = await desk.database.read(lambda unit: answer_sums.by_channel(unit, Span(TODAY, TODAY, "telegram")))
    assert channels == {("telegram", HIT): 1}


async def test_what_was_said_just_now_waits(desk: Desk) -> None:
    await desk.database.write(lambda unit: said(unit, HIT, before(minutes=1)))
    await desk.database.write(lambda unit: said(unit, HIT, before(seconds=5)))
    assert [await run(desk), await run(desk)] == ["counted=1", "counted=0"]
    assert await desk.database.read(lambda unit: answer_sums.as_of(unit, NOON)) == NOON - answers.SETTLED
    desk.office.clock.move(timedelta(minutes=1))
    assert await run(desk) == "counted=1"
    assert await desk.database.read(lambda unit: answer_sums.as_of(unit, NOON)) == NOON


async def test_long_tables_are_counted_in_stretches(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_sums, "LENGTH", 2)
    await desk.database.write(lambda unit: [said(unit, HIT, before(minutes=n)) for n in range(2, 7)] and None)
    assert await run(desk) == "counted=5"


async def test_a_stretch_that_somebody_else_added_is_left_alone(desk: Desk) -> None:
    await desk.database.write(lambda unit: said(unit, HIT, before(minutes=1)))
    stretch = await desk.database.read(lambda unit: answer_sums.following(unit, NOON))
    assert stretch is not None
    assert stretch.numbers == {Place(TODAY, "wechat", HIT, "hours"): 1}
    added = [await desk.database.write(lambda unit: answer_sums.add(unit, stretch, NOON)) for _ in range(2)]
    assert added == [True, False]
    assert await desk.database.read(lambda unit: answer_sums.by_day(unit, WEEK)) == {(TODAY, HIT): 1}
