"""Whether a server works on a database."""

from bot.settings import Settings, sqlite_file
from storage.leader import FileLeadership, Leadership, leadership


def sole_lock(settings: Settings) -> FileLeadership:
    """The lock that keeps a SQLite file to one server."""
    return FileLeadership(sqlite_file(settings.database_url).with_suffix(".serving"))


def served(settings: Settings) -> bool:
    """Whether somebody holds what a server holds."""
    lock: Leadership = sole_lock(settings) if settings.on_sqlite else leadership(settings.database_url)
    free = lock.take()
    lock.yield_up()
    return not free
