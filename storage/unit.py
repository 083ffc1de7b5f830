"""One Unit is one transaction. The only place that commits.

The work inside a unit is a plain function: it cannot await, so nothing but the database can happen while a
transaction is open. Units run in threads: one writer on SQLite, a few on PostgreSQL (ADR 0002). A brief one runs at
once where that stops nobody (ADR 0016).
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from bot.errors import DatabaseBusy
from storage.engine import AT_ONCE, Engines
from storage.vault import Vault

T = TypeVar("T")
NO_TURN = "no turn at the database in time"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Signal:
    """What others should hear once the transaction stands: a topic and which thing."""

    topic: str
    key: str


@dataclass
class Unit:
    """One open transaction. Rows loaded in it must not leave it.

    Statements of the hot paths go over `connection`; `session` is there for the rest, and made when asked for.
    """

    connection: Connection
    vault: Vault
    signals: list[Signal] = field(default_factory=list)

    @cached_property
    def session(self) -> Session:
        """The object-relational side of the same transaction."""
        return Session(self.connection, expire_on_commit=False, autobegin=True)

    def flush(self) -> None:
        """Write down what the session holds, for statements over the connection to see."""
        if "session" in self.__dict__:
            self.session.flush()

    def announce(self, topic: str, key: object) -> None:
        """Tell others after the commit; a rollback tells nobody."""
        self.signals.append(Signal(topic, str(key)))


TAKEN = "23505"
"""How PostgreSQL calls a key that another row has."""


class _Taken(Exception):
    """Another process is writing just now."""


Listener = Callable[[Sequence[Signal]], None]


class Database:
    """Runs units. `listener` hears the signals of each commit, on the event loop of the caller."""

    def __init__(self, engines: Engines, vault: Vault) -> None:
        self._engines = engines
        self._vault = vault
        self._listener: Listener | None = None
        self._writers = ThreadPoolExecutor(engines.writers, thread_name_prefix="writer")
        self._readers = ThreadPoolExecutor(engines.readers, thread_name_prefix="reader")
        self._turn = asyncio.Lock()

    @property
    def vault(self) -> Vault:
        """The keys of this database."""
        return self._vault

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engines.writer.dialect.name

    def listen(self, listener: Listener) -> None:
        """Who hears the signals from now on."""
        self._listener = listener

    async def read(self, work: Callable[[Unit], T], patience: float = 10.0) -> T:
        """Run a function in a read-only transaction."""
        return await _started(self._readers.submit(self._reading, work), patience)

    async def write(self, work: Callable[[Unit], T], patience: float = 10.0, *, brief: bool = False) -> T:
        """Run a function in one short transaction and commit it; twice where another one was faster with a key.

        `patience`: seconds it may wait for its turn. DatabaseBusy when it never began or the database is
        locked or gone; nothing of it stands then. `brief`: it changes a few rows and may run on the event loop,
        which costs less than to hand it to a thread.
        """
        in_turn = self._alone(work, patience, brief=brief) if self.dialect == "sqlite" else self._beside(work, patience)
        result, signals = await in_turn
        if signals and self._listener:
            self._listener(signals)
        return result

    async def _alone(self, work: Callable[[Unit], T], patience: float, *, brief: bool) -> tuple[T, list[Signal]]:
        """Where one may write at a time: whoever asks first goes first.

        A brief one waits for one in the thread and then runs on the event loop all the same. In the thread it would
        itself be waited for, and while messages keep coming there would be no end of it.
        """
        try:
            async with asyncio.timeout(patience):
                await self._turn.acquire()
        except TimeoutError:
            raise DatabaseBusy(NO_TURN) from None
        try:
            return self._writing(work, AT_ONCE) if brief else await self._beside(work, patience)
        except _Taken:
            return await self._beside(work, patience)
        finally:
            self._turn.release()

    async def _beside(self, work: Callable[[Unit], T], patience: float) -> tuple[T, list[Signal]]:
        """In a thread."""
        return await _started(self._writers.submit(self._after_others, work), patience)

    def _after_others(self, work: Callable[[Unit], T]) -> tuple[T, list[Signal]]:
        """Write; where somebody wrote a row of the same key at the same instant, once more: now it can be read."""
        try:
            return self._writing(work, {})
        except IntegrityError as error:
            if getattr(error.orig, "sqlstate", "") != TAKEN:
                raise
        return self._writing(work, {})

    def _reading(self, work: Callable[[Unit], T]) -> T:
        try:
            with self._engines.reader.connect() as connection:
                return work(Unit(connection, self._vault))
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise _busy(error) from error

    def _writing(self, work: Callable[[Unit], T], options: Mapping[str, Any]) -> tuple[T, list[Signal]]:
        begun = False
        try:
            with self._engines.writer.connect().execution_options(**options) as connection:
                connection.begin()
                begun = True
                unit = Unit(connection, self._vault)
                result = work(unit)
                unit.flush()
                connection.commit()
                return result, unit.signals
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            if options and not begun:
                raise _Taken from error
            raise _busy(error) from error

    def close(self) -> None:
        """Let running work finish and close every connection."""
        self._writers.shutdown()
        self._readers.shutdown()
        self._engines.dispose()


def _busy(error: Exception) -> DatabaseBusy:
    """The driver's words without statement and parameters, which may hold personal data."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return DatabaseBusy(f"{type(cause).__name__}: {str(cause).splitlines()[0] if str(cause) else ''}")


async def _started(job: "Future[T]", patience: float) -> T:
    """The job's result; DatabaseBusy if it has not begun within `patience` seconds."""
    waiting = asyncio.wrap_future(job)
    done, _ = await asyncio.wait({waiting}, timeout=patience)
    if not done and job.cancel():
        raise DatabaseBusy(NO_TURN)
    return await waiting
