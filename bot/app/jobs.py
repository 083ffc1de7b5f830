"""The clockwork with its timetable."""

from pathlib import Path

from bot.app.outreach import outreach
from bot.app.rooms import Rooms
from scheduler.clockwork import Clockwork
from scheduler.jobs import Duties, timetable
from services.audit.heads import Heads
from services.suitability.reminders import Reminders
from storage.leader import leadership


def clockwork(rooms: Rooms) -> Clockwork:
    """The jobs of the clock, run by whichever process leads."""
    made = outreach(rooms.delivery, rooms.texts, rooms.calendars, rooms.clock)
    duties = Duties(
        database=rooms.database,
        clock=rooms.clock,
        care=made.care,
        broadcasts=made.broadcasts,
        intakes=rooms.services.intakes,
        calendars=made.calendars,
        library=rooms.library,
        imports=rooms.imports,
        heads=Heads(Path(told) if (told := rooms.settings.audit.heads) else None),
        reminders=Reminders(rooms.delivery.submit),
    )
    claim = leadership(rooms.settings.database_url)
    return Clockwork(rooms.database, rooms.clock, claim, timetable(duties))
