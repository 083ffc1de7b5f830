"""Figures that several measurements tell: percentiles of waiting, and what a process holds."""

from collections.abc import Sequence
from pathlib import Path


def at(seconds: Sequence[float], percent: int) -> float:
    """The percentile, in milliseconds."""
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] * 1000, 1)


def resident(pid: int | str = "self") -> float:
    """What a process holds now, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError("VmRSS")
