"""The life of a broadcast: draft, submission, approval by a second person, sending, stopping."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock, branch_date
from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Action, Locale, Purpose, Reach, Role
from bot.vocabulary.broadcasts import BroadcastState, before
from services import audit, branch, segments, staff
from services.audit import Deed
from services.broadcasts import report
from services.broadcasts.content import Content, Speech, audience_of, digest, illustrated, meant
from services.broadcasts.report import Report
from services.delivery.receipts import FAILING
from services.delivery.submit import Delivery
from services.segments import Preview, Wanted
from storage.repositories import broadcasts as rows
from storage.repositories import deliveries
from storage.repositories import staff as staff_rows
from storage.repositories.broadcasts import Broadcast
from storage.repositories.listing import Whose
from storage.repositories.staff import Staff
from storage.unit import Unit

EDITABLE = before(BroadcastState.DRAFT) | {BroadcastState.DRAFT}
OFFERED = (BroadcastState.SUBMITTED, BroadcastState.APPROVED)
RUNNING = (BroadcastState.SENDING, BroadcastState.PAUSED)
SAMPLE_OF_FAILURES = 20
"""So many messages must have been handed to platforms before failures can stop a broadcast."""

AT_ONCE = 5000
"""Messages that are cancelled in one transaction."""

TOO_MANY = "too_many_failures"
_KILLERS = frozenset({Role.COMPLIANCE, Role.HEAD})


@dataclass(frozen=True)
class Broadcasts:
    """Every deed checks the person's permission and is written to the audit trail."""

    delivery: Delivery
    speech: Speech
    clock: Clock

    def create(self, unit: Unit, author: Staff, content: Content) -> Broadcast:
        """Keep a draft; Refused where something in it may not be said."""
        staff.demand(author, Action.WRITE_BROADCAST)
        content = self._checked(unit, content)
        broadcast_id = rows.add(unit, content, author.id, self.clock.now())
        self._note(unit, author, "broadcast.create", broadcast_id)
        return self.one(unit, broadcast_id)

    def edit(self, unit: Unit, author: Staff, broadcast_id: int, content: Content) -> Broadcast:
        """Replace the content; what was submitted or approved is a draft again."""
        if self._demand(unit, author, Action.WRITE_BROADCAST, broadcast_id).author_id != author.id:
            raise NotPermitted("broadcast_edit_own")  # or the editor could approve their own words
        content = self._checked(unit, content)
        if not rows.revise(unit, broadcast_id, content, EDITABLE):
            raise self._conflict(unit, broadcast_id)
        self._note(unit, author, "broadcast.edit", broadcast_id)
        return self.one(unit, broadcast_id)

    def submit(self, unit: Unit, author: Staff, broadcast_id: int) -> Broadcast:
        """Hand it in for approval: text, condition and times are frozen under their hash."""
        self._held(unit, broadcast_id)
        found = self._demand(unit, author, Action.WRITE_BROADCAST, broadcast_id)
        self.speech.check(found.content, branch.present(unit), self.clock.now())
        frozen = digest(found.content, self.only_clients_of(unit, found))
        self._move(unit, found, BroadcastState.SUBMITTED, {BroadcastState.DRAFT}, content_hash=frozen)
        self._note(unit, author, "broadcast.submit", broadcast_id, hash=frozen)
        return self.one(unit, broadcast_id)

    def approve(self, unit: Unit, approver: Staff, broadcast_id: int, seen: str) -> Broadcast:
        """Release it for sending; `seen` is the hash of what the approver has read."""
        staff.demand(approver, Action.APPROVE_BROADCAST)
        found = self._held(unit, broadcast_id)
        if found.author_id == approver.id:
            raise NotPermitted("broadcast_own")
        if found.content.purpose is Purpose.PRODUCT and Role.COMPLIANCE not in approver.roles:
            raise NotPermitted("broadcast_product_compliance")
        if found.state is BroadcastState.SUBMITTED and not (
            seen == found.content_hash and self._as_handed_in(unit, found)
        ):
            raise Conflict("broadcast_changed")
        values = {"approver_id": approver.id, "approved_at": self.clock.now()}
        self._move(unit, found, BroadcastState.APPROVED, {BroadcastState.SUBMITTED}, **values)
        self._note(unit, approver, "broadcast.approve", broadcast_id, hash=seen)
        return self.one(unit, broadcast_id)

    def send(self, unit: Unit, sender: Staff, broadcast_id: int) -> Broadcast:
        """Begin now; one that has a time goes out by itself when it comes. `freeze` then writes its audience down."""
        self._held(unit, broadcast_id)
        found = self._demand(unit, sender, Action.WRITE_BROADCAST, broadcast_id)
        send_at = found.content.send_at
        if found.state is BroadcastState.APPROVED and send_at is not None and send_at > self.clock.now():
            raise Refused("broadcast_scheduled", at=send_at)
        self._begin(unit, found)
        self._note(unit, sender, "broadcast.send", broadcast_id)
        return self.one(unit, broadcast_id)

    def pause(self, unit: Unit, stopper: Staff, broadcast_id: int, reason: str | None = None) -> Broadcast:
        """Hold back what has not gone out."""
        found = self._demand(unit, stopper, Action.STOP_BROADCAST, broadcast_id)
        self._move(unit, found, BroadcastState.PAUSED, {BroadcastState.SENDING}, reason=reason)
        self._note(unit, stopper, "broadcast.pause", broadcast_id, reason=reason)
        return self.one(unit, broadcast_id)

    def resume(self, unit: Unit, stopper: Staff, broadcast_id: int) -> Broadcast:
        """Go on, failures or not: from now on a person watches."""
        found = self._demand(unit, stopper, Action.STOP_BROADCAST, broadcast_id)
        self._move(unit, found, BroadcastState.SENDING, {BroadcastState.PAUSED})
        unit.announce("chunk", f"{broadcast_id}:0")
        self._note(unit, stopper, "broadcast.resume", broadcast_id)
        return self.one(unit, broadcast_id)

    def kill(self, unit: Unit, stopper: Staff, broadcast_id: int, reason: str | None = None) -> int:
        """Give up what has not gone out, for good; returns how many messages that were.

        Nothing of it goes out from now on. Of very many `give_up` then marks each as cancelled.
        """
        found = self._demand(unit, stopper, Action.STOP_BROADCAST, broadcast_id)
        if not stopper.has(found.author_id) and not stopper.roles & _KILLERS:
            raise NotPermitted("staff_not_permitted")
        now = self.clock.now()
        self._move(unit, found, BroadcastState.KILLED, before(BroadcastState.KILLED), reason=reason)
        cancelled, _ = deliveries.waiting_of(unit, broadcast_id)
        if cancelled <= AT_ONCE:
            deliveries.cancel_broadcast(unit, broadcast_id, now)
            rows.end(unit, broadcast_id, now)
        self._note(unit, stopper, "broadcast.kill", broadcast_id, reason=reason, cancelled=cancelled)
        return cancelled

    def preview(self, unit: Unit, reader: Staff, broadcast_id: int) -> Preview:
        """Whom it would reach if it went out at its time, or now where that is past or not set."""
        found, now = self._demand(unit, reader, Action.STOP_BROADCAST, broadcast_id), self.clock.now()
        content = found.content
        wanted = Wanted(
            condition=audience_of(content),
            purpose=content.purpose,
            product_risk=content.product_risk,
            whose=self.only_clients_of(unit, found),
            topic=content.topic,
            forbidden=self._forbidden(unit, content),
            at=max(now, content.send_at or now),
            text=max(self.speech.texts_of(content, branch.present(unit)).values(), key=len),
        )
        return segments.preview(unit, self.delivery, wanted, branch_date(now))

    def _forbidden(self, unit: Unit, content: Content) -> frozenset[Locale]:
        """The languages whose words the gate would not let pass: the lexicon may have grown since it was written."""
        said, judge = self.speech.texts_of(content, branch.present(unit)), self.delivery.composer.forbidden
        return frozenset(one for one, text in said.items() if judge(text, content.purpose, content.material))

    def report(self, unit: Unit, reader: Staff, broadcast_id: int) -> Report:
        """What became of it."""
        return report.of(unit, self._demand(unit, reader, Action.STOP_BROADCAST, broadcast_id))

    def listed(self, unit: Unit, reader: Staff) -> list[Broadcast]:
        """The newest ones that the reader may see."""
        whose = staff.scope(reader, Action.STOP_BROADCAST)
        return [found for found in rows.latest(unit) if whose is None or found.author_id in whose]

    def read_out(self, unit: Unit, reader: Staff, broadcast_id: int) -> tuple[Broadcast, dict[Locale, str]]:
        """It, and what clients of each language would read."""
        found = self._demand(unit, reader, Action.STOP_BROADCAST, broadcast_id)
        return found, self.speech.texts_of(found.content, branch.present(unit))

    def one(self, unit: Unit, broadcast_id: int) -> Broadcast:
        """The broadcast; Refused where there is none."""
        found = rows.by_id(unit, broadcast_id)
        if found is None:
            raise Refused("broadcast_unknown", id=broadcast_id)
        return found

    def _held(self, unit: Unit, broadcast_id: int) -> Broadcast:
        """The same for whoever decides on it: nobody puts other words into it before that stands."""
        found = rows.held(unit, broadcast_id)
        if found is None:
            raise Refused("broadcast_unknown", id=broadcast_id)
        return found

    def start_due(self, unit: Unit) -> list[int]:
        """Give up what is too late, begin one whose time has come; returns the ids begun.

        One at a time; `freeze` then writes its audience down.
        """
        now = self.clock.now()
        for each in rows.in_states(unit, OFFERED):
            found = self._held(unit, each.id)
            if found.state not in OFFERED:
                continue
            send_at = found.content.send_at
            if self._withdrawn(unit, found) or found.state is not BroadcastState.APPROVED:
                continue
            if send_at is not None and send_at <= now:
                self._begin(unit, found)
                self._note(unit, None, "broadcast.send", found.id)
                return [found.id]
        return []

    def _withdrawn(self, unit: Unit, found: Broadcast) -> bool:
        """Whether it can't go out any more: its time is over, or it is not what was handed in."""
        now, content = self.clock.now(), found.content
        if content.latest_at is not None and content.latest_at <= now:
            self._move(unit, found, BroadcastState.EXPIRED, {found.state}, ended_at=now)
            self._note(unit, None, "broadcast.expire", found.id)
            return True
        if not self._as_handed_in(unit, found):
            self._move(unit, found, BroadcastState.DRAFT, {found.state}, content_hash="", approver_id=None)
            self._note(unit, None, "broadcast.return", found.id)
            return True
        return False

    def _as_handed_in(self, unit: Unit, found: Broadcast) -> bool:
        """Whether what it says, and whom it means, is what its hash was taken of."""
        content = found.content
        same = digest(content, self.only_clients_of(unit, found)) == found.content_hash
        return same and segments.stands(unit, audience_of(content)) and illustrated(unit, content)

    def _checked(self, unit: Unit, content: Content) -> Content:
        """With what its segments mean now; Refused where something in it may not be said or shown."""
        content = meant(unit, content)
        self.speech.check(content, branch.present(unit), self.clock.now())
        if not illustrated(unit, content):
            raise Refused("broadcast_enclosed")
        return content

    def due(self, unit: Unit) -> list[int]:
        """Running ones to be closed or paused: a large one takes long to count, so look before you write."""
        return [found.id for found in rows.in_states(unit, RUNNING) if self._verdict(unit, found)]

    def watch(self, unit: Unit, ids: Collection[int]) -> None:
        """Close those of these that are through, and pause those of which too many fail."""
        for found in rows.in_states(unit, RUNNING):
            verdict = self._verdict(unit, found) if found.id in ids else None
            if verdict is BroadcastState.DONE:
                self._move(unit, found, verdict, set(RUNNING), ended_at=self.clock.now())
            elif verdict is BroadcastState.PAUSED:
                self._move(unit, found, verdict, {BroadcastState.SENDING}, reason=TOO_MANY)
                self._note(unit, None, "broadcast.pause", found.id, reason=TOO_MANY)
                unit.announce(FAILING, found.id)

    def _verdict(self, unit: Unit, found: Broadcast) -> BroadcastState | None:
        """What a running one has to become, if anything."""
        if found.audience is None:
            return None
        stand = report.of(unit, found)
        if stand.figures.done:
            return BroadcastState.DONE
        failing = _fails(stand, self.delivery.rules.broadcast_failure_percent)
        return BroadcastState.PAUSED if failing and found.state is BroadcastState.SENDING else None

    def _begin(self, unit: Unit, found: Broadcast) -> None:
        """Let it go out to whoever is there now; nothing does before the whole audience is frozen."""
        now, content = self.clock.now(), found.content
        if found.state is BroadcastState.APPROVED and not self._as_handed_in(unit, found):
            raise Conflict("broadcast_changed")
        if found.state is BroadcastState.APPROVED and content.latest_at is not None and content.latest_at <= now:
            raise Refused("broadcast_late", at=content.latest_at)
        self._move(unit, found, BroadcastState.SENDING, {BroadcastState.APPROVED}, started_at=now)

    def only_clients_of(self, unit: Unit, found: Broadcast) -> Whose:
        """The author and their team, where their duties reach no further."""
        author = staff_rows.by_id(unit, found.author_id)
        if author is None:
            return frozenset({found.author_id})
        return None if staff.reach(author, Action.WRITE_BROADCAST) is Reach.ALL else author.whose

    def _demand(self, unit: Unit, person: Staff, action: Action, broadcast_id: int) -> Broadcast:
        found = self.one(unit, broadcast_id)
        staff.demand(person, action, own=person.has(found.author_id))
        return found

    def _move(
        self, unit: Unit, found: Broadcast, target: BroadcastState, sources: Collection[BroadcastState], **values: Any
    ) -> None:
        if not rows.move(unit, found.id, before(target) & set(sources), target, **values):
            raise self._conflict(unit, found.id)

    def _conflict(self, unit: Unit, broadcast_id: int) -> Conflict:
        return Conflict("broadcast_state", id=broadcast_id, state=self.one(unit, broadcast_id).state)

    def _note(
        self, unit: Unit, person: Staff | None, action: str, broadcast_id: int, **detail: str | int | None
    ) -> None:
        """Write the deed; without a person the clock did it."""
        reason = detail.pop("reason", None)
        staff_id = person.id if person else None
        thing, now = f"broadcast:{broadcast_id}", self.clock.now()
        audit.record(unit, Deed(action, thing, now, staff_id, detail, None if reason is None else str(reason)))


def _fails(stand: Report, limit_percent: int) -> bool:
    """Whether too large a part of what was tried did not arrive; not asked again once a person resumed it."""
    if stand.broadcast.reason == TOO_MANY:
        return False
    tried, refused = stand.number(report.TRIED), stand.number(report.REFUSED)
    return tried >= SAMPLE_OF_FAILURES and refused * 100 >= tried * limit_percent
