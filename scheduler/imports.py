"""Tables that staff sent in and nobody went on with, and the bad rows of those that were taken: they go in time."""

from datetime import datetime, timedelta

from scheduler.timetable import Every, Job
from services.imports.files import ImportFiles

SPAN = timedelta(minutes=10)


def job(files: ImportFiles) -> Job:
    """Remove what was kept long enough; a store out of reach fails the run, and the next one goes on."""

    async def run(_due_at: datetime) -> str:
        return f"removed={await files.remove_past()}"

    return Job("imports", Every(SPAN), run)
