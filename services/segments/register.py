"""Named segments: who may make, change, fill and remove them, and who uses them where."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.errors import Conflict, Refused
from bot.vocabulary import Action
from bot.vocabulary.conditions import Condition, InSegment, document, mentioned
from services import audit
from services.audit import Deed
from services.segments.lookup import looked_up, read
from services.staff import demand, scope
from storage.repositories import segments as rows
from storage.repositories.holds import Matter, hold
from storage.repositories.segments import Meaning, Segment, Use
from storage.repositories.staff import Staff
from storage.unit import Unit

LONGEST_NAME = 80
LONGEST_NOTE = 200
MOST_NUMBERS = 100_000
"""Clients of one import."""


@dataclass(frozen=True, slots=True)
class Uses:
    """Where a segment is used: names of segments, and broadcasts with who wrote them."""

    segments: tuple[str, ...]
    broadcasts: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made of a fixed list: how many stand on it now, and the numbers that were not found."""

    segment: Segment
    members: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Register:
    """Every deed checks the person's permission and is written to the audit trail."""

    clock: Clock

    def listed(self, unit: Unit, reader: Staff) -> list[Segment]:
        """All segments."""
        demand(reader, Action.BUILD_SEGMENTS)
        return rows.all_of(unit)

    def named(self, unit: Unit, reader: Staff, name: str) -> Segment:
        """The segment of a name; Refused where there is none."""
        demand(reader, Action.BUILD_SEGMENTS)
        found = rows.by_name(unit, name)
        if found is None:
            raise Refused("segment_unknown", name=name)
        return found

    def create(self, unit: Unit, author: Staff, meaning: Meaning) -> Segment:
        """Keep a new segment; Refused where its name is taken or its condition can't be read."""
        demand(author, Action.BUILD_SEGMENTS)
        hold(unit, Matter.SEGMENTS)
        checked = _checked(unit, meaning)
        if rows.by_name(unit, checked.name) is not None:
            raise Refused("segment_name_taken", name=checked.name)
        made = rows.add(unit, checked, author.id, self.clock.now())
        self._note(unit, author, "segment.create", made)
        return _known(unit, made)

    def edit(self, unit: Unit, author: Staff, seen: Segment, meaning: Meaning) -> Segment:
        """Give a segment another meaning; Conflict where it is no longer as it was seen."""
        self._demand_own(author, seen)
        hold(unit, Matter.SEGMENTS)
        checked = _checked(unit, meaning)
        if (seen.meaning.condition is None) != (checked.condition is None):
            raise Refused("segment_kind", name=seen.name)
        if checked.name != seen.name:
            self._demand_rename(unit, seen, checked.name)
        if not rows.revise(unit, seen, checked, author.id, self.clock.now()):
            raise Conflict("segment_changed", name=seen.name)
        self._note(unit, author, "segment.edit", seen.id, version=seen.version + 1)
        return _known(unit, seen.id)

    def remove(self, unit: Unit, author: Staff, seen: Segment) -> None:
        """Forget a segment that nothing uses."""
        self._demand_own(author, seen)
        hold(unit, Matter.SEGMENTS)
        _demand_unused(unit, seen)
        rows.remove(unit, seen.id)
        self._note(unit, author, "segment.remove", seen.id)

    def fill(self, unit: Unit, author: Staff, name: str, numbers: Sequence[str]) -> Imported:
        """Make a fixed list of these client numbers, or replace the members of one."""
        demand(author, Action.BUILD_SEGMENTS)
        if len(numbers) > MOST_NUMBERS:
            raise Refused("list_too_long", most=MOST_NUMBERS)
        hold(unit, Matter.SEGMENTS)
        name = name.strip()
        found = rows.by_name(unit, name) or self.create(unit, author, Meaning(name))
        self._demand_own(author, found)
        if found.meaning.condition is not None:
            raise Refused("segment_kind", name=name)
        whose = scope(author, Action.BUILD_SEGMENTS)
        missing = rows.fill(unit, found.id, list(dict.fromkeys(numbers)), whose)
        if not rows.revise(unit, found, found.meaning, author.id, self.clock.now()):
            raise Conflict("segment_changed", name=name)
        members = rows.size(unit, found.id)
        self._note(unit, author, "segment.import", found.id, members=members, missing=len(missing))
        return Imported(_known(unit, found.id), members, tuple(missing))

    def _demand_own(self, author: Staff, seen: Segment) -> None:
        """Packaged ones change with the program; others only by those who may, or whose own or team's they are."""
        if seen.packaged:
            raise Refused("segment_packaged", name=seen.name)
        demand(author, Action.BUILD_SEGMENTS, own=author.has(seen.author_id))

    def _demand_rename(self, unit: Unit, seen: Segment, name: str) -> None:
        _demand_unused(unit, seen)
        if rows.by_name(unit, name) is not None:
            raise Refused("segment_name_taken", name=name)

    def _note(self, unit: Unit, person: Staff, action: str, segment_id: int, **detail: int) -> None:
        audit.record(unit, Deed(action, f"segment:{segment_id}", self.clock.now(), person.id, detail))


def uses(unit: Unit, name: str) -> Uses:
    """Where a segment is used."""
    inside = [other.name for other in rows.all_of(unit) if name in mentioned(other.meaning.condition)]
    return Uses(tuple(inside), tuple(rows.broadcasts_using(unit, name)))


def condition_of(found: Segment) -> Condition:
    """The condition as it was written, other segments by name; a fixed list is its own name.

    Refused where it can't be read any more.
    """
    if found.meaning.condition is None:
        return InSegment(found.name, found.id)
    return read(dict(found.meaning.condition))


def readable(found: Segment) -> Condition | None:
    """The condition as it was written; None where it can't be read any more."""
    try:
        return condition_of(found)
    except Refused:
        return None


def _checked(unit: Unit, meaning: Meaning) -> Meaning:
    """The meaning in its plain form; Refused with the fault."""
    name, note = meaning.name.strip(), meaning.note.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Refused("segment_name", limit=LONGEST_NAME)
    if len(note) > LONGEST_NOTE:
        raise Refused("text_too_long", limit=LONGEST_NOTE)
    if meaning.condition is None:
        return replace(meaning, name=name, note=note)
    condition = read(dict(meaning.condition))
    looked_up(unit, condition, (name,))
    return Meaning(name, note, document(condition))


def _demand_unused(unit: Unit, seen: Segment) -> None:
    found = uses(unit, seen.name)
    if found.segments or found.broadcasts:
        used = [*found.segments, *(one.name for one in found.broadcasts)]
        raise Refused("segment_in_use", name=seen.name, by=", ".join(used))


def _known(unit: Unit, segment_id: int) -> Segment:
    found = rows.by_id(unit, segment_id)
    if found is None:
        raise LookupError(segment_id)
    return found
