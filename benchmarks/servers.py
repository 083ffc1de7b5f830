"""Servers as processes of their own: ours on a demo branch in a fresh SQLite file, and the peers under gunicorn."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.figures import resident
from benchmarks.pushes import AES_KEY, APP_ID, TOKEN

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers; `ready_after` is seconds from its start to its first answer."""

    port: int
    pid: int
    ready_after: float

    @property
    def memory(self) -> float:
        """What it holds now, in MB."""
        return resident(self.pid)


def free_port() -> int:
    """A port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def branch() -> Iterator[dict[str, str]]:
    """The environment of a demo branch with a WeChat account, in a fresh SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "QUANFU_DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.db'}",
            "QUANFU_LISTEN": f"127.0.0.1:{free_port()}",
            "QUANFU_WECHAT__APP_ID": APP_ID,
            "QUANFU_WECHAT__TOKEN": TOKEN,
            "QUANFU_WECHAT__AES_KEY": AES_KEY,
        }
        for command in ("migrate", "demo"):
            subprocess.run(  # noqa: S603 - our own command
                [sys.executable, "-m", "bot", command], cwd=ROOT, env=environment, check=True, capture_output=True
            )
        yield environment


@contextmanager
def ours(environment: dict[str, str]) -> Iterator[Running]:
    """`quanfu serve` on that branch."""
    port = int(environment["QUANFU_LISTEN"].rpartition(":")[2])
    with _started([sys.executable, "-m", "bot", "serve"], environment, port, "/healthz") as running:
        yield running


@contextmanager
def gunicorn(application: str) -> Iterator[Running]:
    """One synchronous worker, which is what gunicorn starts by itself."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--workers=1", f"--bind=127.0.0.1:{port}", application]
    with _started(command, dict(os.environ), port, "/") as running:
        yield running


@contextmanager
def _started(command: list[str], environment: dict[str, str], port: int, path: str) -> Iterator[Running]:
    with tempfile.TemporaryFile() as log:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)  # noqa: S603 - our own
        try:
            _wait(process, f"http://127.0.0.1:{port}{path}")
            yield Running(port, process.pid, time.perf_counter() - start)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait(process: "subprocess.Popen[bytes]", address: str) -> None:
    """Until something answers, whatever it says."""
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        assert process.poll() is None, f"ended by itself: {process.args!r}"
        try:
            urlopen(address, timeout=5).close()  # noqa: S310 - our own address
        except URLError as error:
            if hasattr(error, "code"):
                return
            time.sleep(0.01)
        else:
            return
    raise TimeoutError(address)
