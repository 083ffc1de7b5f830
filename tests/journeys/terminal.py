"""The `quanfu` command on a database of its own; the server in a process of its own."""

import io
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from bot.__main__ import main
from tests.house.sources import ROOT
from tests.privacy import logging_restored

PASSWORD = "quanfu-demo"
PATIENCE = 60
"""Seconds for anything that a loaded machine may do slowly."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def _ended(program: Callable[[], None]) -> int:
    try:
        program()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def typed(folder: Path, settings: Mapping[str, str], *words: str) -> Ended:
    """One command in a folder to its end, as its process would run it; here it is spared the start of one."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        for name, value in {"LC_ALL": "C.UTF-8", **settings}.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["quanfu", *words])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        with logging_restored():
            code = _ended(main)
    out, err = ((stream.seek(0), stream.read())[1] for stream in streams)
    return Ended(code, out, err)


@dataclass(frozen=True)
class Terminal:
    """Runs commands as a member of staff would."""

    url: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, **extra: str) -> Ended:
        """One command to its end."""
        return typed(self.folder, self._environment(**extra), *words)

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
            time.sleep(0.02)
    raise AssertionError("the server does not answer")


def demo_branch(url: str, folder: Path) -> Terminal:
    """The demo branch, freshly loaded."""
    terminal = Terminal(url, folder)
    terminal.told("migrate")
    terminal.told("demo")
    return terminal


def copied(original: Terminal, folder: Path) -> Terminal:
    """The same SQLite database once more, in a folder of its own; nobody has the original open."""
    file = folder / "quanfu.db"
    shutil.copyfile(original.url.removeprefix("sqlite:///"), file)
    return Terminal(f"sqlite:///{file}", folder)
