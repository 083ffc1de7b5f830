"""A client's assessment from the first question to the result that holds.

A result changes nothing before the client has confirmed it. Where the answers do not fit what the branch knows, staff
look first; until they have, nothing rests on the former result either, so that the client gets service, education and
risk warnings only. Nobody is told which answer leads where, and nobody but the client may choose.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.clock import branch_date, branch_time
from bot.errors import Conflict, Refused
from bot.vocabulary import AnsweredBy, AssessmentState, CheckAction, ClientFacts, RiskLevel
from services import audit
from services.audit import Deed
from services.suitability import questionnaires, reminders
from services.suitability.questionnaire import Check, Question, Questionnaire
from storage.repositories import assessments as rows
from storage.repositories import facts
from storage.repositories.assessments import Assessment
from storage.repositories.holds import Matter, hold
from storage.unit import Unit

__all__ = ["Assessment"]

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Asking:
    """An assessment wanted: of whom, where, and for one at the counter by whom."""

    client_id: int
    channel: str
    at: datetime
    staff_id: int | None = None
    answered_by: AnsweredBy = AnsweredBy.CLIENT


@dataclass(frozen=True, slots=True)
class Asked:
    """The next question; `again` where answers did not fit together and are asked for once more."""

    run: Assessment
    question: Question
    number: int
    total: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class Hasty:
    """All is answered, faster than questions can be read: the client says that they read them, or begins anew."""

    run: Assessment


@dataclass(frozen=True, slots=True)
class Proposed:
    """The result, which the client has to confirm."""

    run: Assessment


@dataclass(frozen=True, slots=True)
class Referred:
    """Staff have to look first; `check` is why."""

    run: Assessment
    check: str


Progress = Asked | Hasty | Proposed | Referred


def begin(unit: Unit, asking: Asking) -> Progress:
    """Begin anew; one that was not finished ends. Refused without a questionnaire and beyond the limits.

    While staff have to settle a client's answers only staff may ask anew, or other answers would make up for them.
    """
    asked = questionnaires.in_use(unit)
    if asked is None:
        raise Refused("assessment_no_questionnaire")
    hold(unit, Matter.ASSESSMENTS, asking.client_id)
    demand_within_limits(unit, asked, asking.client_id, asking.at)
    if asking.staff_id is None and rows.waits(unit, asking.client_id):
        raise Refused("assessment_waits")
    for earlier in rows.open_of(unit, asking.client_id):
        _end(unit, earlier, AssessmentState.CANCELLED, asking.at)
    blank = Assessment(
        id=0,
        client_id=asking.client_id,
        version=asked.version,
        state=AssessmentState.RUNNING,
        channel=asking.channel,
        started_at=asking.at,
        touched_at=asking.at,
        staff_id=asking.staff_id,
        answered_by=asking.answered_by,
    )
    return _weighed(unit, replace(blank, id=rows.add(unit, blank)), asked, asking.at)


def demand_within_limits(unit: Unit, asked: Questionnaire, client_id: int, now: datetime) -> None:
    """Refused where the client has got as many results as the version allows in a day or a year."""
    midnight = branch_time(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today, year = rows.scored_since(unit, client_id, [midnight, now - YEAR])
    if today >= asked.limits.per_day or year >= asked.limits.per_year:
        raise Refused("assessment_limit", per_day=asked.limits.per_day, per_year=asked.limits.per_year)


def open_one(unit: Unit, client_id: int, now: datetime) -> Assessment | None:
    """The one that may be gone on with, if it is not too old."""
    found = next(iter(rows.open_of(unit, client_id)), None)
    if found is None:
        return None
    return found if _kept(unit, found, now) else None


def go_on(unit: Unit, run: Assessment, now: datetime) -> Progress:
    """Where an open one stands."""
    if run.state is AssessmentState.PROPOSED:
        return Proposed(run)
    return _weighed(unit, run, questionnaires.of(unit, run.version), now)


def answer(unit: Unit, run: Assessment, question_id: str, key: str, now: datetime) -> Progress:
    """Take an answer; one to a question that is not the next one changes nothing."""
    asked = questionnaires.of(unit, run.version)
    question = asked.next_after(run.answers)
    fits = question is not None and question.id == question_id and question.option(key) is not None
    if run.state is not AssessmentState.RUNNING or not fits:
        return go_on(unit, run, now)
    return _weighed(unit, replace(run, answers={**run.answers, question_id: key}, touched_at=now), asked, now)


def insist(unit: Unit, run: Assessment, now: datetime) -> Progress:
    """The client says that the quick answers are honest; before all are given it changes nothing."""
    asked = questionnaires.of(unit, run.version)
    if run.state is not AssessmentState.RUNNING or asked.next_after(run.answers) is not None:
        return go_on(unit, run, now)
    pace = tuple(check.id for check in asked.checks if check.seconds is not None and check.id not in run.checks)
    return _weighed(unit, replace(run, checks=(*run.checks, *pace), touched_at=now), asked, now)


def confirm(unit: Unit, run: Assessment, now: datetime, by: int | None = None) -> Assessment:
    """The client confirms the result: from now on it holds. Conflict where it is no longer proposed.

    `by` is the member of staff who notes it at the counter.
    """
    if run.state is not AssessmentState.PROPOSED:
        raise Conflict("assessment_over")
    return put_into_force(unit, run, now, by)


def put_into_force(unit: Unit, run: Assessment, now: datetime, by: int | None = None) -> Assessment:
    """Let a result hold. Conflict where it has none, or where a later one was decided on."""
    if run.level is None or run.valid_until is None:
        raise Conflict("assessment_unfinished")
    if rows.decided_since(unit, run):
        raise Conflict("assessment_outdated")
    _withdraw_reminders(unit, run.client_id, now)
    rows.hold(unit, run.client_id, run.level, run.valid_until, now)
    done = _end(unit, run, AssessmentState.CONFIRMED, now)
    audit.record(unit, _deed("assessment.confirm", done, now, by))
    return done


def decline(unit: Unit, run: Assessment, now: datetime, by: int | None = None) -> Assessment:
    """The client does not agree with the result, or stops: what held before holds.

    `by` is the member of staff who notes it at the counter.
    """
    if run.state is not AssessmentState.PROPOSED:
        return _end(unit, run, AssessmentState.CANCELLED, now)
    audit.record(unit, _deed("assessment.decline", run, now, by))
    return _end(unit, run, AssessmentState.DECLINED, now)


def reject(unit: Unit, run: Assessment, now: datetime) -> Assessment:
    """Staff do not let a referred result hold; the client stays without one."""
    return _end(unit, run, AssessmentState.DECLINED, now)


def claim(unit: Unit, assessment_id: int, client_id: int, now: datetime) -> Assessment | None:
    """A client's own open assessment, held until the transaction ends; None for another's, one over or too old."""
    hold(unit, Matter.ASSESSMENTS, client_id)
    found = rows.claim(unit, assessment_id)
    if found is None or found.client_id != client_id or found.state not in rows.OPEN:
        return None
    return found if _kept(unit, found, now) and not rows.decided_since(unit, found) else None


def is_elder(unit: Unit, client_id: int, elder_age: int, now: datetime) -> bool:
    """Whether the client is known to be of the age that gets no products."""
    age = facts.people(unit, [client_id], (), now)[client_id].facts.age
    return age is not None and age >= elder_age


def _weighed(unit: Unit, run: Assessment, asked: Questionnaire, now: datetime) -> Progress:
    """What comes next, with all that was said so far."""
    client = facts.people(unit, [run.client_id], (), now)[run.client_id].facts
    fired = next((check for check in asked.checks if _fires(check, run, asked, client, now)), None)
    if fired is None:
        return _stepped(unit, run, asked, now)
    if fired.action is CheckAction.TO_STAFF or fired.id in run.checks:
        return _refer(unit, run, asked, fired, now)
    if fired.seconds is not None:
        rows.save(unit, run)
        return Hasty(run)
    left = {name: key for name, key in run.answers.items() if name not in fired.answers}
    step = _stepped(unit, replace(run, answers=left, checks=(*run.checks, fired.id)), asked, now)
    return replace(step, again=True) if isinstance(step, Asked) else step


def _fires(check: Check, run: Assessment, asked: Questionnaire, client: ClientFacts, now: datetime) -> bool:
    """Whether a check has something against it; at the counter staff are there already, and nobody is too fast."""
    if run.staff_id is not None and (check.seconds or check.younger_than or _for_staff(check)):
        return False
    if check.answers:
        return all(run.answers.get(name) == key for name, key in check.answers.items())
    if check.younger_than is not None:
        return client.age is not None and client.age < check.younger_than
    if check.age_question is not None:
        return _other_age(run, asked, check.age_question, client.age)
    if asked.next_after(run.answers) is not None or check.id in run.checks:
        return False
    if check.seconds is not None:
        return now - run.started_at < timedelta(seconds=check.seconds)
    former = client.risk_level
    return former is not None and abs(_rung(asked.level(run.answers)) - _rung(former)) >= (check.levels or 0)


def _for_staff(check: Check) -> bool:
    return bool(check.answers) and check.action is CheckAction.TO_STAFF


def _other_age(run: Assessment, asked: Questionnaire, name: str, age: int | None) -> bool:
    """Whether an answer names another age than the one on record; an unknown age cannot differ."""
    question = asked.question(name)
    chosen = question.option(run.answers.get(name, "")) if question else None
    if chosen is None or not chosen.ages or age is None:
        return False
    return not any(first <= age <= last for first, last in chosen.ages)


def _rung(level: RiskLevel) -> int:
    """The lowest class stands on the rung of C1."""
    return max(list(RiskLevel).index(level), 1)


def _stepped(unit: Unit, run: Assessment, asked: Questionnaire, now: datetime) -> Progress:
    """The next question, or the result."""
    question = asked.next_after(run.answers)
    if question is not None:
        rows.save(unit, run)
        return Asked(run, question, asked.questions.index(question) + 1, len(asked.questions))
    done = replace(_scored(run, asked, now), state=AssessmentState.PROPOSED)
    rows.save(unit, done)
    return Proposed(done)


def _refer(unit: Unit, run: Assessment, asked: Questionnaire, check: Check, now: datetime) -> Referred:
    """Hand it to staff and let nothing rest on the former result until they have decided."""
    whole = run if asked.next_after(run.answers) else _scored(run, asked, now)
    checks = tuple(dict.fromkeys((*run.checks, check.id)))
    referred = replace(whole, state=AssessmentState.REFERRED, checks=checks, touched_at=now)
    rows.save(unit, referred)
    _withdraw_reminders(unit, run.client_id, now)
    rows.suspend(unit, run.client_id, branch_date(now) - timedelta(days=1), now)
    audit.record(unit, _deed("assessment.refer", referred, now, run.staff_id))
    return Referred(referred, check.id)


def _withdraw_reminders(unit: Unit, client_id: int, now: datetime) -> None:
    """Nobody is reminded of the end of a result that rests or is replaced."""
    former = facts.people(unit, [client_id], (), now)[client_id].facts.risk_valid_until
    if former is not None:
        reminders.withdraw(unit, client_id, former, now)


def _scored(run: Assessment, asked: Questionnaire, now: datetime) -> Assessment:
    return replace(
        run,
        score=asked.score(run.answers),
        level=asked.level(run.answers),
        records=asked.records(run.answers),
        valid_until=branch_date(now) + timedelta(days=asked.valid_days),
        scored_at=now,
        touched_at=now,
    )


def _end(unit: Unit, run: Assessment, state: AssessmentState, now: datetime) -> Assessment:
    ended = replace(run, state=state, touched_at=now, ended_at=now)
    rows.save(unit, ended)
    return ended


def _kept(unit: Unit, run: Assessment, now: datetime) -> bool:
    """Whether one that was broken off, or not confirmed, may still be gone on with."""
    return now - run.touched_at < timedelta(hours=questionnaires.of(unit, run.version).keep_hours)


def _deed(action: str, run: Assessment, now: datetime, by: int | None) -> Deed:
    """Which level came out does not stand in the deed, it is the client's."""
    detail: dict[str, str | int | bool | None] = {"assessment": run.id, "version": run.version}
    return Deed(action, f"client:{run.client_id}", now, by, detail)
