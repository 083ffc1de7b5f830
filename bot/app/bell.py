"""Tells staff on their own platform what waits for them: new tickets, messages in doubt, stopped channels,
broadcasts that fail, answers to be looked at again; and a manager of their clients' messages."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.channels.base import ChannelState, Notified, StaffNotices
from bot.clock import Clock, SystemClock
from bot.errors import SendError, StorageError, Throttled
from bot.texts import Texts
from bot.vocabulary import Locale
from services import personal_service
from services.delivery.receipts import FAILING
from services.personal_service import Call
from storage.repositories import tickets
from storage.repositories.tickets import Ticket
from storage.unit import Database, Signal, Unit

log = logging.getLogger(__name__)

OPENED, DOUBT, STOPPED, REVIEWS, TALK = "ticket_opened", "uncertain", "channel", "reviews", "conversation"
TOPICS = frozenset({OPENED, DOUBT, STOPPED, REVIEWS, TALK, FAILING})
LONGEST_WAIT = 300.0
"""Seconds; a notice that a platform does not take for longer is given up, for the console shows the same."""

OVER_LIMIT = 60.0
"""Seconds until members are tried again who have had as much in a minute as their platform delivers."""

AGAIN = timedelta(hours=1)
"""A channel that stopped, or a broadcast that fails, is told of so often."""

DOUBTS = timedelta(minutes=5)
"""Doubtful messages are told of so often, all that came meanwhile together: a platform in trouble makes many."""

QUIET = timedelta(minutes=30)
"""A manager is told of a client's messages so often, and of each wish for a person."""

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
    clock: Clock = field(default_factory=SystemClock)
    _news: dict[Signal, None] = field(default_factory=dict)
    _rung: asyncio.Event = field(default_factory=asyncio.Event)
    _doubts: set[str] = field(default_factory=set)
    _later: asyncio.TimerHandle | None = None

    def heard(self, signals: Sequence[Signal]) -> None:
        """What stands by now; most of it concerns nobody here."""
        for signal in signals:
            if self.ways and signal.topic in TOPICS:
                self._news[signal] = None
                self._rung.set()

    async def run(self) -> None:
        """Tell for ever."""
        while True:
            await self._rung.wait()
            await self.sleep(self.gather)
            await self.tell()

    async def tell(self) -> None:
        """One notice of what was heard since the last one; where the database does not say more, it waits."""
        news, self._news = list(self._news), {}
        self._rung.clear()
        try:
            apart = await self._apart(news)
            lines = await self._lines(news)
        except StorageError as error:
            log.warning("staff are told later: %s", type(error).__name__)
            self._news = dict.fromkeys(news) | self._news
            self._rung.set()
            return
        for member, said in apart.items():
            await self._notify(replace(self.ways[0], members=(member,)), "\n".join(said[:MOST_LINES]))
        for way in self.ways if lines else ():
            await self._notify(way, "\n".join(lines))

    async def _apart(self, news: Sequence[Signal]) -> dict[str, list[str]]:
        """What managers are told of their own clients, by the first way there is: an app before a group's robot."""
        talks, now = [int(signal.key) for signal in news if signal.topic == TALK], self.clock.now()
        found = await self.database.read(lambda unit: personal_service.calls(unit, talks, now)) if talks else []
        lines: dict[str, list[str]] = {}
        for call in found:
            place = f"called:{call.conversation_id}:{call.until.isoformat() if call.until else ''}"
            if await self.state.put_if_absent(place, "", QUIET):
                lines.setdefault(call.member, []).append(self._called(call))
        return lines

    def _called(self, call: Call) -> str:
        told = {"number": call.conversation_id}
        if call.until is None:
            return self.texts.render("staff_client_wrote", Locale.ZH_CN, told)
        return self.texts.render("staff_client_waits", Locale.ZH_CN, told | {"until": call.until.isoformat()})

    async def _lines(self, news: Sequence[Signal]) -> list[str]:
        ids = [int(signal.key) for signal in news if signal.topic == OPENED]
        now = self.clock.now()
        opened = await self.database.read(lambda unit: _opened(unit, ids, now))
        stopped = [signal.key for signal in news if signal.topic == STOPPED and await self._is_news(signal)]
        failing = [
            self._failing(signal.key) for signal in news if signal.topic == FAILING and await self._is_news(signal)
        ]
        self._doubts |= {signal.key for signal in news if signal.topic == DOUBT}
        doubtful = await self._new_doubts()
        due = [self._due(signal.key) for signal in news if signal.topic == REVIEWS]
        return [*due, *failing, *self._written(opened, stopped, doubtful)][:MOST_LINES]

    async def _new_doubts(self) -> int:
        """How many to tell of; none so soon after the last notice of them, then they wait for the next."""
        if not self._doubts:
            return 0
        if not await self.state.put_if_absent(DOUBT, "", DOUBTS):
            if self._later is None:
                self._later = asyncio.get_running_loop().call_later(DOUBTS.total_seconds(), self._ring)
            return 0
        doubts, self._doubts = self._doubts, set()
        return len(doubts)

    def _ring(self) -> None:
        self._later = None
        self._rung.set()

    def _due(self, number: str) -> str:
        return self.texts.render("staff_reviews_due", Locale.ZH_CN, {"count": int(number)})

    def _failing(self, number: str) -> str:
        return self.texts.render("staff_broadcast_failing", Locale.ZH_CN, {"number": int(number)})

    async def _is_news(self, signal: Signal) -> bool:
        """Over all processes, and not at each of the tries that a stopped channel makes."""
        return await self.state.put_if_absent(f"{signal.topic}:{signal.key}", "", AGAIN)

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


def _opened(unit: Unit, ids: Sequence[int], now: datetime) -> list[Ticket]:
    """Tickets that everybody is told of: a manager who was told apart has theirs for a while."""
    theirs = personal_service.kept_for_managers(unit, ids, now)
    found = (tickets.by_id(unit, one) for one in ids if one not in theirs)
    return sorted((ticket for ticket in found if ticket), key=lambda ticket: ticket.level)
