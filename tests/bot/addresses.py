"""Our address for one channel, over HTTP without a network, on a database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette

from bot.channels.base import Channel
from bot.webhooks import Confirmations, Hooks, routes
from tests.bot.stand import Stand, standing


@asynccontextmanager
async def addressed(url: str, *channels: Channel) -> AsyncIterator[tuple[Stand, httpx.AsyncClient]]:
    """A stand whose handler gives a client's words back, and a caller of the addresses of its channels."""
    async with standing(url) as stand:
        dispatcher = stand.dispatcher()
        hooks = Hooks(stand.database, dispatcher, lambda *_: None, stand.clock)
        confirmations = Confirmations(hooks)
        app = Starlette(routes=routes(hooks, confirmations, channels))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hooks") as client:
            yield stand, client
        await confirmations.close()
        await dispatcher.idle()
