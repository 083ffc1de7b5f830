"""The segments that every branch starts with; they change with the program and nobody else changes them."""

from datetime import datetime

from bot.vocabulary.conditions import document
from services.segments.choices import parsed
from storage import seeds
from storage.repositories import segments as rows
from storage.repositories.segments import Meaning
from storage.unit import Unit


def meanings() -> list[Meaning]:
    """What the seed file says; ConditionWrong where it can't be read."""
    found = seeds.read("segments.yaml")
    return [Meaning(one["name"], one["note"], document(parsed(one["condition"]))) for one in found]


def load(unit: Unit, now: datetime) -> int:
    """Add what is new, renew what changed; a segment of the branch's own under such a name stays. Returns how many."""
    return sum(_load(unit, meaning, now) for meaning in meanings())


def _load(unit: Unit, meaning: Meaning, now: datetime) -> bool:
    found = rows.by_name(unit, meaning.name)
    if found is None:
        rows.add(unit, meaning, None, now, packaged=True)
        return True
    return found.packaged and found.meaning != meaning and rows.revise(unit, found, meaning, None, now)
