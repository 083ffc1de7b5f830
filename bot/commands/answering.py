"""The knowledge base for commands that only ask: what is published where there is a database, else the packaged one."""

from bot.errors import SettingsWrong, StorageError
from bot.settings import Settings, sqlite_file
from services.knowledge.knowledge import Knowledge


async def published(settings: Settings) -> Knowledge:
    """Nothing is written: a file that is not there is not made."""
    if settings.on_sqlite and not sqlite_file(settings.database_url).exists():
        return Knowledge.from_seeds()
    try:
        return await _published(settings)
    except (StorageError, SettingsWrong):
        return Knowledge.from_seeds()


async def _published(settings: Settings) -> Knowledge:
    from bot.app.keys import open_database  # half a second that asking without a database should not cost
    from services.knowledge.published import Published

    database = open_database(settings)
    try:
        return (await Published.load(database)).current
    finally:
        database.close()
