"""The timetable: every job of the clock."""

from dataclasses import dataclass

from bot.clock import Clock
from scheduler import (
    answers,
    assessments,
    audit,
    broadcasts,
    calendars,
    care,
    erasures,
    figures,
    housekeeping,
    imports,
    intakes,
    media,
    reservations,
    reviews,
    segments,
)
from scheduler.timetable import Job
from services.audit.heads import Heads
from services.broadcasts import Broadcasts
from services.calendars import Calendars
from services.care import Care
from services.imports.files import ImportFiles
from services.intakes import Intakes
from services.media.library import Library
from services.suitability.reminders import Reminders
from storage.unit import Database


@dataclass(frozen=True)
class Duties:
    """What the jobs work with."""

    database: Database
    clock: Clock
    care: Care
    broadcasts: Broadcasts
    intakes: Intakes
    calendars: Calendars
    library: Library
    imports: ImportFiles
    heads: Heads
    reminders: Reminders


def timetable(duties: Duties) -> tuple[Job, ...]:
    """All jobs, in no particular order."""
    return (
        care.job(duties.database, duties.care, duties.calendars),
        broadcasts.job(duties.database, duties.broadcasts),
        intakes.job(duties.database, duties.intakes, duties.clock),
        housekeeping.job(duties.database, duties.clock),
        calendars.job(duties.database, duties.calendars, duties.clock),
        erasures.job(duties.database, duties.clock),
        media.job(duties.library),
        imports.job(duties.imports),
        answers.job(duties.database, duties.clock),
        reviews.job(duties.database, duties.clock),
        reservations.job(duties.database, duties.clock),
        segments.job(duties.database),
        audit.seals(duties.database),
        audit.heads(duties.database, duties.heads, duties.clock),
        assessments.job(duties.database, duties.reminders),
        figures.job(duties.database, duties.clock),
    )
