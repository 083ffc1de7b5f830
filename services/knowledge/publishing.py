"""Publishing: what is wanted is read, thought about with nothing open, and written if nothing moved meanwhile."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from bot.clock import Clock, branch_date
from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Action
from bot.vocabulary.knowledge import EditionState
from services import audit, staff
from services.audit import Deed
from services.knowledge import kept, regression
from services.knowledge.conflicts import Stolen, stolen
from services.knowledge.contents import FaultKind, content_of, entry_of, faults_of, shared, wordings
from services.knowledge.decision import Thresholds
from services.knowledge.entry import Entry
from services.knowledge.evaluate import Question
from services.knowledge.knowledge import Knowledge
from services.knowledge.published import Stock, Train, stock_of, trained
from services.knowledge.regression import Grade, Run
from storage.repositories import editions as edition_rows
from storage.repositories import publications as rows
from storage.repositories import rankers, versions
from storage.repositories.editions import Edition, End, Person, Seen
from storage.repositories.publications import Change, Publication, Worse
from storage.repositories.staff import Staff
from storage.unit import Unit

REVIEW_SPAN = timedelta(days=90)
"""After so long an answer that states what changes is looked at again, where its author named no day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to change at once: editions to publish, entries to take away, thresholds that were fitted."""

    editions: tuple[Seen, ...] = ()
    retire: tuple[str, ...] = ()
    thresholds: Thresholds | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps an edition from being published: a kind, and the field, text or entry that it is about."""

    entry_id: str
    kind: FaultKind
    detail: str


@dataclass(frozen=True)
class Proposal:
    """What was read: what is published now, what is wanted, and the questions to ask."""

    wanted: Wanted
    stock: Stock
    editions: tuple[Edition, ...]
    questions: tuple[Question, ...]
    today: date

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries as they would be; an entry keeps its place."""
        standing = {edition.entry_id: edition for edition in (*self.stock.editions, *self.editions)}
        kept = (edition for entry_id, edition in standing.items() if entry_id not in self.wanted.retire)
        return tuple(entry_of(edition) for edition in sorted(kept, key=lambda edition: edition.place))

    @property
    def thresholds(self) -> Thresholds | None:
        """The thresholds as they would be."""
        return self.wanted.thresholds or self.stock.thresholds

    def faults(self) -> Iterator[Fault]:
        """What keeps it from being published, of the editions alone and among all entries."""
        ids = {entry.entry_id for entry in self.entries}
        for edition in self.editions:
            one, content = edition.entry_id, edition.content
            yield from (Fault(one, kind, detail) for kind, detail in faults_of(content))
            yield from (Fault(one, FaultKind.UNKNOWN_RELATED, other) for other in content.related if other not in ids)
            if content.review_on and content.review_on <= self.today:
                yield Fault(one, FaultKind.REVIEW_PAST, content.review_on.isoformat())
        asked = [(entry.entry_id, text, None) for entry in self.entries for text in wordings(content_of(entry))]
        yield from (Fault(one.owner, FaultKind.SHARED_PHRASING, one.text) for one in shared(asked))


@dataclass(frozen=True)
class Prospect:
    """What would come of it; `worse` needs a reason, `stolen` is for the reader to judge, `faults` stop it."""

    proposal: Proposal
    before: Run
    after: Run
    worse: tuple[Worse, ...]
    better: int
    stolen: tuple[Stolen, ...]
    faults: tuple[Fault, ...]
    knowledge: Knowledge
    """The knowledge base as it would be, to try questions on."""
    digest: bytes
    trained: bytes | None
    """Its ranker as `kept` keeps it, so that no process trains what was trained for the figures."""


@dataclass(frozen=True)
class Publishing:
    """Every deed checks the person's permission and is written to the audit trail."""

    clock: Clock
    train: Train = trained

    def read(self, unit: Unit, person: Staff, wanted: Wanted) -> Proposal:
        """What is wanted beside what is published; Conflict where an edition is not as it was seen."""
        staff.demand(person, Action.READ_KNOWLEDGE)
        found = {edition.id: edition for edition in edition_rows.by_ids(unit, [seen.id for seen in wanted.editions])}
        for seen in wanted.editions:
            if seen.id not in found:
                raise Refused("knowledge_unknown", id=seen.id)
            if found[seen.id].revision != seen.revision:
                raise Conflict("knowledge_changed", entry=found[seen.id].entry_id)
        stock = stock_of(unit)
        known = {edition.entry_id for edition in stock.editions}
        for entry_id in wanted.retire:
            if entry_id not in known:
                raise Refused("knowledge_entry_unknown", entry=entry_id)
        today = branch_date(self.clock.now())
        proposal = Proposal(wanted, stock, tuple(found.values()), regression.questions_of(unit), today)
        if not proposal.entries:
            raise Refused("knowledge_empty")
        return proposal

    def think(self, proposal: Proposal, current: Knowledge | None = None) -> Prospect:
        """Train and ask: seconds, so never inside a transaction nor on the event loop.

        `current` saves training what is published, where the caller holds it at the proposal's version. Before the
        first publication there is nothing to compare with.
        """
        stock, questions = proposal.stock, proposal.questions
        after = self.train(proposal.entries, proposal.thresholds)
        before = (current or self.train(stock.entries, stock.thresholds)) if stock.editions else after
        old, new = regression.asked(before, questions), regression.asked(after, questions)
        lost = [one for one, grade in zip(questions, new.grades, strict=True) if grade is not Grade.RIGHT]
        return Prospect(
            proposal=proposal,
            before=old,
            after=new,
            worse=regression.worse(questions, old, new),
            better=regression.better(old, new),
            stolen=tuple(stolen(before, after, lost)),
            faults=tuple(proposal.faults()),
            knowledge=after,
            digest=kept.digest_of(proposal.entries),
            trained=kept.packed(after.learned),
        )

    def publish(self, unit: Unit, approver: Staff, prospect: Prospect, reason: str = "") -> Publication:
        """Let clients be answered from it in every process, as somebody who wrote none of it.

        Conflict("knowledge_moved") where something was published meanwhile: read and think anew.
        Refused("knowledge_worse") where questions came out worse, or an entry is taken away, and no reason is given.
        """
        staff.demand(approver, Action.APPROVE_KNOWLEDGE)
        self._check(approver, prospect, reason)
        proposal, now = prospect.proposal, self.clock.now()
        if versions.bump(unit, versions.KNOWLEDGE) != proposal.stock.version + 1:
            raise Conflict("knowledge_moved")
        self._release(unit, approver, proposal, now)
        edition_rows.end_published(unit, proposal.wanted.retire, End(EditionState.RETIRED, now, reason.strip()))
        if prospect.trained is not None:
            rankers.keep(unit, prospect.digest, prospect.trained)
        publication = self._publication(unit, approver, prospect, reason.strip() or None)
        rows.add(unit, publication)
        detail = {"entries": len(publication.changes), "worse": len(publication.worse)}
        thing = f"publication:{publication.version}"
        audit.record(unit, Deed("knowledge.publish", thing, now, approver.id, detail, publication.reason))
        return publication

    def _check(self, approver: Staff, prospect: Prospect, reason: str) -> None:
        proposal = prospect.proposal
        if not proposal.wanted.editions and not proposal.wanted.retire and not proposal.wanted.thresholds:
            raise Refused("knowledge_nothing")
        if own := next((edition for edition in proposal.editions if approver.id in edition.writers), None):
            raise NotPermitted("knowledge_own", entry=own.entry_id)
        if prospect.faults:
            raise Refused("knowledge_faulty", number=len(prospect.faults))
        if (prospect.worse or proposal.wanted.retire) and not reason.strip():
            raise Refused("knowledge_worse", number=len(prospect.worse))

    def _release(self, unit: Unit, approver: Staff, proposal: Proposal, now: datetime) -> None:
        entry_ids = [edition.entry_id for edition in proposal.editions]
        edition_rows.end_published(unit, entry_ids, End(EditionState.REPLACED, now))
        released = {"approver_id": approver.id, "published_at": now}
        for edition in proposal.editions:
            content, seen = edition.content, Seen(edition.id, edition.revision)
            due = content.review_on or (proposal.today + REVIEW_SPAN if content.date_check else None)
            reviewed = (EditionState.REVIEWED,)
            if not edition_rows.move(unit, seen, reviewed, EditionState.PUBLISHED, review_on=due, **released):
                raise Conflict("knowledge_state", entry=edition.entry_id, state=edition.state)
            thing = f"knowledge:{edition.entry_id}"
            audit.record(unit, Deed("knowledge.release", thing, now, approver.id, {"version": edition.version}))

    def _publication(self, unit: Unit, approver: Staff, prospect: Prospect, reason: str | None) -> Publication:
        proposal = prospect.proposal
        gone = [Change(entry_id, None) for entry_id in proposal.wanted.retire]
        fitted = proposal.wanted.thresholds
        return Publication(
            version=rows.latest_version(unit) + 1,
            at=self.clock.now(),
            staff=Person(approver.id, approver.number, approver.name),
            entries=len(proposal.entries),
            changes=(*(Change(edition.entry_id, edition.version) for edition in proposal.editions), *gone),
            before=prospect.before.shares,
            after=prospect.after.shares,
            worse=prospect.worse,
            reason=reason,
            thresholds=asdict(fitted) if fitted else None,
        )
