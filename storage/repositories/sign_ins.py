"""Counting tries to sign in, by number: for numbers nobody has as for those of staff, so that neither can be told."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update

from storage.models import SignInTriesRow
from storage.unit import Unit
from storage.upserts import insertion

PLACE = "sign_in_tries.key"
"""Place under which numbers are hashed."""

_ROW = SignInTriesRow


def locked_until(unit: Unit, number: str) -> datetime | None:
    """Until when a number was locked; None where it never was."""
    return unit.session.scalar(select(_ROW.locked_until).where(_ROW.key == _key(unit, number)))


def count(unit: Unit, number: str, now: datetime) -> int:
    """One try more; how many there have been since the last success or lock."""
    first = insertion(unit, _ROW).values(key=_key(unit, number), tries=1, at=now)
    again = {"tries": _ROW.tries + 1, "at": now}
    counted = first.on_conflict_do_update(index_elements=["key"], set_=again).returning(_ROW.tries)
    return int(unit.session.scalars(counted).one())


def lock(unit: Unit, number: str, until: datetime) -> None:
    """Let nobody in with a number for a while; after that counting begins anew."""
    unit.session.execute(update(_ROW).where(_ROW.key == _key(unit, number)).values(tries=0, locked_until=until))


def forget(unit: Unit, number: str) -> None:
    """Somebody got in."""
    unit.session.execute(delete(_ROW).where(_ROW.key == _key(unit, number)))


def forget_before(unit: Unit, before: datetime) -> None:
    """Remove tries of which the last was made before an instant, and whose lock is over by then."""
    over = or_(_ROW.locked_until.is_(None), _ROW.locked_until < before)
    unit.session.execute(delete(_ROW).where(_ROW.at < before, over))


def _key(unit: Unit, number: str) -> bytes:
    return unit.vault.lookup(PLACE, number)
