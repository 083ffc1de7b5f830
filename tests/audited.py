"""The audit trail as those read it who may."""

from storage.repositories import audit_lists
from storage.repositories.audit_lists import Line, Wanted
from storage.unit import Database


async def deeds(database: Database, action: str = "", thing: str = "") -> list[Line]:
    """The entries whose action and object begin so, the oldest first."""
    wanted = Wanted(action=action, object=thing)
    return await database.read(lambda unit: audit_lists.following(unit, wanted, 0, 1000))
