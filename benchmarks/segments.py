"""A large branch: its segments counted, sampled and set side by side, and its figures reckoned, whole and in part.

Run as `python -m benchmarks.segments sqlite|postgres [clients]`; prints one line of JSON, times in seconds, memory in
MB. Every client holds five instruments.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, insert, select, text, update

from benchmarks.audience import NOON
from benchmarks.figures import highest, resident
from benchmarks.large_branch import TODAY, code, founded, yesterday
from benchmarks.outbound import DATABASES
from bot.vocabulary.conditions import parse
from services.holdings import figures
from storage.engine import open_engines, upgrade
from storage.models import ClientRow, FiguresDueRow, HoldingRow
from storage.repositories import audiences
from storage.unit import Database, Unit
from storage.vault import Vault

CLIENTS = 1_000_000
RUNS = 5
EVERY = 100
"""Every so many clients one whose holdings changed."""
PLAIN = parse(
    {
        "all": [
            {"field": "asset_band", "is": "at_least", "value": "from_100"},
            {"field": "risk_level", "is": "between", "value": ["C3", "C4"]},
            {"field": "consent", "is": "has", "value": "education"},
            {"field": "last_chat", "is": "last_days", "value": 90},
        ]
    }
)
HELD = parse(
    {
        "all": [
            {"field": "holds", "is": "has", "value": code(0)},
            {"field": "asset_band", "is": "at_least", "value": "from_20"},
            {"field": "tag", "is": "has", "value": "margin"},
            {"field": "last_chat", "is": "days_ago_at_least", "value": 30},
        ]
    }
)
RECKONED = parse(
    {
        "all": [
            {"field": "holds_class", "is": "has", "value": "fund"},
            {"field": "assets", "is": "at_least", "value": 50},
            {"field": "concentration", "is": "at_least", "value": 40},
            {"field": "last_trade", "is": "last_days", "value": 30},
        ]
    }
)
OTHER = parse({"field": "asset_band", "is": "at_least", "value": "from_300"})


def _clients(unit: Unit) -> int:
    """Reads every client."""
    return int(unit.session.scalar(select(func.sum(func.length(ClientRow.name_sealed)))) or 0)


def _holdings(unit: Unit) -> int:
    """Reads every holding."""
    return int(unit.session.scalar(select(func.sum(HoldingRow.value_fen))) or 0)


WORK: dict[str, Callable[[Unit], object]] = {
    "count": lambda unit: audiences.count(unit, audiences.chosen(PLAIN, TODAY)),
    "count_held": lambda unit: audiences.count(unit, audiences.chosen(HELD, TODAY)),
    "count_reckoned": lambda unit: audiences.count(unit, audiences.chosen(RECKONED, TODAY)),
    "sample": lambda unit: audiences.sample(unit, audiences.chosen(PLAIN, TODAY), 20),
    "sample_held": lambda unit: audiences.sample(unit, audiences.chosen(HELD, TODAY), 20),
    "sample_reckoned": lambda unit: audiences.sample(unit, audiences.chosen(RECKONED, TODAY), 20),
    "breakdown": lambda unit: audiences.breakdown(unit, audiences.chosen(HELD, TODAY), "risk_level"),
    "overlap": lambda unit: audiences.overlap(unit, HELD, OTHER, TODAY, None),
    "scan_clients": _clients,
    "scan_holdings": _holdings,
}


async def _measure(url: str, clients: int) -> dict[str, Any]:
    upgrade(url)
    database = Database(open_engines(url), Vault((b"k" * 32,)))
    try:
        began = time.perf_counter()
        await founded(database, clients)
        found: dict[str, Any] = {"clients": clients, "founding": round(time.perf_counter() - began, 1)}
        found["whole"] = await _reckoned(database, clients)
        await database.write(lambda unit: unit.session.execute(text("ANALYZE")))
        counts = {name: await database.read(work) for name, work in WORK.items() if name.startswith("count")}
        found |= {"found": counts, "seconds": {name: await _timed(database, work) for name, work in WORK.items()}}
        return found | {"part": await _reckoned(database, await database.write(_changed))}
    finally:
        database.close()


async def _timed(database: Database, work: Callable[[Unit], object]) -> float:
    """The median of some runs, after one that warms the caches."""
    took = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        await database.read(work)
        took.append(time.perf_counter() - began)
    return round(statistics.median(took[1:]), 4)


def _changed(unit: Unit) -> int:
    """Correct a holding of one client in a hundred, as an import does; returns of how many."""
    mine = (HoldingRow.client_id % EVERY == 0, HoldingRow.instrument_id <= EVERY, HoldingRow.on == yesterday())
    unit.session.execute(update(HoldingRow).where(*mine).values(value_fen=HoldingRow.value_fen * 2))
    due = select(ClientRow.id, HoldingRow.on).join(HoldingRow, HoldingRow.client_id == ClientRow.id).where(*mine)
    unit.session.execute(insert(FiguresDueRow).from_select(["client_id", "since"], due))
    return unit.session.scalar(select(func.count()).select_from(FiguresDueRow)) or 0


async def _reckoned(database: Database, clients: int) -> dict[str, float]:
    """Reckon what is due: for how many clients, how long it takes, and the memory that it takes beside what is held."""
    before = resident()
    began = time.perf_counter()
    with highest() as memory:
        done = await figures.refresh(database, NOON)
    took = time.perf_counter() - began
    assert done == clients, (done, clients)
    return {"clients": done, "seconds": round(took, 2), "before": round(before), "memory": round(memory())}


def main(kind: str, clients: int) -> None:
    """Measure on a fresh database."""
    with DATABASES[kind]() as url:
        found = asyncio.run(_measure(url, clients))
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else CLIENTS)
