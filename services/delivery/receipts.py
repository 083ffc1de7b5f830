"""What platforms report later: delivered, read, failed after all. Reports only ever move a delivery forward."""

from collections.abc import Sequence
from datetime import datetime

from bot.messages import StatusReport
from bot.vocabulary import ChannelKind, DeliveryState
from bot.vocabulary.delivery import TRANSITIONS
from storage.repositories import deliveries
from storage.repositories.deliveries import Reported
from storage.unit import Unit

ARRIVING = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED})
"""What a member's confirmation leads to: only then did it go out."""


def take(unit: Unit, channel: ChannelKind, account: str, reports: Sequence[StatusReport], now: datetime) -> int:
    """Take in one account's reports; returns how many changed something.

    A report of a message we have no record of, or one that is out of date, is left alone.
    """
    ids = [report.delivery_id for report in reports if report.delivery_id is not None]
    names = [report.platform_message_id for report in reports if report.platform_message_id]
    known = deliveries.reported(unit, channel, account, ids, names)
    return sum(_apply(unit, _meant(known, report), report, now) for report in reports)


def _meant(known: Sequence[Reported], report: StatusReport) -> list[Reported]:
    """The delivery of our id, else those of the platform's: a message to many is one to the platform."""
    own = [row for row in known if row.id == report.delivery_id]
    name = report.platform_message_id
    return own or [row for row in known if name and row.platform_message_id == name]


def _apply(unit: Unit, rows: Sequence[Reported], report: StatusReport, now: datetime) -> int:
    """Compare-and-set from the present states, which an earlier report of the batch may have changed."""
    values: dict[str, object] = {"state": report.state, "updated_at": now}
    if report.state is DeliveryState.FAILED:
        values |= {"rule": report.rule, "error": report.code[:200] or None}
    if report.platform_message_id:
        values["platform_message_id"] = report.platform_message_id[:128]
    changed = 0
    for state in {row.state for row in rows if may_follow(row.state, report.state)}:
        confirmed = state is DeliveryState.AWAITING_STAFF and report.state in ARRIVING
        known = values | ({"sent_at": now} if confirmed else {})
        moved = set(deliveries.move(unit, [row.id for row in rows if row.state is state], state, **known))
        changed += len(moved)
        for row in rows:
            if row.id in moved:
                _moved(unit, row, report.state)
    return changed


def _moved(unit: Unit, row: Reported, state: DeliveryState) -> None:
    row.state = state
    if row.conversation_id is not None:
        unit.announce("conversation", row.conversation_id)


def may_follow(state: DeliveryState, following: DeliveryState) -> bool:
    """Whether a report may move a delivery so; what waits or is given up hears no reports."""
    waiting = {DeliveryState.PENDING, DeliveryState.CANCELLED}
    return state not in waiting and following in TRANSITIONS[state] and following not in waiting
