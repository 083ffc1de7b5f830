"""What platforms report later: delivered, read, failed after all. Reports only ever move a delivery forward.

Or on, where nothing of it reached the client and there is another channel.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.messages import REFUSED, StatusReport
from bot.vocabulary import ChannelKind, DeliveryState
from bot.vocabulary.delivery import TRANSITIONS
from services.delivery import fallback
from services.delivery.submit import Delivery
from storage.repositories import deliveries
from storage.repositories.deliveries import Reported
from storage.unit import Unit

ARRIVING = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED})
"""What a member's confirmation leads to: only then did it go out."""

FAILING = "broadcast_failing"
"""What is announced of a broadcast that fails for many, or that a platform refuses after it was taken."""

LOST = frozenset({DeliveryState.FAILED, DeliveryState.EXPIRED})
"""What leads on to another channel, if there is one."""


def take(unit: Unit, delivery: Delivery, place: tuple[ChannelKind, str], reports: Sequence[StatusReport]) -> int:
    """Take in the reports of one of our accounts, its channel and name; returns how many changed something.

    A report of a message we have no record of, or one that is out of date, is left alone.
    """
    ids = [report.delivery_id for report in reports if report.delivery_id is not None]
    names = [report.platform_message_id for report in reports if report.platform_message_id]
    taking = _Taking(unit, delivery, delivery.clock.now())
    known = deliveries.reported(unit, *place, ids, names)
    return sum(taking.apply(_meant(known, report), report) for report in reports)


def _meant(known: Sequence[Reported], report: StatusReport) -> list[Reported]:
    """Those of our id or the platform's: a message to many, or one made of several, is one to the platform."""
    name = report.platform_message_id
    return [row for row in known if row.id == report.delivery_id or (name and row.platform_message_id == name)]


@dataclass(frozen=True, slots=True)
class _Taking:
    """Compare-and-set from the present states, which an earlier report of the batch may have changed."""

    unit: Unit
    delivery: Delivery
    now: datetime

    def apply(self, rows: Sequence[Reported], report: StatusReport) -> int:
        """How many deliveries the report moved."""
        following = [row for row in rows if may_follow(row.state, report.state)]
        onward = self._onward(following, report)
        changed = len(onward)
        for state in {row.state for row in following if row.id not in onward}:
            changed += self._forward([row for row in following if row.state is state], report)
        return changed

    def _onward(self, rows: Sequence[Reported], report: StatusReport) -> Collection[int]:
        """Go on by another channel with what did not arrive: it was one message, and this one."""
        name = report.platform_message_id
        if report.state not in LOST or not name:
            return ()
        whole = [row.id for row in rows if row.platform_message_id == name and row.state in _TAKEN]
        moved = fallback.told(self.unit, self.delivery, whole, (report.rule, report.code[:200]), self.now)
        for row in (row for row in rows if row.id in moved):
            self._moved(row, DeliveryState.PENDING)
        return moved

    def _forward(self, rows: Sequence[Reported], report: StatusReport) -> int:
        """Move what stands in one state."""
        state = rows[0].state
        values: dict[str, object] = {"state": report.state, "updated_at": self.now}
        if report.state is DeliveryState.FAILED:
            values |= {"rule": report.rule, "error": report.code[:200] or None}
        if state is DeliveryState.AWAITING_STAFF and report.state in ARRIVING:
            values["sent_at"] = self.now
        moved = set(deliveries.move(self.unit, [row.id for row in rows], state, **values))
        for row in (row for row in rows if row.id in moved):
            self._moved(row, report.state)
        if report.state is DeliveryState.FAILED and report.rule == REFUSED:
            for broadcast_id in deliveries.broadcasts_of(self.unit, moved):
                self.unit.announce(FAILING, broadcast_id)
        return len(moved)

    def _moved(self, row: Reported, state: DeliveryState) -> None:
        row.state = state
        if row.conversation_id is not None:
            self.unit.announce("conversation", row.conversation_id)


_TAKEN = frozenset({DeliveryState.SENT, DeliveryState.AWAITING_STAFF})


def may_follow(state: DeliveryState, following: DeliveryState) -> bool:
    """Whether a report may move a delivery so; what waits or is given up hears no reports."""
    waiting = {DeliveryState.PENDING, DeliveryState.CANCELLED}
    return state not in waiting and following in TRANSITIONS[state] and following not in waiting
