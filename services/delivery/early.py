"""Reports that come before the answer to their message has been written down: they are kept for some minutes.

A flight is recorded when its last message has an answer, and a platform may report the first one sooner.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import timedelta

from bot.messages import StatusReport
from bot.vocabulary import ChannelKind, DeliveryState
from services.delivery import receipts
from services.delivery.submit import Delivery
from storage.repositories import channel_state, deliveries
from storage.repositories.channel_state import Entry
from storage.unit import Unit

KEPT = timedelta(minutes=3)
"""Longer than a flight takes; what is unknown after that is a message of another program."""

AT_ONCE = 500

Place = tuple[ChannelKind, str]


def take(unit: Unit, delivery: Delivery, place: Place, reports: Sequence[StatusReport], *, pushed: bool) -> int:
    """Take in what a platform says, and keep what it says too early; how many deliveries changed.

    `pushed`: it says so once. What we ask for it repeats.
    """
    now, later = delivery.clock.now(), _early(unit, place, reports, pushed=pushed)
    for report in later:
        written = json.dumps(asdict(report))
        entry = Entry(_scope(place), report.platform_message_id[:128], written, expires_at=now + KEPT)
        channel_state.put(unit, entry, now)
    return receipts.take(unit, delivery, place, [report for report in reports if report not in later])


def again(unit: Unit, delivery: Delivery, places: Collection[Place]) -> None:
    """Take in what was kept, where its message is written down by now."""
    for place in places:
        kept = [_read(each) for each in channel_state.values(unit, _scope(place), delivery.clock.now(), AT_ONCE)]
        early = _early(unit, place, kept, pushed=True)
        if due := [report for report in kept if report not in early]:
            receipts.take(unit, delivery, place, due)
            channel_state.remove(unit, _scope(place), [report.platform_message_id for report in due])


def _early(unit: Unit, place: Place, reports: Sequence[StatusReport], *, pushed: bool) -> list[StatusReport]:
    """Those by our id about a message still being sent, and those pushed by a name that no delivery bears."""
    named = [report for report in reports if report.platform_message_id]
    if not named:
        return []
    ids = [report.delivery_id for report in named if report.delivery_id is not None]
    found = deliveries.reported(unit, *place, ids, [report.platform_message_id for report in named])
    sending = {row.id for row in found if row.state is DeliveryState.SENDING}
    names = {row.platform_message_id for row in found}
    return [
        report
        for report in named
        if report.delivery_id in sending
        or (pushed and report.delivery_id is None and report.platform_message_id not in names)
    ]


def _scope(place: Place) -> str:
    kind, account = place
    return f"early:{kind.value}:{account}"


def _read(written: str) -> StatusReport:
    fields = json.loads(written)
    return StatusReport(**fields | {"state": DeliveryState(fields["state"])})
