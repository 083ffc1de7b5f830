"""From the first question to the result that holds."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import select, update

from bot.clock import MovableClock
from bot.errors import Conflict, Refused
from bot.vocabulary import AssessmentState, RiskLevel, Role
from services.suitability import assessments, questionnaires
from services.suitability.assessments import Asked, Asking, Hasty, Progress, Proposed, Referred
from storage.models import AssessmentRow, AuditRow, ClientRow
from storage.repositories import assessments as rows
from storage.repositories import staff
from storage.repositories.staff import NewStaff
from storage.unit import Database, Unit
from tests.handlers.rig import Branch
from tests.services.suitability.answering import answered, begun

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LATER = START + timedelta(minutes=5)
T = TypeVar("T")


class Counter:
    """One client, and what is on their record."""

    def __init__(self, database: Database, client_id: int) -> None:
        self.database, self.client_id = database, client_id

    async def write(self, work: Callable[[Unit], T]) -> T:
        return await self.database.write(work)

    async def known(self, **columns: Any) -> None:
        change = update(ClientRow).where(ClientRow.id == self.client_id).values(columns)
        await self.write(lambda unit: unit.session.execute(change) and None)

    async def record(self) -> tuple[RiskLevel | None, date | None]:
        wanted = select(ClientRow.risk_level, ClientRow.risk_valid_until).where(ClientRow.id == self.client_id)
        row = await self.database.read(lambda unit: unit.session.execute(wanted).one())
        return row.risk_level, row.risk_valid_until

    async def answered(self, now: datetime = LATER, **others: str) -> Progress:
        return await self.write(
            lambda unit: answered(unit, begun(unit, self.client_id, now - timedelta(minutes=5)), now, **others)
        )


@pytest.fixture
async def one(database: Database, clock: MovableClock) -> Counter:
    return Counter(database, await Branch(database, clock).client())


async def test_a_confirmed_result_holds_for_its_time(one: Counter) -> None:
    step = await one.answered()
    assert isinstance(step, Proposed)
    assert await one.record() == (None, None)
    done = await one.write(lambda unit: assessments.confirm(unit, step.run, LATER))
    assert (done.state, done.score, done.level, done.version) == (
        AssessmentState.CONFIRMED,
        77,
        RiskLevel.C4,
        "sample-1",
    )
    assert await one.record() == (RiskLevel.C4, date(2028, 11, 22))
    with pytest.raises(Conflict):
        await one.write(lambda unit: assessments.confirm(unit, done, LATER))


async def test_answers_are_kept_sealed_with_version_score_time_and_channel(one: Counter) -> None:
    await one.answered()
    row = await one.database.read(lambda unit: unit.session.scalars(select(AssessmentRow)).one())
    assert b"q05" not in row.answers_sealed
    assert (row.version, row.score, row.channel, row.scored_at) == ("sample-1", 77, "webchat", LATER)
    (kept,) = await one.database.read(lambda unit: rows.of_client(unit, one.client_id, 5))
    assert kept.answers["q05"] == "C"


async def test_a_declined_result_changes_nothing(one: Counter) -> None:
    await one.known(risk_level=RiskLevel.C3, risk_valid_until=date(2027, 1, 1))
    step = await one.answered()
    done = await one.write(lambda unit: assessments.decline(unit, step.run, LATER))
    assert done.state is AssessmentState.DECLINED
    assert await one.record() == (RiskLevel.C3, date(2027, 1, 1))


@pytest.mark.parametrize(
    ("columns", "others", "check", "scored"),
    [
        ({}, {"q01": "B"}, "capacity", False),
        ({"birth_year": 2010, "birth_month": 1, "birth_day": 1}, {}, "minor", False),
        ({"birth_year": 1950, "birth_month": 1, "birth_day": 1}, {}, "age", False),
        ({"risk_level": RiskLevel.C2}, {}, "jump", True),
        ({}, {"q13": "A", "q14": "D"}, "objective", False),
    ],
)
async def test_staff_look_first_and_nothing_rests_on_the_former_result(
    one: Counter, columns: dict[str, Any], others: dict[str, str], check: str, scored: bool
) -> None:
    await one.known(risk_valid_until=date(2027, 1, 1), **columns)
    step = await one.answered(LATER, **others)
    assert isinstance(step, Referred)
    assert (step.check, step.run.score is not None) == (check, scored)
    assert (await one.record())[1] == date(2026, 11, 22)


@pytest.mark.parametrize("level", [None, RiskLevel.C3, RiskLevel.C5])
async def test_a_result_one_level_from_the_last_is_no_jump(one: Counter, level: RiskLevel | None) -> None:
    await one.known(risk_level=level)
    assert isinstance(await one.answered(), Proposed)


async def test_the_age_on_record_and_the_answer_agree(one: Counter) -> None:
    await one.known(birth_year=1950, birth_month=1, birth_day=1)
    assert isinstance(await one.answered(q02="A"), Proposed)


async def test_answers_that_do_not_fit_together_are_asked_for_once_more(one: Counter) -> None:
    def first(unit: Unit) -> Progress:
        step = begun(unit, one.client_id, START)
        while isinstance(step, Asked) and not step.again:
            key = {"q09": "A", "q10": "D"}.get(step.question.id, "A")
            step = assessments.answer(unit, step.run, step.question.id, key, LATER)
        return step

    step = await one.write(first)
    assert isinstance(step, Asked)
    assert (step.question.id, step.again, "q10" in step.run.answers) == ("q09", True, False)
    assert isinstance(await one.write(lambda unit: answered(unit, step, LATER)), Proposed)


async def test_who_is_faster_than_one_reads_is_asked_whether_they_read(one: Counter) -> None:
    step = await one.write(lambda unit: answered(unit, begun(unit, one.client_id, START), START))
    assert isinstance(step, Hasty)
    assert isinstance(await one.write(lambda unit: assessments.go_on(unit, step.run, START)), Hasty)
    assert isinstance(await one.write(lambda unit: assessments.insist(unit, step.run, START)), Proposed)


async def test_only_the_next_question_takes_an_answer(one: Counter) -> None:
    def twice(unit: Unit) -> list[str]:
        step = begun(unit, one.client_id, START)
        shown = []
        for question, key in [("q02", "A"), ("q01", "Z"), ("q01", "A"), ("q01", "B")]:
            step = assessments.answer(unit, step.run, question, key, LATER)
            assert isinstance(step, Asked)
            shown.append(step.question.id)
        return shown

    assert await one.write(twice) == ["q01", "q01", "q02", "q02"]


async def test_a_day_has_three_results_and_a_year_ten(one: Counter) -> None:
    asking = Asking(one.client_id, "webchat", LATER)
    for _ in range(3):
        await one.answered()
    with pytest.raises(Refused, match="assessment_limit"):
        await one.write(lambda unit: assessments.begin(unit, asking))
    for day in range(1, 8):
        await one.answered(LATER + timedelta(days=day))
    with pytest.raises(Refused, match="assessment_limit"):
        await one.answered(LATER + timedelta(days=8))
    assert isinstance(await one.answered(LATER + timedelta(days=366)), Proposed)


async def test_one_that_was_broken_off_counts_for_nothing_and_can_be_gone_on_with(one: Counter) -> None:
    for _ in range(4):
        await one.write(lambda unit: begun(unit, one.client_id, START))
    states = await one.database.read(lambda unit: [each.state for each in rows.of_client(unit, one.client_id, 9)])
    assert states == [AssessmentState.RUNNING, *[AssessmentState.CANCELLED] * 3]
    soon, late = START + timedelta(hours=23), START + timedelta(hours=24)
    assert await one.database.read(lambda unit: assessments.open_one(unit, one.client_id, soon))
    assert await one.database.read(lambda unit: assessments.open_one(unit, one.client_id, late)) is None


async def test_nobody_goes_on_with_another_s(one: Counter) -> None:
    step = await one.write(lambda unit: begun(unit, one.client_id, START))
    assert await one.write(lambda unit: assessments.claim(unit, step.run.id, one.client_id + 1, LATER)) is None
    assert await one.write(lambda unit: assessments.claim(unit, step.run.id, one.client_id, LATER))


async def test_a_result_that_was_left_lying_is_not_confirmed_months_later(one: Counter) -> None:
    step = await one.answered()
    for hours, kept in ((23, True), (24, False), (9000, False)):
        now = LATER + timedelta(hours=hours)
        found = await one.write(lambda unit, at=now: assessments.claim(unit, step.run.id, one.client_id, at))  # type: ignore[misc]
        assert (found is not None) is kept


async def test_a_referred_result_gives_way_to_one_confirmed_later(one: Counter) -> None:
    await one.known(risk_level=RiskLevel.C2)
    referred = await one.answered()
    assert isinstance(referred, Referred)
    with pytest.raises(Refused, match="assessment_waits"):
        await one.answered(LATER + timedelta(hours=1))
    await one.known(risk_level=RiskLevel.C3)
    asker = await one.write(lambda unit: staff.add(unit, NewStaff("s1", "s1", [Role.RM], ""), START))
    step = await one.write(lambda unit: answered(unit, begun(unit, one.client_id, LATER, asker), LATER))
    await one.write(lambda unit: assessments.confirm(unit, step.run, LATER + timedelta(hours=1)))
    with pytest.raises(Conflict, match="assessment_outdated"):
        await one.write(lambda unit: assessments.put_into_force(unit, referred.run, LATER + timedelta(hours=2)))


async def test_nobody_says_beforehand_that_they_read_the_questions(one: Counter) -> None:
    def act(unit: Unit) -> Progress:
        step = assessments.insist(unit, begun(unit, one.client_id, START).run, START)
        return answered(unit, step, START)

    assert isinstance(await one.write(act), Hasty)


async def test_what_is_proposed_keeps_its_day(one: Counter) -> None:
    step = await one.answered()
    again = await one.write(lambda unit: assessments.insist(unit, step.run, LATER + timedelta(days=1)))
    assert again.run.valid_until == step.run.valid_until


async def test_without_a_questionnaire_nobody_is_assessed(one: Counter) -> None:
    with pytest.raises(Refused, match="assessment_no_questionnaire"):
        await one.write(lambda unit: assessments.begin(unit, Asking(one.client_id, "webchat", START)))


async def test_an_old_version_is_gone_on_with_as_it_was(one: Counter) -> None:
    step = await one.write(lambda unit: begun(unit, one.client_id, START))
    newer = questionnaires.packaged().model_copy(update={"version": "own-2", "valid_days": 1})
    await one.write(lambda unit: questionnaires.take(unit, newer, "t", LATER))
    ended = await one.write(lambda unit: answered(unit, step, LATER))
    assert (ended.run.version, ended.run.valid_until) == ("sample-1", date(2028, 11, 22))


async def test_the_deeds_name_the_version_and_no_level(one: Counter) -> None:
    step = await one.answered()
    await one.write(lambda unit: assessments.confirm(unit, step.run, LATER))
    wanted = select(AuditRow.action, AuditRow.detail).where(AuditRow.object == f"client:{one.client_id}")
    found = await one.database.read(lambda unit: [tuple(row) for row in unit.session.execute(wanted)])
    assert found == [("assessment.confirm", {"assessment": step.run.id, "version": "sample-1"})]
