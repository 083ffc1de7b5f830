"""The chain of seals: each entry's seal covers its words, its place and the seal before it, under a key of its own.

Whoever has the database but not the key can add nothing to the chain, change nothing in it and move nothing; what
is cut from its end is seen by the heads that were published.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from storage.repositories import audit_chain as rows
from storage.repositories.audit_chain import START, Entry, Head
from storage.unit import Database, Unit

SEALED_AT_ONCE = 500
READ_AT_ONCE = 2000


class Fault(StrEnum):
    """What is wrong with a chain at one place."""

    CHANGED = "changed"
    MISSING = "missing"
    CUT = "cut"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Break:
    """The first place at which the chain is not whole; `entry_id` is None where no entry stands there."""

    fault: Fault
    place: int
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a look through the whole chain found."""

    head: Head
    unsealed: int
    broken: Break | None = None


def seal_of(key: bytes, before: bytes, entry: Entry, place: int) -> bytes:
    """The seal of an entry at a place, behind the seal before it."""
    told = (place, entry.id, entry.at.isoformat(), entry.staff_id, entry.action, entry.object)
    about = (entry.client_id, None if entry.personal is None else entry.personal.hex())
    words = json.dumps([*told, entry.detail, entry.reason, *about], sort_keys=True, separators=(",", ":"))
    return hmac.new(key, before + words.encode(), hashlib.sha256).digest()


def chained(key: bytes, last: Head, entries: Iterable[Entry]) -> list[tuple[int, Head]]:
    """The seal of each entry, put behind the last, by its id."""
    found: list[tuple[int, Head]] = []
    for entry in entries:
        place = last.place + 1
        last = Head(place, seal_of(key, last.seal, entry, place))
        found.append((entry.id, last))
    return found


def follow(key: bytes, last: Head, entries: Iterable[Entry]) -> tuple[Head, Break | None]:
    """How far entries, in the order of their places, go on the chain, and where it breaks."""
    for entry in entries:
        place = last.place + 1
        if entry.place != place:
            return last, Break(Fault.MISSING, place)
        seal = seal_of(key, last.seal, entry, place)
        if entry.seal is None or not hmac.compare_digest(seal, entry.seal):
            return last, Break(Fault.CHANGED, place, entry.id)
        last = Head(place, seal)
    return last, None


@dataclass(frozen=True)
class Chain:
    """Seals what was written, and looks through all of it."""

    database: Database

    async def seal(self) -> int:
        """Seal what waits; gives how many entries. Several sealers at once wait for one another."""
        number = 0
        while await self.database.read(rows.any_unsealed):
            number += await self.database.write(self._seal)
        return number

    async def head(self) -> Head:
        """Where the chain ends."""
        return await self.database.read(rows.head)

    async def verify(self, published: Sequence[Head] = ()) -> Report:
        """Look through the chain, 2,000 entries at a time, and whether it holds every head that was published."""
        key, last, wanted = self._key, START, frozenset((one.place, one.seal) for one in published)
        ended, unsealed = await self.database.read(lambda unit: (rows.head(unit), rows.count_unsealed(unit)))
        while entries := await self.database.read(partial(rows.following, place=last.place, limit=READ_AT_ONCE)):
            last, broken = follow(key, last, entries)
            broken = _replaced(wanted, entries, last) or broken
            if broken:
                return Report(last, unsealed, broken)
        cut = max([ended.place, *(one.place for one in published)]) > last.place
        return Report(last, unsealed, Break(Fault.CUT, last.place + 1) if cut else None)

    @property
    def _key(self) -> bytes:
        return self.database.vault.derive("audit")

    def _seal(self, unit: Unit) -> int:
        last = rows.held_head(unit)
        entries = rows.unsealed(unit, SEALED_AT_ONCE)
        if entries:
            rows.seal(unit, chained(self._key, last, entries))
        return len(entries)


def _replaced(wanted: Collection[tuple[int, bytes]], entries: Sequence[Entry], last: Head) -> Break | None:
    """The first entry, as far as the chain is whole, whose seal is not each one published of its place.

    Of one place two may have been: the end was cut off, other entries came there, and it was published again.
    """
    held = {entry.place: entry for entry in entries if entry.place is not None and entry.place <= last.place}
    false = [place for place, seal in wanted if place in held and held[place].seal != seal]
    return Break(Fault.REPLACED, min(false), held[min(false)].id) if false else None
