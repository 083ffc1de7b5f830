"""The clockwork with its timetable."""

from bot.app.rooms import Rooms
from scheduler.clockwork import Clockwork
from storage.leader import leadership


def clockwork(rooms: Rooms) -> Clockwork:
    """The jobs of the clock, run by whichever process leads."""
    return Clockwork(rooms.database, rooms.clock, leadership(rooms.settings.database_url), ())
