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
FEW, MANY = 16, 64
"""Connections that ask as fast as they are answered."""


@dataclass(frozen=True, slots=True)
class Target:
    """One server as it is asked."""

    name: str
    port: int
    path: str
    audience: str
    mode: str

    def asked(self, number: int, pace: str = str(FEW)) -> Figures:
        """Send so many messages at a pace as `benchmarks.load` reads it."""
        arguments = [self.port, self.path, self.audience, self.mode, pace, number]
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
    """Messages a second per server and number of connections, and how long ours takes at steady rates, by mode."""

    per_second: dict[tuple[str, int], float]
    steady: dict[str, dict[int, Figures]]

    def ratio(self, connections: int, ours: str = "quanfu plain") -> float:
        """Ours to the WeRoBot echo, plain to plain."""
        return self.per_second[ours, connections] / self.per_second["werobot", connections]


def measure() -> Inbound:
    """All servers in one run."""
    with ExitStack() as stack:
        port = stack.enter_context(ours(stack.enter_context(branch()))).port
        plain = Target("quanfu plain", port, HOOK, "us", "plain")
        strange = Target("quanfu plain, anew", port, HOOK, "us-anew", "plain")
        safe = Target("quanfu safe", port, HOOK, "us", "safe")
        echoes = [
            Target(name, stack.enter_context(gunicorn(f"benchmarks.peers.{name}_echo:app")).port, "/", "echo", "plain")
            for name in ("werobot", "flask")
        ]
        targets = (plain, strange, safe, *echoes)
        for target in targets:
            target.asked(WARMING)
        places = [(target, connections) for target in targets for connections in (FEW, MANY)]
        rounds: list[dict[tuple[str, int], float]] = [
            {(target.name, connections): _answered(target, connections) for target, connections in places}
            for _ in range(ROUNDS)
        ]
        steady = {
            target.mode: {rate: target.asked(rate * STEADY_SECONDS, f"{rate}/s") for rate in STEADY_RATES}
            for target in (plain, safe)
        }
    return Inbound({place: median(one[place] for one in rounds) for place in rounds[0]}, steady)


def _answered(target: Target, connections: int) -> float:
    figures = target.asked(MESSAGES, str(connections))
    assert figures.late == 0, f"{target.name}: {figures.late} of {MESSAGES} were not answered in time"
    return figures.per_second


if __name__ == "__main__":
    print(measure())
