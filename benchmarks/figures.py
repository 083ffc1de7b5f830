"""Figures that several measurements tell: percentiles of waiting, and what a process holds."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


def at(seconds: Sequence[float], percent: int) -> float:
    """The percentile, in milliseconds."""
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] * 1000, 1)


def resident(pid: int | str = "self") -> float:
    """What a process holds now, in MB."""
    return _kept(pid, "VmRSS")


def _kept(pid: int | str, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


@contextmanager
def highest() -> Iterator[Callable[[], float]]:
    """Gives what tells the most that this process held since the beginning, in MB."""
    Path("/proc/self/clear_refs").write_text("5")
    yield lambda: _kept("self", "VmHWM")
