"""Brings the good rows of a table in, a batch in a transaction of its own, and tells the bad ones.

An import that broke off is run again with the same file: what stands already comes out unchanged, and only rows
after the last batch that stood are counted.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Protocol

from bot.errors import Refused
from bot.vocabulary import Action, Extent, TableKind
from services import audit
from services.audit import Deed
from services.staff import demand
from services.tables import sheets
from services.tables.cells import BadCell, Fault, Values
from services.tables.headings import Headings, Mapped
from services.tables.sheets import Row, Source
from storage.repositories import imports as runs
from storage.repositories.holds import Matter, hold
from storage.repositories.imports import Counts
from storage.repositories.staff import Staff
from storage.seen import Seen
from storage.unit import Database, Unit

BATCH = 1000
PATIENCE = 60.0
"""Seconds that a batch waits for its turn: nobody stands at a counter meanwhile."""
_PART = 1 << 20
"""Bytes hashed at a time."""
_NEVER = 0
"""No import has this id: a dry run is none."""

Check = Callable[[Row], tuple[Values, list[BadCell]]]
"""What a row says, and everything wrong with it."""


class Manner(Protocol):
    """How rows are taken, whoever brings them: when, by which mapping, of whom they tell everything, or only dry."""

    @property
    def at(self) -> datetime:
        """Now."""
        ...

    @property
    def by(self) -> str:
        """Who brings them: a staff number, or a system of the branch."""
        ...

    @property
    def mapping(self) -> Mapped:
        """Which column is which field."""
        ...

    @property
    def dry(self) -> bool:
        """Whether nothing is written."""
        ...

    @property
    def extent(self) -> Extent | None:
        """Of whom rows of holdings tell everything."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """Which file is to be brought in, read how, by whom; `dry` writes nothing.

    `extent`: of whom a table of holdings tells everything; other tables do not ask.
    """

    source: Source
    staff: Staff
    at: datetime
    mapping: Mapped = field(default_factory=dict)
    dry: bool = False
    extent: Extent | None = None

    @property
    def by(self) -> str:
        """Whose word it is."""
        return self.staff.number


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not taken, and why."""

    row: Row
    bad: tuple[BadCell, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What a batch did: the counts of the whole file so far, and the rows of this batch that are not taken.

    `counts` of the last step are those of all runs of an import that had broken off; it alone names the import, or
    how many clients with holdings a dry run misses.
    """

    heading: Row
    line: int
    counts: Counts
    rejected: tuple[Rejected, ...] = ()
    import_id: int = _NEVER
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Good:
    """A row that is good by itself."""

    row: Row
    values: Values


Taken = tuple[Counts, list[Rejected]]
"""What came of a batch of good rows, and those of them that the database shows to be bad."""


@dataclass(frozen=True)
class Noun:
    """What a kind of table holds: how its rows are checked, told apart and written.

    `deeds`: how the audit trail calls the beginning and the end of an import.
    `needed`: the fields without which there is no table, `known`: the names by which columns are known.
    `once`: the fields, alone or together, that may stand only once in a file; the last is named where they do not.
    `finish` is told in the transaction in which an import ends; `missing` counts after a dry run whom the file should
    name and does not.
    """

    kind: TableKind
    action: Action
    deeds: tuple[str, str]
    fields: tuple[str, ...]
    needed: tuple[str, ...]
    known: Callable[[], Headings]
    check: Callable[[Unit, Manner, Row], Check]
    once: tuple[tuple[str, ...], ...]
    take: Callable[[Unit, Manner, Sequence[Good]], Taken]
    finish: Callable[[Unit, Manner], None] = lambda _unit, _manner: None
    missing: Callable[[Unit, Manner], int] = lambda _unit, _manner: 0


async def steps(database: Database, noun: Noun, wish: Wish) -> AsyncGenerator[Step]:
    """Import a file; the first step tells the heading, the last one everything. Refused for what is no table."""
    demand(wish.staff, noun.action)
    table = await asyncio.to_thread(_opened, wish.source)
    heading = await asyncio.to_thread(next, table)
    check = await database.read(lambda unit: noun.check(unit, wish, heading))
    begun = _NEVER if wish.dry else await _begin(database, noun, wish)
    line, counts = heading.line, Counts()
    yield Step(heading, line, counts)
    with Seen() as seen:
        while batch := await asyncio.to_thread(_next, table):
            good, bad = await asyncio.to_thread(_sorted, batch, check, noun, seen)
            work = partial(_brought_in, noun=noun, wish=wish, good=good, bad=len(bad), begun=(begun, batch[-1].line))
            done, late = await (database.read(work) if wish.dry else database.write(work, PATIENCE))
            line, counts = batch[-1].line, counts + done
            yield Step(heading, line, counts, tuple(sorted((*bad, *late), key=lambda one: one.row.line)))
    if not wish.dry:
        counts = await database.write(partial(_end, noun=noun, wish=wish, begun=begun), PATIENCE)
    missing = await database.read(lambda unit: noun.missing(unit, wish)) if wish.dry else 0
    yield Step(heading, line, counts, import_id=begun, missing=missing)


def at_once(unit: Unit, noun: Noun, manner: Manner, table: Sequence[Row]) -> Taken:
    """Take a few rows in this transaction, the heading first: good ones are written, bad ones told in their order."""
    hold(unit, Matter.IMPORTS)
    good, bad = _sorted(table[1:], noun.check(unit, manner, table[0]), noun, Seen())
    done, late = noun.take(unit, manner, good)
    rejected = sorted((*bad, *late), key=lambda one: one.row.line)
    return done + Counts(rejected=len(rejected)), rejected


def _opened(source: Source) -> Iterator[Row]:
    table = sheets.rows(source)
    first = next(table, None)
    if first is None:
        raise Refused("import_unreadable")
    return _with_first(first, table)


def _with_first(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _next(table: Iterator[Row]) -> list[Row]:
    return list(islice(table, BATCH))


async def _begin(database: Database, noun: Noun, wish: Wish) -> int:
    digest = await asyncio.to_thread(_digest, noun, wish)
    return await database.write(partial(_begun, noun=noun, wish=wish, digest=digest), PATIENCE)


def _digest(noun: Noun, wish: Wish) -> bytes:
    found = hashlib.sha256()
    with wish.source.open("rb") as file:
        for part in iter(partial(file.read, _PART), b""):
            found.update(part)
    found.update(json.dumps([noun.kind, wish.extent, dict(wish.mapping)], sort_keys=True).encode())
    return found.digest()


def _begun(unit: Unit, noun: Noun, wish: Wish, digest: bytes) -> int:
    """Go on with the import of this file that broke off, or begin one: it leaves a trace even if it never ends."""
    hold(unit, Matter.IMPORTS)
    if found := runs.broken_off(unit, digest):
        return found
    begun = runs.begin(unit, noun.kind, digest, wish.staff.id, wish.at)
    audit.record(unit, Deed(noun.deeds[0], f"import:{begun}", wish.at, wish.staff.id))
    return begun


def _end(unit: Unit, noun: Noun, wish: Wish, begun: int) -> Counts:
    counts = runs.end(unit, begun, wish.at)
    noun.finish(unit, wish)
    detail = {"new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged, "rejected": counts.rejected}
    audit.record(unit, Deed(noun.deeds[1], f"import:{begun}", wish.at, wish.staff.id, {**detail}))
    return counts


def _sorted(batch: Sequence[Row], check: Check, noun: Noun, seen: Seen) -> tuple[list[Good], list[Rejected]]:
    good: list[Good] = []
    bad: list[Rejected] = []
    for row in batch:
        values, faults = check(row)
        faults += [fault for names in noun.once for fault in _twice(values, names, seen)]
        if faults:
            bad.append(Rejected(row, tuple(faults)))
        else:
            good.append(Good(row, values))
    return good, bad


def _twice(values: Values, names: Sequence[str], seen: Seen) -> list[BadCell]:
    """A second row of the same thing in the file."""
    if any(name not in values for name in names):
        return []
    new = seen.add("\n".join((names[-1], *(str(values[name]) for name in names))))
    return [] if new else [BadCell(names[-1], Fault.TWICE)]


def _brought_in(unit: Unit, noun: Noun, wish: Wish, good: Sequence[Good], bad: int, begun: tuple[int, int]) -> Taken:
    """Write a batch; `begun`: the import and the last line of the batch. Imports at one time take turns."""
    if not wish.dry:
        hold(unit, Matter.IMPORTS)
    done, late = noun.take(unit, wish, good)
    counts = done + Counts(rejected=bad + len(late))
    if not wish.dry:
        runs.advance(unit, *begun, counts)
    return counts, late
