"""Broadcasts by group: one call of the platform for many recipients, where each alone would have to wait.

They would wait for their window, or for a member of staff who confirms each message.

Screening parks what may go so for two minutes; when nothing else is due, what is parked goes in as few calls as
possible. What was not taken in time is screened anew.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.channels.base import Capabilities, Channel, Group, GroupSender
from bot.clock import branch_date
from bot.messages import GroupReceipt, Outgoing, Receipt
from bot.vocabulary import Addressee, ChannelKind, DeliveryState
from services.delivery import fallback
from services.delivery.means import linked
from services.delivery.merging import Ready, shared
from services.delivery.sending import Attempt, Ending, Fetch, send
from services.delivery.submit import Delivery
from storage.repositories import accounts, groups, permits
from storage.repositories.claims import Due, Lane
from storage.repositories.deliveries import WINDOW
from storage.unit import Database, Unit

log = logging.getLogger(__name__)

SLICE = 1000
"""Outcomes written in one transaction."""

HANDED_OVER = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.AWAITING_STAFF)


def group_lane(lane: Lane) -> str:
    """The name among the permits under which an account's calls to groups keep a rate of their own."""
    return f"{lane.name}:group"


@dataclass
class _Call:
    """A group as a channel that sends one message: so a group meets every fault as a single message does."""

    sender: GroupSender
    channel: Channel
    addresses: Sequence[str]
    capabilities: Capabilities
    receipt: Receipt | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(self.channel, name)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """The one call for all."""
        self.receipt = await self.sender.send_group(outgoing, self.addresses)
        return self.receipt


@dataclass
class Groups:
    """Sends what is parked on the lanes of channels that can send to groups."""

    database: Database
    delivery: Delivery
    channels: Mapping[tuple[ChannelKind, str], Channel]
    holder: str
    enclosed: Fetch | None = None

    async def send(self, lane: Lane) -> list[Ending]:
        """One call, if there is anything to send and it may be made now; its outcomes are still to be recorded."""
        channel = self.channels[lane.channel, lane.account]
        group = channel.capabilities.group
        if lane.urgent or group is None or not isinstance(channel, GroupSender):
            return []
        batch = await self.database.write(lambda unit: self._take(unit, lane, group))
        if not batch:
            return []
        first, *others = batch
        digest = hashlib.sha256(",".join(str(due.id) for due in batch).encode()).hexdigest()
        to = Addressee(lane.channel, lane.account, first.address)
        outgoing = linked(Outgoing(first.id, to, first.text or "", idempotency_key=digest[:32]), group.media)
        shown = replace(channel.capabilities, media=group.media)
        call = _Call(channel, channel, [due.address for due in batch], shown)
        now = self.delivery.clock.now()
        ending = await send(Attempt(first, outgoing, call, now, self.enclosed))  # type: ignore[arg-type]
        log.info("%s: a group of %d: %s", lane.name, len(batch), ending.result.state)
        endings = shared(Ready(first, outgoing, tuple(others)), ending)
        if not isinstance(call.receipt, GroupReceipt):
            return endings
        return [_told_apart(one, due.address, call.receipt) for one, due in zip(endings, batch, strict=True)]

    def _take(self, unit: Unit, lane: Lane, group: Group) -> Sequence[Due]:
        now = self.delivery.clock.now()
        if permits.paused_until(unit, lane.name) > now.timestamp() or not groups.parked(unit, lane, now):
            return []
        if not permits.grant(unit, [group_lane(lane)], group.rate, now.timestamp()):
            return []
        taken = groups.take(unit, lane, self.holder, groups.Size(group.least, group.most), now)
        fallback.leave(unit, self.delivery, taken.alone, WINDOW, now)
        return taken.batch

    def count(self, unit: Unit, endings: Sequence[Ending]) -> None:
        """Count what was handed over against each recipient's month."""
        reached = [ending.result.account_id for ending in endings if ending.result.state in HANDED_OVER]
        accounts.count_group(unit, reached, f"{branch_date(self.delivery.clock.now()):%Y-%m}")


def _told_apart(ending: Ending, address: str, receipt: GroupReceipt) -> Ending:
    """Where the platform tells recipients apart: each by its own id, and those it will not reach."""
    if address in receipt.refused:
        lost = replace(ending.result, state=DeliveryState.FAILED, rule="gone", gone=True, sent_at=None)
        return Ending(replace(lost, platform_message_id=None, messages=0))
    own = receipt.by_address.get(address, "")[:128] or ending.result.platform_message_id
    return Ending(replace(ending.result, platform_message_id=own))
