"""Reading and writing which lessons a client has completed; of several results the best stays."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, select
from sqlalchemy.orm import aliased

from storage.models import LessonCompletionRow
from storage.unit import Unit
from storage.upserts import insertion


@dataclass(frozen=True, slots=True)
class Completion:
    """A lesson read and its quiz answered: `score` of so many `questions` right, in that version of the lessons."""

    client_id: int
    lesson: str
    version: str
    score: int
    questions: int
    completed_at: datetime


def completed(unit: Unit, client_id: int) -> Mapping[str, Completion]:
    """What a client has completed, by lesson."""
    row = LessonCompletionRow
    columns = (row.client_id, row.lesson, row.version, row.score, row.questions, row.completed_at)
    found = unit.session.execute(select(*columns).where(row.client_id == client_id).order_by(row.id))
    return {one.lesson: one for one in (Completion(*each) for each in found)}


def complete(unit: Unit, result: Completion) -> None:
    """Keep a result that is as good as the one on record, or better; a worse one changes nothing."""
    row, new = LessonCompletionRow, insertion(unit, LessonCompletionRow).values(asdict(result))
    values = {name: new.excluded[name] for name in ("version", "score", "questions", "completed_at")}
    as_good = new.excluded.score * row.questions >= row.score * new.excluded.questions
    unit.session.execute(
        new.on_conflict_do_update(index_elements=[row.client_id, row.lesson], set_=values, where=as_good)
    )


def keep_better(unit: Unit, one: int, into: int) -> None:
    """Before two records become one: let go of the other's results of lessons that the one did better."""
    row, twin = LessonCompletionRow, aliased(LessonCompletionRow)
    better: ColumnElement[bool] = twin.score * row.questions > row.score * twin.questions
    known = exists().where(and_(twin.client_id == one, twin.lesson == row.lesson, better))
    unit.session.execute(
        delete(row).where(row.client_id == into, known), execution_options={"synchronize_session": False}
    )
