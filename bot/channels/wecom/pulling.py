"""Pulls what clients wrote to the service desks: by the process that holds the lease, woken by callbacks.

A callback brings no message, only word that there is one. It is answered when that word is in the channel's state,
where whichever process pulls finds it; a sweep finds what no callback told.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from bot.channels.tencent.arrivals import sent_at
from bot.channels.tencent.refusal import Refusal
from bot.channels.wecom.account import Pace, WecomAccount
from bot.channels.wecom.calls import Call, heard
from bot.channels.wecom.desk import Page, ServiceDesk
from bot.channels.wecom.outcomes import CALLBACK_TOKEN_ENDED, send_error
from bot.channels.wecom.replies import Replies
from bot.channels.wecom.rows import Item, RowReader, entrance
from bot.clock import Clock
from bot.errors import SendError, StorageError, Throttled

log = logging.getLogger(__name__)

FIRST_LOOK = timedelta(minutes=10)
"""At the first pull of a desk older messages are left alone: the platform keeps three days of them."""

_LEASE = "pull"
_MOST_PAGES = 1000
"""In a row of one desk, so that one that never ends does not keep the others waiting."""


@dataclass(frozen=True, slots=True)
class _Pull:
    """A desk being pulled: the word that asked for it, and how far it has come; no cursor at the very first time."""

    open_kfid: str
    call: Call
    at: datetime
    cursor: str | None
    first: bool
    pages: int = 0


@dataclass(frozen=True, slots=True)
class _Step:
    pull: _Pull
    page: Page
    items: Sequence[Item]

    @property
    def last(self) -> bool:
        """An empty page need not be the last one; one that leads nowhere is."""
        stuck = bool(self.page.rows) and self.page.cursor == self.pull.cursor
        return not self.page.more or stuck or self.pull.pages >= _MOST_PAGES


class Puller:
    """Works for one account."""

    def __init__(self, account: WecomAccount, desk: ServiceDesk, replies: Replies, clock: Clock) -> None:
        self._account = account
        self._desk = desk
        self._replies = replies
        self._state = replies.state
        self._clock = clock
        self._holder = uuid4().hex
        self._called = asyncio.Event()
        self._pull: _Pull | None = None
        self._leased_at: datetime | None = None
        self._answered: dict[str, Call] = {}
        self._swept: dict[str, datetime] = {}
        self._waits: dict[str, Iterator[float]] = {}
        self._resting: set[str] = set()

    def wake(self) -> None:
        """Word was left here, so there is no need to look round for it."""
        self._called.set()

    async def poll(self) -> AsyncGenerator[Sequence[Item], None]:
        """Pages of news, for ever. A page's cursor is kept when the consumer comes back for the next one."""
        pauses = _pauses(self._account.pace)
        try:
            while True:
                try:
                    step = await self._next()
                except (SendError, StorageError) as error:
                    await self._rest(error, next(pauses))
                    continue
                pauses = _pauses(self._account.pace)
                if step.items:
                    yield step.items
                await self._keep(step)
        finally:
            with suppress(StorageError):  # then the lease runs out by itself
                await self._state.release(_LEASE, self._holder)

    async def _next(self) -> _Step:
        """The next page, as soon as there is something to pull and this process may."""
        while True:
            self._called.clear()
            if self._account.kf_ids and await self._leads() and (pull := self._pull or await self._due()):
                if page := await self._given(pull):
                    return _Step(pull, page, await self._items(page, pull.first))
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), self._account.pace.look)

    async def _leads(self) -> bool:
        """Whether this process pulls; the lease is renewed in time, not at every look."""
        now, ttl = self._clock.now(), self._account.pace.lease
        if self._leased_at is not None and now - self._leased_at < ttl / 3:
            return True
        held = await self._state.lease(_LEASE, self._holder, ttl)
        self._leased_at = now if held else None
        return held

    async def _due(self) -> _Pull | None:
        """A desk that was called for, or whose sweep is due."""
        for open_kfid in (desk for desk in self._account.kf_ids if desk not in self._resting):
            call = await heard(self._state, open_kfid)
            if (call != Call() and call != self._answered.get(open_kfid)) or self._sweep_due(open_kfid):
                cursor = await self._state.get(_cursor_key(open_kfid))
                return _Pull(open_kfid, call, self._clock.now(), cursor, first=cursor is None)
        return None

    def _sweep_due(self, open_kfid: str) -> bool:
        swept = self._swept.get(open_kfid)
        return swept is None or self._clock.now() - swept >= self._account.pace.sweep

    async def _given(self, pull: _Pull) -> Page | None:
        """The page; None where the platform refuses this desk, which rests while the others are pulled."""
        desk = pull.open_kfid
        try:
            page = await self._page(pull)
        except Throttled:
            raise
        except SendError as error:
            pause = next(self._waits.setdefault(desk, _pauses(self._account.pace)))
            log.warning("wecom/%s: nothing pulled (%s); again in %.0f s", self._account.name, _named(error), pause)
            self._pull = None
            self._resting.add(desk)
            asyncio.get_running_loop().call_later(pause, self._rested, desk)
            return None
        self._waits.pop(desk, None)
        return page

    def _rested(self, desk: str) -> None:
        self._resting.discard(desk)
        self._called.set()

    async def _page(self, pull: _Pull) -> Page:
        """With the callback's token while it is good, else without."""
        token = pull.call.token
        try:
            return await self._desk.pull(pull.open_kfid, pull.cursor or "", token)
        except Refusal as refusal:
            if not token or refusal.code != CALLBACK_TOKEN_ENDED:
                raise send_error(refusal) from None
        try:
            return await self._desk.pull(pull.open_kfid, pull.cursor or "", "")
        except Refusal as refusal:
            raise send_error(refusal) from None

    async def _items(self, page: Page, first: bool) -> Sequence[Item]:
        reader = RowReader(self._account.name, await self._replies.msgids())
        since = self._clock.now() - FIRST_LOOK
        items: list[Item] = []
        for row in page.rows:
            if first and (sent_at(row, "send_time") or since) < since:
                continue
            if entered := entrance(row):
                await self._replies.let_in(entered)
            items += reader.items(row)
        return items

    async def _keep(self, step: _Step) -> None:
        """The page is stored: go on after it. Where the cursor can't be kept, the page is pulled once more.

        Platform or database may have been slower than the lease is long: then another process pulls by now, and the
        cursor is its own to set.
        """
        pull, page = step.pull, step.page
        self._pull = None
        try:
            if not await self._leads():
                return
            if page.cursor != pull.cursor:
                await self._state.put(_cursor_key(pull.open_kfid), page.cursor)
        except StorageError as error:
            log.warning("wecom/%s: cursor not kept (%s)", self._account.name, type(error).__name__)
            return
        self._pull = None if step.last else replace(pull, cursor=page.cursor, pages=pull.pages + 1)
        if step.last:
            self._answered[pull.open_kfid] = pull.call
            self._swept[pull.open_kfid] = pull.at

    async def _rest(self, error: SendError | StorageError, pause: float) -> None:
        seconds = error.retry_after if isinstance(error, Throttled) else pause
        log.warning("wecom/%s: nothing pulled (%s); again in %.0f s", self._account.name, _named(error), seconds)
        await asyncio.sleep(seconds)


def _named(error: SendError | StorageError) -> str:
    return f"{type(error).__name__} {error.code}" if isinstance(error, SendError) else type(error).__name__


def _cursor_key(open_kfid: str) -> str:
    return f"cursor:{open_kfid}"


def _pauses(pace: Pace) -> Iterator[float]:
    """Seconds between tries: doubling, up to the longest."""
    pause = pace.first_pause
    while True:
        yield pause
        pause = min(pause * 2, pace.longest_pause)
