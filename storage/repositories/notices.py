"""Consents to notices by a platform's forms, counted: given one by one on the platform, used up one by one."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Update, bindparam, select, update

from storage.models import Base, NoticeConsentRow
from storage.unit import Unit
from storage.upserts import insertion

LONGEST = 64
"""Characters of a form's id; a longer one is none of ours."""

_TABLE = Base.metadata.tables[NoticeConsentRow.__tablename__]
_COUNT = _TABLE.c
_ONE = update(_TABLE).where(_COUNT.account_id == bindparam("account"), _COUNT.form == bindparam("which"))
_SPENT = _ONE.where(_COUNT.left > 0).values(left=_COUNT.left - 1, changed_at=bindparam("at"))
_NONE_LEFT = _ONE.values(left=0, changed_at=bindparam("at"))

Used = Sequence[tuple[int, str]]
"""Pairs of chat account and form."""


def allow(unit: Unit, account_id: int, form: str, at: datetime) -> None:
    """One more notice by a form."""
    if not 0 < len(form) <= LONGEST:
        return
    first = insertion(unit, NoticeConsentRow).values(account_id=account_id, form=form, left=1, changed_at=at)
    more = {"left": NoticeConsentRow.left + 1, "changed_at": at}
    unit.session.execute(first.on_conflict_do_update(index_elements=["account_id", "form"], set_=more))


def spend(unit: Unit, used: Used, at: datetime) -> None:
    """Each of these used up one."""
    _change(unit, _SPENT, used, at)


def stop(unit: Unit, refused: Used, at: datetime) -> None:
    """None is left: the client withdrew them, or the platform knows of none."""
    _change(unit, _NONE_LEFT, refused, at)


def left(unit: Unit, account_ids: Collection[int]) -> Mapping[int, Mapping[str, int]]:
    """What chats still let us send, by form; forms without any are left out."""
    statement = select(NoticeConsentRow.account_id, NoticeConsentRow.form, NoticeConsentRow.left)
    found: dict[int, dict[str, int]] = {}
    counted = statement.where(NoticeConsentRow.account_id.in_(account_ids), NoticeConsentRow.left > 0)
    for account_id, form, number in unit.session.execute(counted):
        found.setdefault(account_id, {})[form] = number
    return found


def _change(unit: Unit, statement: Update, pairs: Used, at: datetime) -> None:
    values = [{"account": account_id, "which": form, "at": at} for account_id, form in pairs]
    if values:
        unit.connection.execute(statement, values)
