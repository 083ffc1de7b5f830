"""Inbound: WeChat text messages through the whole way, beside echoes that keep nothing and look nothing up.

All servers stand side by side and are asked in turn, several rounds, by one load generator; the median round counts.
"""

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from benchmarks.load import Figures
from benchmarks.servers import ROOT, branch, gunicorn, ours

ROUNDS = 3
MESSAGES = 1000
WARMING = 1000
STEADY_RATES = (50, 200)
STEADY_SECONDS = 10
HOOK = "/hooks/wechat"


@dataclass(frozen=True, slots=True)
class Target:
    """One server as it is asked."""

    name: str
    port: int
    path: str
    audience: str
    mode: str

    def asked(self, number: int, rate: float = 0.0) -> Figures:
        """Send so many messages; rate 0 is as fast as answered."""
        arguments = [self.port, self.path, self.audience, self.mode, rate, number]
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "benchmarks.load", *map(str, arguments)],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        figures = Figures(**json.loads(done.stdout.splitlines()[-1]))
        assert figures.wrong == 0, f"{self.name}: {figures.wrong} of {number} answers are not right"
        return figures


@dataclass(frozen=True, slots=True)
class Inbound:
    """Messages a second per server, and how long ours takes at steady rates, by mode and rate."""

    per_second: dict[str, float]
    steady: dict[str, dict[int, Figures]]

    @property
    def ratio(self) -> float:
        """Ours to the WeRoBot echo, plain to plain."""
        return self.per_second["quanfu plain"] / self.per_second["werobot"]


def measure() -> Inbound:
    """All servers in one run."""
    with ExitStack() as stack:
        port = stack.enter_context(ours(stack.enter_context(branch()))).port
        plain = Target("quanfu plain", port, HOOK, "us", "plain")
        safe = Target("quanfu safe", port, HOOK, "us", "safe")
        echoes = [
            Target(name, stack.enter_context(gunicorn(f"benchmarks.peers.{name}_echo:app")).port, "/", "echo", "plain")
            for name in ("werobot", "flask")
        ]
        for target in (plain, safe, *echoes):
            target.asked(WARMING)
        rounds = {target.name: list[float]() for target in (plain, safe, *echoes)}
        for _ in range(ROUNDS):
            for target in (plain, safe, *echoes):
                rounds[target.name].append(_answered(target))
        steady = {
            target.mode: {rate: target.asked(rate * STEADY_SECONDS, rate) for rate in STEADY_RATES}
            for target in (plain, safe)
        }
    return Inbound({name: median(found) for name, found in rounds.items()}, steady)


def _answered(target: Target) -> float:
    figures = target.asked(MESSAGES)
    assert figures.late == 0, f"{target.name}: {figures.late} of {MESSAGES} were not answered in time"
    return figures.per_second


if __name__ == "__main__":
    print(measure())
