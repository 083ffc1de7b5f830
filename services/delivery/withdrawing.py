"""Takes back what waits for a member of staff, where its broadcast was stopped or its time is over."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.channels.base import Channel, Withdrawer
from bot.errors import SendError, StorageError
from bot.messages import StatusReport
from bot.vocabulary import ChannelKind, DeliveryState
from services.delivery import receipts
from services.delivery.submit import Delivery
from storage.repositories import deliveries, permits, tasks
from storage.repositories.tasks import Task
from storage.unit import Database, Unit

log = logging.getLogger(__name__)

AT_ONCE = 1000
"""Messages looked at in one round."""

EVERY = 20.0
"""Seconds between two rounds of one account, over all processes."""


@dataclass(frozen=True)
class Withdrawals:
    """Works for the accounts that can take something back."""

    database: Database
    delivery: Delivery
    channels: Mapping[tuple[ChannelKind, str], Channel]

    async def work(self) -> None:
        """One round; what a platform does not let us take back now is tried in the next one."""
        for (kind, account), channel in self.channels.items():
            if isinstance(channel, Withdrawer):
                await self._account(kind, account, channel)

    async def _account(self, kind: ChannelKind, account: str, channel: Withdrawer) -> None:
        found = await self.database.write(lambda unit: self._due(unit, kind, account))
        if not found:
            return
        try:
            reports = await channel.withdraw([task.name for task in found])
        except (SendError, StorageError) as error:
            log.warning("%s/%s: not taken back yet (%s)", kind.value, account, type(error).__name__)
            return
        await self.database.write(lambda unit: self._settle(unit, (kind, account), found, reports))

    def _due(self, unit: Unit, kind: ChannelKind, account: str) -> Sequence[Task]:
        now = self.delivery.clock.now()
        if not permits.grant(unit, [f"{kind.value}:{account}:withdraw"], 1 / EVERY, now.timestamp()):
            return ()
        return tasks.overdue(unit, kind, account, now, AT_ONCE)

    def _settle(
        self, unit: Unit, place: tuple[ChannelKind, str], found: Sequence[Task], reports: Sequence[StatusReport]
    ) -> None:
        """What staff confirmed in time counts as that; the rest never goes out."""
        now = self.delivery.clock.now()
        receipts.take(unit, self.delivery, place, reports)
        for killed, state, rule in (
            (True, DeliveryState.CANCELLED, "broadcast_stopped"),
            (False, DeliveryState.EXPIRED, None),
        ):
            ids = [task.delivery_id for task in found if task.killed is killed]
            deliveries.move(unit, ids, DeliveryState.AWAITING_STAFF, state=state, rule=rule, updated_at=now)
