"""Brings the good rows of a table in, a batch in a transaction of its own, and tells the bad ones.

An import that broke off is run again with the same file: what stands already comes out unchanged, and only rows
after the last batch that stood are counted.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path

from bot.clock import branch_date
from bot.errors import Refused
from bot.vocabulary import Action
from services import audit
from services.audit import Deed
from services.client_import import checks, columns, enrolment, sheets
from services.client_import.checks import BadCell, Fault, Known, Values
from services.client_import.columns import Field, Mapped
from services.client_import.enrolment import Candidate
from services.client_import.sheets import Row
from services.staff import demand
from storage.repositories import client_imports as runs
from storage.repositories.client_imports import Counts
from storage.repositories.staff import Staff
from storage.unit import Database, Unit

BATCH = 1000
PATIENCE = 60.0
"""Seconds that a batch waits for its turn: nobody stands at a counter meanwhile."""
_NEVER = 0
"""No import has this id: a dry run is none."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which file is to be brought in, read how, by whom; `dry` writes nothing."""

    path: Path
    staff: Staff
    at: datetime
    mapping: Mapped = field(default_factory=dict)
    dry: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not taken, and why."""

    row: Row
    bad: tuple[BadCell, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What a batch did: the counts of the whole file so far, and the rows of this batch that are not taken.

    `counts` of the last step are those of all runs of an import that had broken off.
    """

    heading: Row
    line: int
    counts: Counts
    rejected: tuple[Rejected, ...] = ()


_Good = tuple[Row, Candidate]
"""A row that is good by itself, and what it says."""


async def steps(database: Database, wish: Wish) -> AsyncGenerator[Step]:
    """Import a file; the first step tells the heading, the last one everything. Refused for what is no table."""
    demand(wish.staff, Action.IMPORT_CLIENTS)
    table = await asyncio.to_thread(_opened, wish.path)
    heading = await asyncio.to_thread(next, table)
    known = await database.read(partial(_known, wish=wish, heading=heading))
    begun = _NEVER if wish.dry else await _begin(database, wish)
    seen: set[int] = set()
    line, counts = heading.line, Counts()
    yield Step(heading, line, counts)
    while batch := await asyncio.to_thread(_next, table):
        good, bad = _sorted(batch, known, seen)
        work = partial(_brought_in, wish=wish, good=good, bad=bad, begun=begun)
        done, late = await (database.read(work) if wish.dry else database.write(work, PATIENCE))
        line, counts = batch[-1].line, counts + done
        yield Step(heading, line, counts, tuple(sorted((*bad, *late), key=lambda one: one.row.line)))
    if not wish.dry:
        counts = await database.write(partial(_end, wish=wish, begun=begun), PATIENCE)
    yield Step(heading, line, counts)


def _opened(path: Path) -> Iterator[Row]:
    table = sheets.rows(path)
    first = next(table, None)
    if first is None:
        raise Refused("import_unreadable")
    return _with_first(first, table)


def _with_first(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _next(table: Iterator[Row]) -> list[Row]:
    return list(islice(table, BATCH))


def _known(unit: Unit, wish: Wish, heading: Row) -> Known:
    places = columns.places(heading.cells, wish.mapping)
    return Known(branch_date(wish.at), enrolment.managers(unit), places, sheets.width_of(heading.cells))


async def _begin(database: Database, wish: Wish) -> int:
    digest = await asyncio.to_thread(_digest, wish)
    return await database.write(partial(_begun, wish=wish, digest=digest), PATIENCE)


def _digest(wish: Wish) -> bytes:
    with wish.path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256")
    found.update(json.dumps(dict(wish.mapping), sort_keys=True).encode())
    return found.digest()


def _begun(unit: Unit, wish: Wish, digest: bytes) -> int:
    """Go on with the import of this file that broke off, or begin one: it leaves a trace even if it never ends."""
    if found := runs.broken_off(unit, digest):
        return found
    begun = runs.begin(unit, digest, wish.staff.id, wish.at)
    audit.record(unit, Deed("client.import_begin", f"import:{begun}", wish.at, wish.staff.id))
    return begun


def _end(unit: Unit, wish: Wish, begun: int) -> Counts:
    counts = runs.end(unit, begun, wish.at)
    detail = {"new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged, "rejected": counts.rejected}
    audit.record(unit, Deed("client.import", f"import:{begun}", wish.at, wish.staff.id, {**detail}))
    return counts


def _sorted(batch: Sequence[Row], known: Known, seen: set[int]) -> tuple[list[_Good], list[Rejected]]:
    good: list[_Good] = []
    bad: list[Rejected] = []
    for row in batch:
        values, faults = checks.checked(row, known)
        faults += _twice(values, seen)
        if faults:
            bad.append(Rejected(row, tuple(faults)))
        else:
            good.append((row, enrolment.candidate(values)))
    return good, bad


def _twice(values: Values, seen: set[int]) -> list[BadCell]:
    """A second row of a number in the file; eight bytes a number are kept, some 64 MB for a million."""
    number = values.get(Field.NUMBER)
    if number is None:
        return []
    mark = int.from_bytes(hashlib.blake2b(str(number).encode(), digest_size=8).digest())
    if mark in seen:
        return [BadCell(Field.NUMBER, Fault.TWICE)]
    seen.add(mark)
    return []


def _brought_in(
    unit: Unit, wish: Wish, good: Sequence[_Good], bad: Sequence[Rejected], begun: int
) -> tuple[Counts, list[Rejected]]:
    """Write a batch, and count it on with the import."""
    done = enrolment.enrol(unit, [one for _, one in good], wish.at, dry=wish.dry)
    late = [Rejected(row, (BadCell(Field.NAME, Fault.MISSING),)) for row, one in good if one.number in done.nameless]
    counts = Counts(len(done.new), len(done.changed), len(done.unchanged), len(bad) + len(late))
    if not wish.dry:
        lines = [row.line for row, _ in good] + [one.row.line for one in bad]
        runs.advance(unit, begun, max(lines), counts)
    return counts, late
