"""Start and idle: from `quanfu serve` to the first answer of /healthz, and what the process holds.

The second and later starts on a demo branch, as a branch sees them every morning.
"""

import time
from dataclasses import dataclass
from statistics import median

from benchmarks.inbound import HOOK, Target
from benchmarks.servers import branch, ours

RUNS = 5
IDLE_SECONDS = 10
MESSAGES = 1000


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds to the first answer (median), and MB held when idle and after a thousand messages."""

    seconds: float
    idle: float
    after_messages: float


def measure() -> Start:
    """Several starts; the last server also works."""
    with branch() as environment:
        seconds = [_started(environment) for _ in range(RUNS)]
        with ours(environment) as running:
            time.sleep(IDLE_SECONDS)
            idle = running.memory
            Target("quanfu", running.port, HOOK, "us", "plain").asked(MESSAGES)
            return Start(median(seconds), idle, running.memory)


def _started(environment: dict[str, str]) -> float:
    with ours(environment) as running:
        return running.ready_after
