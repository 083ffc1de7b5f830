"""The `quanfu` command in processes of its own, on a database of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.house.sources import ROOT

PASSWORD = "quanfu-demo"
PATIENCE = 60
"""Seconds for anything that a loaded machine may do slowly."""


@dataclass(frozen=True)
class Terminal:
    """Runs commands as a member of staff would."""

    url: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, **extra: str) -> "subprocess.CompletedProcess[str]":
        """One command to its end."""
        return subprocess.run(  # noqa: S603
            [sys.executable, "-m", "bot", *words],
            cwd=self.folder,
            env=self._environment(**extra),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def told(self, *words: str, **extra: str) -> str:
        """What a command printed that must succeed."""
        done = self.run(*words, **extra)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *words: str, **extra: str) -> str:
        """What a command printed that must be refused."""
        done = self.run(*words, **extra)
        assert done.returncode == 1, done.stdout + done.stderr
        return done.stderr

    def _environment(self, **extra: str) -> dict[str, str]:
        own = {
            "QUANFU_DATABASE_URL": self.url,
            "QUANFU_PASSWORD": PASSWORD,
            "QUANFU_KEYS__MASTER": "dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=",
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        return {**os.environ, **own, **self.environment, **extra}

    @contextmanager
    def served(self) -> Iterator[str]:
        """A running server; gives its address."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            listen = f"127.0.0.1:{free.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            cwd=self.folder,
            env=self._environment(QUANFU_LISTEN=listen),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _until_it_answers(f"http://{listen}/healthz", process)
            yield f"http://{listen}"
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _until_it_answers(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        try:
            if httpx.get(address, timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the server does not answer")


def demo_branch(url: str, folder: Path) -> Terminal:
    """The demo branch, freshly loaded."""
    terminal = Terminal(url, folder)
    terminal.told("migrate")
    terminal.told("demo")
    return terminal
