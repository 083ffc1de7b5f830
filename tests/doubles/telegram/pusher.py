"""Posts pending updates to the bot's webhook until it takes them."""

import asyncio
from dataclasses import dataclass

import httpx

from bot.clock import Clock
from tests.doubles.loopback import loopback_client
from tests.doubles.telegram.feed import Feed, Update, as_json

LONGEST_PAUSE = 1.0


@dataclass
class Pusher:
    """One update at a time; a refusal is tried again after a pause (real seconds) that doubles."""

    feed: Feed
    clock: Clock
    pause: float = 0.05
    patience: float = 5.0

    async def run(self) -> None:
        """Until cancelled."""
        async with loopback_client(patience=self.patience) as client:
            while True:
                await self._next(client)

    async def _next(self, client: httpx.AsyncClient) -> None:
        while not (self.feed.webhook.url and self.feed.pending):
            await self.feed.bell.wait()
        pause = self.pause
        update = self.feed.pending[0]
        while self.feed.webhook.url and update in self.feed.pending and not await self._post(client, update):
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _post(self, client: httpx.AsyncClient, update: Update) -> bool:
        hook = self.feed.webhook
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        try:
            answer = await client.post(hook.url, json=as_json(update), headers=headers)
        except httpx.HTTPError:
            return self._failed("Connection failed")
        if not answer.is_success:
            return self._failed(f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}")
        if update in self.feed.pending:
            self.feed.pending.remove(update)
            self.feed.bell.ring()
        return True

    def _failed(self, words: str) -> bool:
        hook = self.feed.webhook
        hook.last_error, hook.failed_at = words, int(self.clock.now().timestamp())
        return False
