"""Assessments at the counter: a member of staff asks, the client answers, and somebody else settles what is in doubt.

Staff enter what they hear; a result holds when the client has confirmed it, as in a chat. What was referred to staff,
from a chat or from the counter, is settled by compliance or the head, never by whoever asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Action, AnsweredBy, AssessmentState, ClientState, Purpose, RiskLevel
from services import audit
from services.audit import Deed
from services.delivery.submission import Submission, ToClient
from services.staff import demand
from services.suitability import assessments, questionnaires
from services.suitability.assessments import Asked, Asking, Progress
from services.suitability.matrix import packaged
from services.suitability.questionnaire import Questionnaire
from storage.repositories import assessments as rows
from storage.repositories import clients
from storage.repositories import staff as staff_rows
from storage.repositories.assessments import Assessment
from storage.repositories.staff import Staff
from storage.unit import Unit

COUNTER = "counter"
SHOWN = 20
"""Assessments shown of a client, the newest first."""

LONGEST_REASON = 200
_LEFT = frozenset({ClientState.CLOSED, ClientState.DECEASED})


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a client answered to a member of staff; `insists`: they hold to answers that do not fit together."""

    client_id: int
    answers: Mapping[str, str]
    answered_by: AnsweredBy
    insists: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of an assessment that was referred, and why."""

    assessment_id: int
    accepted: bool
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One assessment as staff see it; the answers are not shown."""

    one: Assessment
    asked_by: str | None
    settled_by: str | None


def lines(unit: Unit, client_id: int) -> list[Line]:
    """A client's assessments, the newest first."""
    found = rows.of_client(unit, client_id, SHOWN)
    return [Line(each, _name(unit, each.staff_id), _name(unit, each.settled_by)) for each in found]


def asked_now(unit: Unit) -> Questionnaire | None:
    """The version that is asked now."""
    return questionnaires.in_use(unit)


def record(unit: Unit, staff: Staff, sheet: Sheet) -> Progress:
    """Enter a whole sheet. Refused, and nothing kept, where an answer is missing or answers contradict one another."""
    client = clients.by_id(unit, sheet.client_id)
    demand(staff, Action.ASK_ASSESSMENT, own=client is not None and staff.has(*client.keepers))
    if client is None or client.state in _LEFT:
        raise Refused("assessment_client_gone")
    asking = Asking(client.id, COUNTER, sheet.at, staff.id, sheet.answered_by)
    step = assessments.begin(unit, asking)
    while isinstance(step, Asked):
        key = sheet.answers.get(step.question.id, "")
        if step.question.option(key) is None:
            raise Refused("assessment_incomplete", number=step.number)
        if step.again and not sheet.insists:
            raise Refused("assessment_contradiction", number=step.number)
        step = assessments.answer(unit, step.run, step.question.id, key, sheet.at)
    return step


def confirm(unit: Unit, staff: Staff, assessment_id: int, at: datetime) -> Assessment:
    """The client confirmed the result at the counter: from now on it holds."""
    return assessments.confirm(unit, _proposed(unit, staff, assessment_id), at, staff.id)


def notice(run: Assessment) -> Submission:
    """What the client is told of a result that was recorded for them, with what it means."""
    level = run.level or RiskLevel.C1_MIN
    lowest = level is RiskLevel.C1_MIN
    until = run.valid_until.isoformat() if run.valid_until else ""
    said = {"valid_until": until, "range": " / ".join(sorted(packaged().levels[level]))}
    said |= {} if lowest else {"level": level.value}
    return Submission(
        key=f"assessed:{run.id}",
        purpose=Purpose.SERVICE_NOTICE,
        to=ToClient(run.client_id),
        text_key="risk_recorded_min" if lowest else "risk_recorded",
        parameters=said,
        personal=frozenset(said),
    )


def decline(unit: Unit, staff: Staff, assessment_id: int, at: datetime) -> Assessment:
    """The client did not agree with the result at the counter."""
    return assessments.decline(unit, _proposed(unit, staff, assessment_id), at, staff.id)


def settle(unit: Unit, staff: Staff, wanted: Settlement) -> Assessment:
    """Let a referred result hold, or not; without a result only a new assessment helps."""
    demand(staff, Action.SETTLE_ASSESSMENT)
    run, reason = rows.claim(unit, wanted.assessment_id), " ".join(wanted.reason.split())[:LONGEST_REASON]
    if run is None or run.state is not AssessmentState.REFERRED:
        raise Conflict("assessment_over")
    if run.staff_id == staff.id:
        raise NotPermitted("assessment_own")
    if not reason:
        raise Refused("reason_missing")
    settled = replace(run, settled_by=staff.id)
    detail = {"assessment": run.id, "accepted": wanted.accepted}
    audit.record(unit, Deed("assessment.settle", f"client:{run.client_id}", wanted.at, staff.id, detail, reason))
    if wanted.accepted:
        return assessments.put_into_force(unit, settled, wanted.at, staff.id)
    return assessments.reject(unit, settled, wanted.at)


def _proposed(unit: Unit, staff: Staff, assessment_id: int) -> Assessment:
    """One asked at the counter whose result waits for the client; a chat's is the client's own to confirm."""
    run = rows.claim(unit, assessment_id)
    if run is None or run.state is not AssessmentState.PROPOSED or run.channel != COUNTER:
        raise Conflict("assessment_over")
    client = clients.by_id(unit, run.client_id)
    demand(staff, Action.ASK_ASSESSMENT, own=client is not None and staff.has(*client.keepers))
    return run


def _name(unit: Unit, staff_id: int | None) -> str | None:
    found = staff_rows.by_id(unit, staff_id) if staff_id is not None else None
    return found.name if found else None
