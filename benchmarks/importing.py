"""Tables of a large branch brought in: clients, and five holdings of each, from CSV files.

Run as `python -m benchmarks.importing sqlite|postgres [clients]`; prints one line of JSON: rows a second, and the most
memory that the import took, in MB, beside what the process held before.
"""

import asyncio
import csv
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.audience import NOON
from benchmarks.figures import highest, resident
from benchmarks.large_branch import HOLDINGS, code, yesterday
from benchmarks.outbound import DATABASES
from bot.vocabulary import AssetClass, Extent, Role, TableKind
from services.client_import import checks
from services.client_import.intake import CLIENTS as CLIENT
from services.holdings import tables
from services.tables import run
from services.tables.run import Noun, Wish
from storage.engine import open_engines, upgrade
from storage.repositories import staff
from storage.repositories.imports import Counts
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit
from storage.vault import Vault

CLIENTS = 1_000_000
PEOPLE = ["number", "name", "gender", "phone", "identity", "birthday", "opened on", "occupation", "risk level"]
HELD = ["number", "date", "code", "instrument", "asset class", "quantity", "cost", "price", "value"]

Table = Iterator[Sequence[object]]


def _people(clients: int) -> Table:
    yield PEOPLE
    for place in range(clients):
        born = f"19{50 + place % 50}{1 + place % 12:02}{1 + place % 28:02}"
        identity = f"110105{born}{place % 1000:03}"
        identity += checks.check_digit(f"{identity}0")
        phone, gender = 13_000_000_000 + place, ("male", "female")[place % 2]
        yield (number(place), f"Client {place}", gender, phone, identity, born, "2020-01-02", "teacher", "C3")


def number(place: int) -> str:
    """The number of a client."""
    return f"B{place:07d}"


def _held(clients: int) -> Table:
    yield HELD
    kinds, on = list(AssetClass), yesterday().isoformat()
    for place in range(clients * HOLDINGS):
        client, each = divmod(place, HOLDINGS)
        instrument = each * 100 + client % 100
        price = f"{instrument % 90 + 1}.25"
        value = f"{(client % 1000 + 1) * 125}.5"
        yield (number(client), on, code(instrument), f"I {instrument}", kinds[each], 100, value, price, value)


def _written(path: Path, table: Table) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    return path


def _head(unit: Unit) -> Staff:
    staff.add(unit, NewStaff("h1", "h1", [Role.HEAD], ""), NOON)
    found = staff.by_number(unit, "h1")
    assert found
    return found


async def _brought_in(database: Database, noun: Noun, wish: Wish, rows: int) -> dict[str, float]:
    before, began = resident(), time.perf_counter()
    with highest() as memory:
        counts = Counts()
        async for step in run.steps(database, noun, wish):
            counts = step.counts
        most = memory()
    assert counts.new + counts.unchanged == rows, counts
    took = time.perf_counter() - began
    return {"rows": rows, "rate": round(rows / took), "before": round(before), "memory": round(most)}


async def _measure(url: str, clients: int, folder: Path) -> dict[str, Any]:
    upgrade(url)
    database = Database(open_engines(url), Vault((b"k" * 32,)))
    people = _written(folder / "clients.csv", _people(clients))
    held = _written(folder / "holdings.csv", _held(clients))
    try:
        head, noun = await database.write(_head), tables.noun(TableKind.HOLDING)
        all_held = Wish(held, head, NOON, extent=Extent.BRANCH)
        return {
            "clients": await _brought_in(database, CLIENT, Wish(people, head, NOON), clients),
            "holdings": await _brought_in(database, noun, all_held, clients * HOLDINGS),
            "holdings_again": await _brought_in(database, noun, all_held, clients * HOLDINGS),
        }
    finally:
        database.close()


def main(kind: str, clients: int) -> None:
    """Measure on a fresh database."""
    with tempfile.TemporaryDirectory() as folder, DATABASES[kind]() as url:
        found = asyncio.run(_measure(url, clients, Path(folder)))
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else CLIENTS)
