"""Folders that the processes of one test run make together: whoever comes first makes it, the others wait."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "TESTS_FOLDER"
"""The variable that tells all processes of a run where these folders lie."""

FIRST = "PYTEST_XDIST_WORKER" not in os.environ
"""Whether this process began the run; the others have their tests from it."""


@contextmanager
def shared() -> Iterator[None]:
    """A place for them, removed at the end of the run."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="quanfu-tests")
    try:
        yield
    finally:
        shutil.rmtree(os.environ.pop(FOLDER))


def once(name: str, make: Callable[[Path], object]) -> Path:
    """The folder of that name, made by the first process of this run that asks for it."""
    place = Path(os.environ[FOLDER])
    folder, ready = place / name, place / f"{name}.ready"
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            ready.touch()
    return folder
