"""Nightly: pictures and files whose time of keeping is over, and uploads that came without a message."""

from datetime import datetime, time

from scheduler.timetable import Daily, Job
from services.media.library import Library

AT = time(3, 40)


def job(library: Library) -> Job:
    """Remove them; a store out of reach fails the run, which is claimed again."""

    async def run(_due_at: datetime) -> str:
        return f"removed={await library.remove_past()}"

    return Job("media", Daily(AT), run)
