"""Runs the service in one of its roles until it is told to end."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot import queue
from bot.app import media, memory
from bot.app.jobs import clockwork
from bot.app.keys import open_database
from bot.app.polling import poll
from bot.app.presence import sole_lock
from bot.app.rooms import Rooms, build
from bot.app.web import Server, Web, server, web
from bot.channels.base import Opener, Poller
from bot.clock import SystemClock
from bot.errors import DatabaseBusy, QuanfuError, SettingsWrong
from bot.live import Live, MemoryLive
from bot.queue import Queue
from bot.settings import Settings
from services import branch
from services.delivery.pump import Pump
from services.delivery.worker import Worker
from services.imports.importer import Importer
from services.media.fetching import Fetcher
from services.tables import rejections
from storage.leader import FileLeadership
from storage.repositories import versions
from storage.unit import Signal, Unit

log = logging.getLogger(__name__)

WORK = frozenset({"deliver", "chunk", "media", "import"})
"""Signals that mean there is something to send, to fetch or to bring in."""

WATCH_SECONDS = 0.5
"""How often a process looks whether something was published; training takes it a second more."""
COURTESY = 0.25
"""Seconds for which a broadcast lets clients of this process go first, before each step."""


class ServiceBroke(QuanfuError):
    """A part of the service ended by itself."""


class Role(StrEnum):
    """What one process does."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"
    SCHEDULER = "scheduler"


async def serve(settings: Settings, role: Role, started: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; ends within 5 s of it, and nothing accepted is lost."""
    memory.starting()
    with ExitStack() as ends:
        if lock := _sole_server(settings, role):
            ends.callback(lock.yield_up)
        if role in (Role.ALL, Role.WEB):
            check_place(settings)
        database = open_database(settings)
        ends.callback(database.close)
        rooms = await build(settings, database, SystemClock(), _live(settings))
        await Service(rooms, role, await _queue(settings), started).run()


def _sole_server(settings: Settings, role: Role) -> FileLeadership | None:
    """One process on a SQLite file, and that one does everything."""
    if not settings.on_sqlite:
        return None
    if role is not Role.ALL:
        raise SettingsWrong(["QUANFU_DATABASE_URL: separate roles need PostgreSQL"])
    lock = sole_lock(settings)
    if not lock.take():
        raise SettingsWrong(["QUANFU_DATABASE_URL: another process serves this database file"])
    return lock


def check_place(settings: Settings) -> None:
    """SettingsWrong where nobody can listen at the place of the settings: better told now than after all has begun."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        raise SettingsWrong([f"QUANFU_LISTEN: nobody can listen there: {error.strerror}"]) from None


async def _queue(settings: Settings) -> Queue:
    if settings.on_sqlite:
        return queue.in_memory()
    from bot.queue.postgres import on_postgres  # its driver is 10 MB and a tenth of a second that SQLite can spare

    return await on_postgres(settings.database_url)


def _live(settings: Settings) -> Live:
    if settings.on_sqlite:
        return MemoryLive()
    from bot.live.postgres import PostgresLive

    return PostgresLive(libpq(settings.database_url))


def libpq(url: str) -> str:
    """A PostgreSQL address as libpq reads it."""
    return "postgresql" + url[url.index("://") :]


@dataclass
class Service:
    """One process at work."""

    rooms: Rooms
    role: Role
    queue: Queue
    started: Callable[[], None]
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)
    _told: asyncio.Event = field(default_factory=asyncio.Event)
    _broken: bool = False

    async def run(self) -> None:
        """Begin, wait for the end, put everything away; ServiceBroke when a part ended by itself."""
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, self._told.set)
        self.rooms.database.listen(self._heard)
        await self.rooms.live.open()
        fetcher = self._fetcher()
        importer = Importer(self.rooms.imports, rejections.catalogue())
        wakes = {"media": fetcher.wake, "import": importer.wake}
        worker = Worker(self._pump(), self.queue, alone=self.rooms.settings.on_sqlite, others=wakes)
        await self._open_channels()
        try:
            if self.role in (Role.ALL, Role.WORKER):
                self._begin(worker.run())
                self._begin(fetcher.run())
                self._begin(importer.run())
            if self.role in (Role.ALL, Role.SCHEDULER):
                self._begin(clockwork(self.rooms).run())
            self._begin(self._watch_versions())
            self._begin(self.rooms.bell.run())
            await self._front()
        finally:
            await worker.stop()
            await self._end()
        if self._broken:
            raise ServiceBroke("a part of the service ended by itself; see the log")

    def _heard(self, signals: Sequence[Signal]) -> None:
        """After a commit: wake what has to send, tell open pages and other processes."""
        for one in signals:
            if one.topic in WORK:
                self.queue.put(f"{one.topic}:{one.key}")
        self.rooms.bell.heard(signals)
        self.rooms.live.publish(f"{one.topic}:{one.key}" for one in signals)

    def _pump(self) -> Pump:
        rooms = self.rooms
        return Pump(
            rooms.database,
            rooms.delivery,
            rooms.channels,
            rooms.holder,
            courtesy=self._clients_first,
            enclosed=media.Enclosures(rooms.library).fetch,
        )

    async def _clients_first(self) -> None:
        """Until nobody waits for an answer here, or for a moment: a broadcast goes on however many write."""
        with suppress(TimeoutError):
            async with asyncio.timeout(COURTESY):
                await self.rooms.dispatcher.idle()

    def _fetcher(self) -> Fetcher:
        rooms = self.rooms
        return media.fetcher(rooms.library, rooms.channels, rooms.delivery.submit, rooms.texts)

    async def _front(self) -> None:
        """Serve HTTP, or just wait, until told to end."""
        if self.role not in (Role.ALL, Role.WEB):
            memory.started()
            await self._told.wait()
            return
        await self.rooms.dispatcher.start(alone=self.rooms.settings.on_sqlite)
        self._begin(self.rooms.dispatcher.run())
        if sense := self.rooms.sense:
            self._begin(sense.watch(lambda: self.rooms.services.knowledge))
        for channel in self.rooms.channels.values():
            if isinstance(channel, Poller):
                self._begin(poll(channel, channel, self.rooms))
        made: Web = web(self.rooms, demo=await self.rooms.database.read(branch.demo))
        http = server(made.app, self.rooms, self.started)
        self._begin(self._ended(http))
        memory.started()
        await http.serve()
        await self.rooms.dispatcher.close()
        await made.confirmations.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(self._check)
        self._tasks.append(task)

    async def _watch_versions(self) -> None:
        """Pick up what was published meanwhile: an imported calendar, other answers."""
        looking = self._keep_trained
        while True:
            try:
                await looking()
                looking = self._take_over
            except DatabaseBusy as error:
                log.warning("versions not read: %s", error)
            await asyncio.sleep(WATCH_SECONDS)

    async def _keep_trained(self) -> None:
        """The next start need not train what this one has."""
        if await self.rooms.services.published.keep(self.rooms.database):
            memory.keep()

    async def _take_over(self) -> None:
        rooms, published = self.rooms, self.rooms.services.published

        def look(unit: Unit) -> int:
            rooms.calendars.refresh(unit)
            return versions.of(unit, versions.KNOWLEDGE)

        if await rooms.database.read(look) != published.version:
            await published.refresh(rooms.database)
            await published.keep(rooms.database)
            memory.keep()  # or the knowledge base that was kept before would never be let go
            log.info("answers come from version %d of the knowledge base", published.version)

    async def _ended(self, http: Server) -> None:
        await self._told.wait()
        http.should_exit = True

    def _check(self, task: "asyncio.Task[None]") -> None:
        """A part must live as long as the service: when one breaks, end, so that whoever watches starts anew."""
        if not task.cancelled() and task.exception():
            log.critical("a part of the service broke", exc_info=task.exception())
            self._broken = True
            self._told.set()

    def _openers(self) -> list[Opener]:
        """Channels, and where staff are told; an app that is both is opened twice without harm."""
        found = [*self.rooms.channels.values(), *(way.notices for way in self.rooms.bell.ways)]
        return [one for one in found if isinstance(one, Opener)]

    async def _open_channels(self) -> None:
        for opener in self._openers():
            await opener.open()

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.rooms.sense:
            await self.rooms.sense.close()
        if self.rooms.chat:
            await self.rooms.chat.close()
        for opener in self._openers():
            await opener.close()
        await self.rooms.live.close()
        log.info("ended")
