"""Asks platforms that cannot call us, and hands on what they tell."""

import asyncio
import logging
from collections.abc import Sequence

from bot.app.rooms import Rooms
from bot.channels.base import Channel, Poller
from bot.errors import DatabaseBusy
from bot.messages import Inbound, StatusReport

log = logging.getLogger(__name__)

RETRY_PAUSE = 1.0
"""Seconds before a page is stored again while the database is busy; the platform keeps the next page meanwhile."""


async def poll(channel: Channel, poller: Poller, rooms: Rooms) -> None:
    """Take page after page for ever; the next one is asked for only when this one is stored."""
    async for page in poller.poll():
        await _kept(channel, page, rooms)


async def _kept(channel: Channel, page: Sequence[Inbound | StatusReport], rooms: Rooms) -> None:
    reports = [item for item in page if isinstance(item, StatusReport)]
    arrivals = [item for item in page if not isinstance(item, StatusReport)]
    while True:
        try:
            if reports:
                await rooms.database.write(lambda unit: rooms.told(unit, channel.kind, channel.account, reports))
            if arrivals:
                await rooms.dispatcher.take(arrivals)
        except DatabaseBusy as error:
            log.warning("%s/%s: page not stored yet: %s", channel.kind.value, channel.account, error)
            await asyncio.sleep(RETRY_PAUSE)
        else:
            return
