"""The versions of the questionnaire: imported, kept for ever, and one of them asked."""

from datetime import datetime, timedelta

from bot.errors import Refused
from services import audit
from services.audit import Deed
from services.suitability.questionnaire import Questionnaire
from storage import seeds
from storage.repositories import questionnaires as rows
from storage.repositories.holds import Matter, hold
from storage.repositories.questionnaires import Version
from storage.unit import Unit

PACKAGED = "suitability/questionnaire.yaml"
"""A sample, for the demo branch and for tests; a firm's own takes its place."""

INSTANT = timedelta(microseconds=1)
"""Two versions never begin to be used at the same instant: which one is asked would be left to the database."""


def take(unit: Unit, found: Questionnaire, imported_by: str, now: datetime) -> bool:
    """Import a version and ask it from now on; False where it is the one in use already.

    Refused where the version is known with other content: what clients answered must stay what it was.
    """
    hold(unit, Matter.QUESTIONNAIRES)
    known, current = rows.of(unit, found.version), rows.in_use(unit)
    content = found.model_dump(mode="json", by_alias=True)
    if known is not None and Questionnaire.model_validate(known.content) != found:
        raise Refused("questionnaire_changed", version=found.version)
    if current is not None and current.version == found.version:
        return False
    used_from = now if current is None else max(now, current.used_from + INSTANT)
    if known is None:
        rows.add(unit, Version(found.version, content, imported_by, now, used_from))
    else:
        rows.put_to_use(unit, found.version, used_from)
    audit.record(unit, Deed("questionnaire.use", f"questionnaire:{found.version}", now, detail={"by": imported_by}))
    return True


def in_use(unit: Unit) -> Questionnaire | None:
    """What is asked now; None where the branch has imported none."""
    current = rows.in_use(unit)
    return None if current is None else _read(current)


def of(unit: Unit, version: str) -> Questionnaire:
    """The version that somebody answered."""
    known = rows.of(unit, version)
    if known is None:
        raise LookupError(version)
    return _read(known)


def packaged() -> Questionnaire:
    """The sample."""
    return Questionnaire.model_validate(seeds.read(PACKAGED))


def _read(version: Version) -> Questionnaire:
    return Questionnaire.model_validate(version.content)
