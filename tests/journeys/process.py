"""The service as it runs at a branch: processes of `python -m bot …`, each in a folder of its own."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from storage.engine import normalise
from tests.doubles.loopback import loopback_client
from tests.privacy import private

CHECKOUT = Path(__file__).parents[2]
MASTER_KEY = "am91cm5leS1rZXktam91cm5leS1rZXktam91cm5leSE="
SECONDS = 120.0
"""How long a process may take to start or to end; a busy machine is slow, a hanging process is a failure."""

LOOK = 0.02
SHORT = 6
"""Words of fewer signs stand in a log by chance: `1`, `main`."""

Settings = Mapping[str, str]


PORTS = cycle(range(20_000 + os.getpid() % 64 * 128, 32_000))
"""Below those that the system gives to outgoing connections; every test process begins at a place of its own."""


def free_port() -> int:
    """A port of this machine that nobody listens on, and that nobody is given before a server takes it."""
    return next(port for port in PORTS if _free(port))


def _free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def environment(settings: Settings) -> dict[str, str]:
    """What a process is told: the settings, and of this process's environment what keeps it on loopback."""
    kept = {
        name: os.environ[name] for name in ("PATH", "OUTSIDE_CONTACTS", "PYTEST_CURRENT_TEST") if name in os.environ
    }
    paths = os.pathsep.join([str(CHECKOUT), os.environ["PYTHONPATH"]])
    return kept | {"PYTHONPATH": paths, "LANG": "C.UTF-8", **settings}


def database(url: str) -> dict[str, str]:
    """The settings of a database; on SQLite the key is made beside the file."""
    keys = {} if url.startswith("sqlite") else {"QUANFU_KEYS__MASTER": MASTER_KEY}
    return {"QUANFU_DATABASE_URL": url, **keys}


def quanfu(folder: Path, settings: Settings, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end."""
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment(settings), capture_output=True, text=True, timeout=SECONDS, check=False
    )


@dataclass
class Server:
    """`quanfu serve` in a folder. Started again after an end or a kill, it goes on in the same folder and log."""

    folder: Path
    settings: Settings
    role: str = "all"
    port: int = field(default_factory=free_port)
    secrets: tuple[str, ...] = ()
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def root(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything it wrote so far."""
        return self._file.read_text(encoding="utf-8")

    @property
    def _file(self) -> Path:
        return self.folder / f"{self.role}.log"

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The process that runs or ran last."""
        assert self._process is not None
        return self._process

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def begin(self) -> None:
        """Start the process, and do not wait for it."""
        told = environment({"QUANFU_LISTEN": f"127.0.0.1:{self.port}", "QUANFU_LOG_LEVEL": "debug", **self.settings})
        command = [sys.executable, "-m", "bot", "serve", "--role", self.role]
        with self._file.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.folder, env=told, stdout=log, stderr=log)  # noqa: S603

    async def start(self) -> None:
        """Start and wait until `/healthz` answers, where it listens at all."""
        self.begin()
        if self.role not in ("all", "web"):
            return
        async with asyncio.timeout(SECONDS), loopback_client(self.root) as http:
            while not await _alive(http):
                assert self.process.poll() is None, self.log
                await asyncio.sleep(LOOK)

    async def end(self, sign: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and wait; gives the exit code."""
        self.process.send_signal(sign)
        async with asyncio.timeout(SECONDS):
            while self.process.poll() is None:  # noqa: ASYNC110 - a process rings no bell
                await asyncio.sleep(LOOK)
        return self.process.returncode

    async def kill(self) -> None:
        """End it without a word of warning."""
        await self.end(signal.SIGKILL)

    async def logged(self, words: str, times: int = 1) -> None:
        """Wait until the words stand in the log."""
        async with asyncio.timeout(SECONDS):
            while self.log.count(words) < times:
                assert self.process.poll() is None, self.log
                await asyncio.sleep(LOOK)


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[Server]:
    """The server up; ended afterwards, whatever happened, and its log looked through for what must not be there."""
    try:
        await server.start()
        yield server
    finally:
        if server.lives:
            await server.end()
    assert not private_words(server), server.log


async def _alive(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/healthz")).is_success
    except httpx.TransportError:
        return False


def rows(url: str, statement: str, **values: object) -> list[tuple[object, ...]]:
    """What the database holds, read beside the server."""
    engine = create_engine(normalise(url), poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement), values)]


async def until(url: str, statement: str, wanted: int, **values: object) -> None:
    """Wait until a count in the database is what is wanted."""
    async with asyncio.timeout(SECONDS):
        while rows(url, statement, **values) != [(wanted,)]:  # noqa: ASYNC110 - nor does a database
            await asyncio.sleep(LOOK)


SAID = "SELECT address FROM chat_accounts UNION SELECT text FROM inbox UNION SELECT text FROM deliveries"
OPEN = ("QUANFU_DATABASE_URL", "QUANFU_LISTEN", "QUANFU_PUBLIC_URL", "API_ROOT", "KIND")
"""Settings that are no secret."""
MASKS = ("[id]", "[phone]", "[mail]")


def private_words(server: Server) -> set[str]:
    """What a log must not hold and this one does: addresses of chats, what was said in them, tokens and keys.

    Neither names nor numbers of people, not even masked: then a line was written that should not have been.
    """
    said = {str(row[0]) for row in rows(server.settings["QUANFU_DATABASE_URL"], SAID) if row[0]}
    secrets = {value for name, value in server.settings.items() if not name.endswith(OPEN)} | {*server.secrets}
    log = server.log
    known = {word for word in said | secrets if len(word) >= SHORT and word in log}
    return known | {*private(log)} | {sign for sign in MASKS if sign in log}
