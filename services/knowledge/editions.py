"""The life of an edition up to its publication: written by one or several, reviewed by somebody else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Action
from bot.vocabulary.knowledge import OPEN, EditionState, before
from services import audit, staff
from services.audit import Deed
from services.knowledge.contents import ID, faults_of, tidy
from storage.repositories import editions as rows
from storage.repositories.editions import Content, Edition, Seen
from storage.repositories.staff import Staff
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class _Step:
    """A change of state, from which states it may come, and what belongs to it."""

    target: EditionState
    sources: Collection[EditionState]
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Standing:
    """How an entry stands: its newest version, the one that clients get, and the one being worked on, if any."""

    newest: Edition
    published: Edition | None
    open: Edition | None


@dataclass(frozen=True)
class Editions:
    """Every deed checks the person's permission and is written to the audit trail.

    An edition is named as it was `Seen` (its id and revision): Conflict("knowledge_changed") where somebody was faster.
    An entry has one open edition at most: Conflict("knowledge_open") for a second.
    """

    clock: Clock

    def begin(self, unit: Unit, author: Staff, entry_id: str, content: Content) -> Edition:
        """A draft: of a new entry, or of the next version of one."""
        staff.demand(author, Action.WRITE_KNOWLEDGE)
        if not ID.fullmatch(entry_id):
            raise Refused("knowledge_id", entry=entry_id)
        made = rows.begin(unit, entry_id, tidy(content), author.id, self.clock.now())
        if made is None:
            raise Conflict("knowledge_open", entry=entry_id)
        return self._done(unit, author, "knowledge.draft", made)

    def edit(self, unit: Unit, writer: Staff, seen: Seen, content: Content) -> Edition:
        """Other content; what was reviewed is a draft again."""
        staff.demand(writer, Action.WRITE_KNOWLEDGE)
        found = self.one(unit, seen.id)
        if not rows.revise(unit, seen, tidy(content), found.writers | {writer.id}, self.clock.now()):
            raise _conflict(found, OPEN)
        return self._done(unit, writer, "knowledge.edit", seen.id)

    def restore(self, unit: Unit, author: Staff, edition_id: int) -> Edition:
        """A draft with the content of an earlier version; its day of review is to be set anew."""
        old = self.one(unit, edition_id)
        return self.begin(unit, author, old.entry_id, replace(old.content, review_on=None))

    def review(self, unit: Unit, reviewer: Staff, seen: Seen) -> Edition:
        """Find it right, as somebody who did not write in it; Refused("knowledge_incomplete") names what is lacking."""
        staff.demand(reviewer, Action.WRITE_KNOWLEDGE)
        found = self.one(unit, seen.id)
        if reviewer.id in found.writers:
            raise NotPermitted("knowledge_own", entry=found.entry_id)
        if fault := next(faults_of(found.content), None):
            raise Refused("knowledge_incomplete", entry=found.entry_id, fault=fault[0].value, field=fault[1])
        values = {"reviewer_id": reviewer.id, "reviewed_at": self.clock.now(), "note": None}
        self._move(unit, found, seen, _Step(EditionState.REVIEWED, before(EditionState.REVIEWED), values))
        return self._done(unit, reviewer, "knowledge.review", seen.id)

    def send_back(self, unit: Unit, reviewer: Staff, seen: Seen, reason: str) -> Edition:
        """Make a reviewed one a draft again, and say why."""
        staff.demand(reviewer, Action.WRITE_KNOWLEDGE)
        values = {"reviewer_id": None, "reviewed_at": None, "note": _needed(reason)}
        step = _Step(EditionState.DRAFT, before(EditionState.DRAFT), values)
        self._move(unit, self.one(unit, seen.id), seen, step)
        return self._done(unit, reviewer, "knowledge.return", seen.id, reason)

    def drop(self, unit: Unit, writer: Staff, seen: Seen, reason: str) -> Edition:
        """Give up one that is still being worked on; it is kept, as every version is."""
        staff.demand(writer, Action.WRITE_KNOWLEDGE)
        values = {"ended_at": self.clock.now(), "note": _needed(reason)}
        self._move(unit, self.one(unit, seen.id), seen, _Step(EditionState.RETIRED, OPEN, values))
        return self._done(unit, writer, "knowledge.drop", seen.id, reason)

    def listed(self, unit: Unit, reader: Staff) -> list[Standing]:
        """Every entry, by place."""
        staff.demand(reader, Action.READ_KNOWLEDGE)
        return self.standing(unit)

    def standing(self, unit: Unit) -> list[Standing]:
        """The same for the service itself."""
        found: dict[str, list[Edition]] = {}
        for edition in rows.in_states(unit, tuple(EditionState)):
            found.setdefault(edition.entry_id, []).append(edition)
        return [_standing(editions) for editions in found.values()]

    def history(self, unit: Unit, reader: Staff, entry_id: str) -> list[Edition]:
        """Every version of an entry, the latest first; Refused where there is none."""
        staff.demand(reader, Action.READ_KNOWLEDGE)
        found = rows.history(unit, entry_id)
        if not found:
            raise Refused("knowledge_entry_unknown", entry=entry_id)
        return found

    def one(self, unit: Unit, edition_id: int) -> Edition:
        """The edition; Refused where there is none."""
        found = rows.by_id(unit, edition_id)
        if found is None:
            raise Refused("knowledge_unknown", id=edition_id)
        return found

    def _move(self, unit: Unit, found: Edition, seen: Seen, step: _Step) -> None:
        if not rows.move(unit, seen, step.sources, step.target, **step.values):
            raise _conflict(found, step.sources)

    def _done(self, unit: Unit, person: Staff, action: str, edition_id: int, reason: str | None = None) -> Edition:
        """Write the deed; gives the edition as it stands now."""
        found, now = self.one(unit, edition_id), self.clock.now()
        detail = {"version": found.version, "edition": found.id}
        audit.record(unit, Deed(action, f"knowledge:{found.entry_id}", now, person.id, detail, reason))
        return found


def _standing(editions: Sequence[Edition]) -> Standing:
    """Of all versions of an entry, the newest last."""
    published = next((each for each in editions if each.state is EditionState.PUBLISHED), None)
    return Standing(editions[-1], published, next((each for each in editions if each.state in OPEN), None))


def _conflict(found: Edition, allowed: Collection[EditionState]) -> Conflict:
    """Why it could not be done: its state, or somebody else's change."""
    if found.state not in allowed:
        return Conflict("knowledge_state", entry=found.entry_id, state=found.state)
    return Conflict("knowledge_changed", entry=found.entry_id)


def _needed(reason: str) -> str:
    if not reason.strip():
        raise Refused("knowledge_reason")
    return reason.strip()
