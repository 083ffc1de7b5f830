"""Tells staff on their own platform what waits for them: new tickets, messages in doubt, stopped channels,
answers to be looked at again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.channels.base import ChannelState, Notified, StaffNotices
from bot.errors import SendError, StorageError, Throttled
from bot.texts import Texts
from bot.vocabulary import Locale
from storage.repositories import tickets
from storage.repositories.tickets import Ticket
from storage.unit import Database, Signal, Unit

log = logging.getLogger(__name__)

OPENED, DOUBT, STOPPED, REVIEWS = "ticket_opened", "uncertain", "channel", "reviews"
LONGEST_WAIT = 300.0
"""Seconds; a notice that a platform does not take for longer is given up, for the console shows the same."""

OVER_LIMIT = 60.0
"""Seconds until members are tried again who have had as much in a minute as their platform delivers."""

AGAIN = timedelta(hours=1)
"""A channel that stopped is told of so often."""

MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Way:
    """One place where staff are told, and whom of its members it concerns."""

    notices: StaffNotices
    members: tuple[str, ...] = ()


@dataclass
class Bell:
    """Gathers what happens for `gather` seconds into one notice: a group's robot takes 20 a minute."""

    database: Database
    texts: Texts
    ways: Sequence[Way]
    state: ChannelState
    gather: float = 5.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _news: dict[Signal, None] = field(default_factory=dict)
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self, signals: Sequence[Signal]) -> None:
        """What stands by now; most of it concerns nobody here."""
        for signal in signals:
            if self.ways and signal.topic in (OPENED, DOUBT, STOPPED, REVIEWS):
                self._news[signal] = None
                self._rung.set()

    async def run(self) -> None:
        """Tell for ever."""
        while True:
            await self._rung.wait()
            await self.sleep(self.gather)
            await self.tell()

    async def tell(self) -> None:
        """One notice of what was heard since the last one."""
        news, self._news = list(self._news), {}
        self._rung.clear()
        try:
            lines = await self._lines(news)
        except StorageError as error:
            log.warning("staff are not told: %s", type(error).__name__)
            return
        for way in self.ways if lines else ():
            await self._notify(way, "\n".join(lines))

    async def _lines(self, news: Sequence[Signal]) -> list[str]:
        ids = [int(signal.key) for signal in news if signal.topic == OPENED]
        opened = await self.database.read(lambda unit: _opened(unit, ids))
        stopped = [signal.key for signal in news if signal.topic == STOPPED and await self._is_news(signal.key)]
        doubtful = sum(signal.topic == DOUBT for signal in news)
        due = [self._due(signal.key) for signal in news if signal.topic == REVIEWS]
        return [*due, *self._written(opened, stopped, doubtful)][:MOST_LINES]

    def _due(self, number: str) -> str:
        return self.texts.render("staff_reviews_due", Locale.ZH_CN, {"count": int(number)})

    async def _is_news(self, channel: str) -> bool:
        """Over all processes, and not at each of the tries that a stopped channel makes."""
        return await self.state.put_if_absent(f"stopped:{channel}", "", AGAIN)

    def _written(self, opened: Sequence[Ticket], stopped: Sequence[str], doubtful: int) -> Iterator[str]:
        locale = Locale.ZH_CN
        for channel in stopped:
            yield self.texts.render("staff_channel_stopped", locale, {"channel": channel})
        if doubtful:
            yield self.texts.render("staff_doubt", locale, {"count": doubtful})
        for ticket in opened:
            kind = self.texts.label(f"ticket_kind_{ticket.kind}", locale)
            level = self.texts.label(f"level_{ticket.level.lower()}", locale)
            told = {"kind": kind, "number": ticket.number, "level": level}
            yield self.texts.render("staff_ticket_opened", locale, told)

    async def _notify(self, way: Way, text: str) -> None:
        """Tell everybody of one way; again after a while those who have had as much as their platform delivers."""
        waited, members = 0.0, way.members
        while waited <= LONGEST_WAIT:
            try:
                told = await way.notices.notify(members, text)
            except Throttled as slow:
                pause = slow.retry_after
            except (SendError, StorageError) as error:
                log.warning("staff are not told: %s", error if isinstance(error, SendError) else type(error).__name__)
                return
            else:
                _warn_of_unknown(told)
                pause, members = OVER_LIMIT, tuple(one for one in members if one in told.over_limit)
                if not members:
                    return
            waited += pause
            await self.sleep(pause)
        log.warning("staff are not told: too many notices%s", f" to {len(members)} members" if members else "")


def _warn_of_unknown(told: Notified) -> None:
    if told.unknown:
        log.warning("staff are not told: %d members are unknown on their platform", len(told.unknown))


def _opened(unit: Unit, ids: Sequence[int]) -> list[Ticket]:
    found = (tickets.by_id(unit, one) for one in ids)
    return sorted((ticket for ticket in found if ticket), key=lambda ticket: ticket.level)
