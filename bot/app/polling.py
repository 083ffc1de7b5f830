"""Asks platforms that cannot call us, and hands on what they tell."""

import asyncio
import logging
from collections.abc import Sequence

from bot.channels.base import Channel, Poller
from bot.dispatcher import Dispatcher
from bot.errors import DatabaseBusy
from bot.messages import Event, Incoming, StatusReport
from services.delivery import receipts
from storage.unit import Database

log = logging.getLogger(__name__)

RETRY_PAUSE = 1.0
"""Seconds before a page is stored again while the database is busy; the platform keeps the next page meanwhile."""


async def poll(channel: Channel, poller: Poller, dispatcher: Dispatcher, database: Database) -> None:
    """Take page after page for ever; the next one is asked for only when this one is stored."""
    async for page in poller.poll():
        await _kept(channel, page, dispatcher, database)


async def _kept(
    channel: Channel, page: Sequence[Incoming | Event | StatusReport], dispatcher: Dispatcher, database: Database
) -> None:
    reports = [item for item in page if isinstance(item, StatusReport)]
    arrivals = [item for item in page if not isinstance(item, StatusReport)]
    while True:
        try:
            if reports:
                await database.write(lambda unit: receipts.take(unit, channel.kind, channel.account, reports))
            if arrivals:
                await dispatcher.take(arrivals)
        except DatabaseBusy as error:
            log.warning("%s/%s: page not stored yet: %s", channel.kind.value, channel.account, error)
            await asyncio.sleep(RETRY_PAUSE)
        else:
            return
