"""Segments of a large branch: count, sample, reach and overlap of four conditions, beside reading every client.

Run as `python -m benchmarks.segments sqlite|postgres [clients]`; prints one line of JSON, times in seconds.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import func, insert, select, text

from benchmarks.audience import NOON
from benchmarks.outbound import DATABASES
from bot.clock import branch_date
from bot.vocabulary import AssetBand, ChannelKind, ConsentPurpose, RiskLevel
from bot.vocabulary.conditions import parse
from storage.engine import open_engines, upgrade
from storage.models import ChatAccountRow, ClientRow, ConsentRow
from storage.repositories import audiences
from storage.repositories.clients import NAME
from storage.unit import Database, Unit
from storage.vault import Vault

CLIENTS = 1_000_000
SLICE = 5_000
RUNS = 5
TODAY = branch_date(NOON)
FOUR = parse(
    {
        "all": [
            {"field": "asset_band", "is": "at_least", "value": "from_100"},
            {"field": "risk_level", "is": "between", "value": ["C3", "C4"]},
            {"field": "consent", "is": "has", "value": "education"},
            {"field": "last_chat", "is": "last_days", "value": 90},
        ]
    }
)
OTHER = parse({"field": "asset_band", "is": "at_least", "value": "from_300"})


def _fill(unit: Unit, numbers: range) -> None:
    """Clients of every band and level; half agree to education, a third wrote in the last 90 days."""
    draw = Random(numbers.start)  # noqa: S311 - no secret
    sealed, key = unit.vault.seal(NAME, "Client"), unit.vault.lookup(NAME, "Client")
    clients = [_client(draw, number, sealed, key) for number in numbers]
    unit.connection.execute(insert(ClientRow), clients)
    agreed = [_consent(client["id"]) for client in clients if draw.random() < 0.5]
    unit.connection.execute(insert(ConsentRow), agreed)
    unit.connection.execute(insert(ChatAccountRow), [_chat(draw, client["id"]) for client in clients])


def _client(draw: Random, number: int, sealed: bytes, key: bytes) -> dict[str, Any]:
    return {
        "id": number + 1,
        "public_id": f"c_{number:010d}",
        "number": f"B{number:07d}",
        "name_sealed": sealed,
        "name_key": key,
        "prefix_key": key,
        "phone_sealed": sealed,
        "identity_sealed": sealed,
        "salutation_sealed": sealed,
        "asset_band": draw.choice(list(AssetBand)),
        "risk_level": draw.choice((None, *RiskLevel)),
        "risk_valid_until": TODAY + timedelta(days=draw.randrange(-200, 500)),
        "created_at": NOON,
        "updated_at": NOON,
    }


def _consent(client_id: int) -> dict[str, Any]:
    purpose = {"purpose": ConsentPurpose.EDUCATION, "granted": True, "current": True, "version": "1"}
    return {**purpose, "client_id": client_id, "channel": "counter", "at": NOON}


def _chat(draw: Random, client_id: int) -> dict[str, Any]:
    wrote_at = NOON - timedelta(days=draw.randrange(270))
    address = {"channel": ChannelKind.WECHAT, "account": "main", "address": f"{client_id}"}
    return {**address, "client_id": client_id, "created_at": NOON, "last_inbound_at": wrote_at}


def _scan(unit: Unit) -> int:
    """Reads every client."""
    return int(unit.session.scalar(select(func.sum(func.length(ClientRow.name_sealed)))) or 0)


WORK: dict[str, Callable[[Unit], object]] = {
    "count": lambda unit: audiences.count(unit, audiences.chosen(FOUR, TODAY)),
    "sample": lambda unit: audiences.sample(unit, audiences.chosen(FOUR, TODAY), 20),
    "breakdown": lambda unit: audiences.breakdown(unit, audiences.chosen(FOUR, TODAY), "risk_level"),
    "overlap": lambda unit: audiences.overlap(unit, FOUR, OTHER, TODAY, None),
    "full_scan": _scan,
}


async def _measure(url: str, clients: int) -> dict[str, Any]:
    upgrade(url)
    database = Database(open_engines(url), Vault((b"k" * 32,)))
    try:
        for first in range(0, clients, SLICE):
            await database.write(partial(_fill, numbers=range(first, min(first + SLICE, clients))))
        await database.write(lambda unit: unit.session.execute(text("ANALYZE")))
        found = await database.read(lambda unit: audiences.count(unit, audiences.chosen(FOUR, TODAY)))
        times = {name: await _timed(database, work) for name, work in WORK.items()}
        return {"clients": clients, "found": found, **times}
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


def main(kind: str, clients: int) -> None:
    """Measure on a fresh database."""
    with DATABASES[kind]() as url:
        found = asyncio.run(_measure(url, clients))
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else CLIENTS)
