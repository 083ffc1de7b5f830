"""Inbound while a broadcast is running: one `quanfu serve` answers WeChat messages and writes to thousands meanwhile.

Everybody gets a customer-service message by a WeChat in another process that answers at once.
`python -m benchmarks.broadcasting [seconds]` prints one JSON line; `prepare RECIPIENTS` fills the database of the
environment.
"""

import asyncio
import json
import subprocess
import sys
from time import monotonic

from sqlalchemy import func, select

from benchmarks.answering import platforms
from benchmarks.audience import enrolled, submitted, way_out
from benchmarks.inbound import HOOK, STEADY_RATES, STEADY_SECONDS, Target
from benchmarks.servers import ROOT, branch, ours
from bot import settings
from bot.app import open_database
from bot.channels.base import MemoryState
from bot.channels.wechat import WechatAccount, WechatChannel
from bot.clock import SystemClock
from bot.vocabulary import ChannelKind, DeliveryState, Purpose
from services.delivery.submission import Fanout
from storage.models import DeliveryRow
from storage.unit import Unit

A_SECOND = 2000
"""More than one process sends in a second: the broadcast has to outlast the measurement."""
WARMING = 200
SENDING = ("API_ROOT", "APP_ID", "SECRET")
NEVER_QUIET = {"QUANFU_RULES__QUIET_FROM": "04:00", "QUANFU_RULES__QUIET_TO": "04:01"}
WANTED = Fanout("bench", Purpose.BROADCAST, "broadcast_body", parameters={"body": "Closed tomorrow.", "footer": ""})


async def prepare(recipients: int) -> None:
    """Clients who wrote just now, and a message to all of them."""
    database, clock = open_database(settings.load()), SystemClock()
    channel = WechatChannel(WechatAccount("main", "", "", ""), MemoryState(), clock)
    await enrolled(database, ChannelKind.WECHAT, recipients, clock.now())
    await submitted(database, way_out(channel, clock), WANTED)
    database.close()


def count(unit: Unit) -> tuple[int, int]:
    """How many of the broadcast have gone out, and how many are still to go."""
    states = select(DeliveryRow.state, func.count()).where(DeliveryRow.purpose == Purpose.BROADCAST)
    found = {row[0]: row[1] for row in unit.session.execute(states.group_by(DeliveryRow.state))}
    return found.get(DeliveryState.SENT, 0), found.get(DeliveryState.PENDING, 0)


async def counted() -> None:
    """Print the count of the database of the environment."""
    database = open_database(settings.load())
    print(json.dumps(await database.read(count)))
    database.close()


async def measure(seconds: int) -> dict[str, object]:
    """The steady rates of the inbound measurement, and how many got the broadcast meanwhile."""
    async with platforms() as to:
        with branch() as bare:
            account = {f"QUANFU_WECHAT__{name}": to.settings[f"QUANFU_WECHAT__{name}"] for name in SENDING}
            environment = bare | account | NEVER_QUIET
            _ask(environment, "prepare", str(A_SECOND * seconds * len(STEADY_RATES) * 2))
            with ours(environment) as running:
                target = Target("quanfu", running.port, HOOK, "us", "plain")
                target.asked(WARMING)
                before, _ = json.loads(_ask(environment, "count"))
                started = monotonic()
                figures = {rate: target.asked(rate * seconds, f"{rate}/s") for rate in STEADY_RATES}
                after, left = json.loads(_ask(environment, "count"))
                lasted = monotonic() - started
    assert before < after
    assert left, "the broadcast was over before the end"
    steady = {str(rate): {"p50": found.p50, "p99": found.p99, "late": found.late} for rate, found in figures.items()}
    return {"steady": steady, "seconds": lasted, "sent": after - before, "left": left}


def _ask(environment: dict[str, str], *words: str) -> str:
    """This module in the environment of the server."""
    command = [sys.executable, "-m", "benchmarks.broadcasting", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout


def main(arguments: list[str]) -> None:
    """Measure, or do one of the steps in the environment of the server."""
    match arguments:
        case ["prepare", recipients]:
            asyncio.run(prepare(int(recipients)))
        case ["count"]:
            asyncio.run(counted())
        case _:
            seconds = int(arguments[0]) if arguments else STEADY_SECONDS
            print(json.dumps(asyncio.run(measure(seconds))))


if __name__ == "__main__":
    main(sys.argv[1:])
