"""The Telegram channel without a public address: updates are asked for, by one process at a time."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from uuid import uuid4

from pydantic import ValidationError
from telegram.error import TelegramError

from bot.channels.base import ChannelState, Route
from bot.channels.telegram.account import TelegramAccount
from bot.channels.telegram.channel import TelegramChannel, pauses
from bot.channels.telegram.outcomes import reason
from bot.channels.telegram.wire import UPDATE_KINDS, Numbered, Update
from bot.clock import Clock
from bot.errors import StorageError
from bot.messages import Inbound

log = logging.getLogger(__name__)

SLACK = 3.0
"""Seconds that an answer may take after the long poll has run out."""

BREATH = 0.1
"""Seconds after an empty page: a server that does not wait with its answer is not to be flooded."""


@dataclass(frozen=True, slots=True)
class _Page:
    updates: tuple[Update, ...]
    next_offset: int


class PollingTelegramChannel(TelegramChannel):
    """One bot, asked for its updates by the process that holds the account's lease."""

    def __init__(self, account: TelegramAccount, state: ChannelState, clock: Clock | None = None) -> None:
        super().__init__(account, state, clock)
        self._holder = uuid4().hex

    def routes(self) -> Sequence[Route]:
        """Telegram does not call us."""
        return ()

    async def poll(self) -> AsyncGenerator[Sequence[Inbound], None]:
        """Pages of news, for ever. A page is confirmed by asking for the next one: come back when it is stored."""
        await self.prepared.wait()
        try:
            async with aclosing(self._pages()) as pages:
                async for page in pages:
                    if items := [item for item in map(self._take, page.updates) if item]:
                        yield items
        finally:
            with suppress(StorageError):  # then the lease runs out by itself
                await self._state.release(self._lease, self._holder)

    @property
    def _lease(self) -> str:
        return f"telegram:{self.account}:poll"

    async def _pages(self) -> AsyncGenerator[_Page, None]:
        """Pages with something in them. An offset is sent once: ids may restart lower after a quiet week."""
        offset, waits = 0, pauses(self._account.pace)
        while True:
            try:
                page = await self._leased_page(offset)
            except (TelegramError, StorageError) as error:
                pause = next(waits)
                log.warning("telegram/%s: no updates (%s); again in %.0f s", self.account, _reason(error), pause)
                await asyncio.sleep(pause)
                continue
            waits = pauses(self._account.pace)
            offset = page.next_offset
            if page.updates:
                yield page
            else:
                await asyncio.sleep(BREATH)

    async def _leased_page(self, offset: int) -> _Page:
        """The next page; an empty one while another process has the lease."""
        pace = self._account.pace
        if not await self._state.lease(self._lease, self._holder, pace.lease):
            await asyncio.sleep(pace.retry)
            return _Page((), 0)
        fields = {"timeout": pace.long_poll, "offset": offset or None, "allowed_updates": UPDATE_KINDS}
        rows = await self._bot.ask("getUpdates", fields, pace.long_poll + SLACK)
        if not isinstance(rows, list):
            raise TelegramError("unreadable answer")
        return self._read(rows)

    def _read(self, rows: Sequence[object]) -> _Page:
        """What is unreadable is passed over with a line, so that it cannot hold up what comes after it."""
        updates, last = [], 0
        for row in rows:
            try:
                last = max(last, Numbered.model_validate(row).update_id)
                # As JSON again: only that reading refuses half of a surrogate pair, which no database takes.
                updates.append(Update.model_validate_json(json.dumps(row)))
            except ValidationError:
                log.warning("telegram/%s: an update could not be read and is passed over", self.account)
        return _Page(tuple(updates), last + 1 if last else 0)


def _reason(error: TelegramError | StorageError) -> str:
    return reason(error) if isinstance(error, TelegramError) else type(error).__name__


def telegram_channel(account: TelegramAccount, state: ChannelState, clock: Clock | None = None) -> TelegramChannel:
    """By webhook where secret and public address are set, else by polling."""
    return (TelegramChannel if account.hook else PollingTelegramChannel)(account, state, clock)
