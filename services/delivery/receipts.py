"""What platforms report later: delivered, read, failed after all. Reports only ever move a delivery forward."""

from collections.abc import Sequence
from datetime import datetime

from bot.messages import StatusReport
from bot.vocabulary import ChannelKind, DeliveryState
from bot.vocabulary.delivery import TRANSITIONS
from storage.repositories import deliveries
from storage.repositories.deliveries import Reported
from storage.unit import Unit


def take(unit: Unit, channel: ChannelKind, account: str, reports: Sequence[StatusReport], now: datetime) -> int:
    """Take in one account's reports; returns how many changed something.

    A report of a message we have no record of, or one that is out of date, is left alone.
    """
    ids = [report.delivery_id for report in reports if report.delivery_id is not None]
    names = [report.platform_message_id for report in reports if report.platform_message_id]
    known = deliveries.reported(unit, channel, account, ids, names)
    by_id = {row.id: row for row in known}
    by_name = {row.platform_message_id: row for row in known if row.platform_message_id}
    changed = 0
    for report in reports:
        row = by_id.get(report.delivery_id or 0) or by_name.get(report.platform_message_id)
        changed += row is not None and _apply(unit, row, report, now)
    return changed


def _apply(unit: Unit, row: Reported, report: StatusReport, now: datetime) -> bool:
    """Compare-and-set from the present state, which an earlier report of the batch may have changed."""
    if not may_follow(row.state, report.state):
        return False
    values: dict[str, object] = {"state": report.state, "updated_at": now}
    if report.state is DeliveryState.FAILED:
        values |= {"rule": "reported", "error": report.code[:200] or None}
    if report.platform_message_id:
        values["platform_message_id"] = report.platform_message_id[:128]
    if not deliveries.move(unit, [row.id], row.state, **values):
        return False
    row.state = report.state
    if row.conversation_id is not None:
        unit.announce("conversation", row.conversation_id)
    return True


def may_follow(state: DeliveryState, following: DeliveryState) -> bool:
    """Whether a report may move a delivery so; what waits or is given up hears no reports."""
    waiting = {DeliveryState.PENDING, DeliveryState.CANCELLED}
    return state not in waiting and following in TRANSITIONS[state] and following not in waiting
