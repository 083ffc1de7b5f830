"""Clients who answer the sample questionnaire."""

from datetime import datetime

from services.suitability import assessments, questionnaires
from services.suitability.assessments import Asked, Asking, Progress
from storage.unit import Unit

PLAIN = dict(zip((f"q{n:02}" for n in range(1, 17)), "ADDCCCDCCCCCCCCC", strict=True))
"""One who is 18 to 50 and comes out as C4."""


def begun(unit: Unit, client_id: int, now: datetime, staff_id: int | None = None) -> Progress:
    """The sample in use, and its first question; with a member of staff it is asked at the counter."""
    questionnaires.take(unit, questionnaires.packaged(), "test", now)
    return assessments.begin(unit, Asking(client_id, "webchat", now, staff_id))


def answered(unit: Unit, step: Progress, now: datetime, **others: str) -> Progress:
    """All that is asked, answered as in PLAIN save for `others`."""
    while isinstance(step, Asked):
        key = (PLAIN | others)[step.question.id]
        step = assessments.answer(unit, step.run, step.question.id, key, now)
    return step
