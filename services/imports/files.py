"""Tables that staff send in: kept sealed in the store of media, tried first, then taken.

A file in clear is only ever in memory. It is removed as soon as it was taken, or a day after it was last touched; the
file of its bad rows a week after it was taken.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_hex

from bot.clock import Clock
from bot.errors import Conflict, Refused, StoreUnavailable
from bot.vocabulary import Action, Locale, TableKind, UploadState
from services import audit
from services.audit import Deed
from services.imports.nouns import noun
from services.staff import demand
from services.tables import sheets
from services.tables.mappings import Mappings
from services.tables.run import Noun, Wish
from services.tables.sheets import Held, Row
from storage.repositories import import_files as rows
from storage.repositories.import_files import About, ImportFile, NewFile, Order, Reading, Run
from storage.repositories.staff import Staff
from storage.stores import MediaStore
from storage.unit import Database, Unit

MEGABYTE = 1 << 20
LARGEST = 20 * MEGABYTE
"""Bytes of a file on the console: some 200,000 clients; the command takes any number."""
MOST_COLUMNS = 200
MOST_UNFINISHED = 20
LONGEST_NAME = 120

LEFT = timedelta(days=1)
"""So long a file waits for somebody to go on with it."""
KEPT = timedelta(days=7)
"""So long the bad rows of a file that was taken can be fetched."""

OPEN = (UploadState.UPLOADED, UploadState.CHECKED, UploadState.STOPPED)
"""Where somebody may try it again or drop it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody sends in: of which kind, the file's name, the reader's language, the bytes."""

    kind: TableKind
    name: str
    locale: Locale
    content: bytes


@dataclass(frozen=True)
class ImportFiles:
    """All files that wait or were taken lately. Nothing is open in the database while bytes are worked on."""

    database: Database
    store: MediaStore
    clock: Clock

    async def receive(self, staff: Staff, upload: Upload) -> int:
        """Keep a file and give its id; Refused for what is no table with rows, or is too large.

        The row is there before the bytes are, so that bytes without a row cannot be left behind.
        """
        demand(staff, noun(upload.kind).action)
        if len(upload.content) > LARGEST:
            raise Refused("import_file_large", most=LARGEST // MEGABYTE)
        head, number = await asyncio.to_thread(_looked_at, upload.content)
        about = About(upload.name[-LONGEST_NAME:], head.cells, upload.locale)
        new = NewFile(upload.kind, staff.id, about, token_hex(16), len(upload.content), number)
        file_id = await self.database.write(lambda unit: self._added(unit, staff, new))
        try:
            await self.put(new.key, upload.content)
        except StoreUnavailable:
            await self.database.write(lambda unit: rows.remove(unit, [file_id]))
            raise
        return file_id

    def _added(self, unit: Unit, staff: Staff, new: NewFile) -> int:
        if rows.count(unit) >= MOST_UNFINISHED:
            raise Refused("import_file_many", most=MOST_UNFINISHED)
        now = self.clock.now()
        file_id = rows.add(unit, new, now)
        detail = {"kind": new.kind.value, "rows": new.rows}
        audit.record(unit, Deed("import_file.upload", f"import_file:{file_id}", now, staff.id, {**detail}))
        return file_id

    def one(self, unit: Unit, staff: Staff, file_id: int) -> ImportFile | None:
        """A file, if there is one."""
        found = rows.one(unit, file_id)
        demand(staff, noun(found.kind).action if found else Action.IMPORT_CLIENTS)
        return found

    def try_out(self, unit: Unit, staff: Staff, seen: ImportFile, reading: Reading) -> None:
        """Have a file read like this, and nothing written; Refused where that makes no table of its kind."""
        what = noun(seen.kind)
        demand(staff, what.action)
        self._free(seen, OPEN)
        now = self.clock.now()
        wish = Wish(Held(b""), staff, now, reading.columns, extent=reading.extent)
        what.check(unit, wish, Row(1, seen.about.heading))
        self._begin(unit, seen, Order(UploadState.CHECKING, reading, staff.id, now))

    def keep_mapping(self, unit: Unit, staff: Staff, seen: ImportFile, name: str, columns: Mapping[str, str]) -> None:
        """Keep the columns under a name for the next file."""
        pairs = [f"{column}={field}" for column, field in columns.items()]
        Mappings(noun(seen.kind)).keep(unit, staff, name, pairs, self.clock.now())

    def take(self, unit: Unit, staff: Staff, seen: ImportFile, tried: str) -> None:
        """Have a file taken that was tried; `tried` is the sign of the trial whose outcome the person saw."""
        demand(staff, noun(seen.kind).action)
        self._free(seen, (UploadState.CHECKED,))
        if tried != trial(seen):
            raise Conflict("import_file_changed")
        reading = Reading(seen.columns, seen.extent)
        self._begin(unit, seen, Order(UploadState.TAKING, reading, staff.id, self.clock.now()))

    async def drop(self, staff: Staff, seen: ImportFile) -> None:
        """Let go of a file that nobody works on."""
        demand(staff, noun(seen.kind).action)
        self._free(seen, OPEN)
        now = self.clock.now()

        def note(unit: Unit) -> None:
            audit.record(unit, Deed("import_file.drop", f"import_file:{seen.id}", now, staff.id))

        await self._remove([seen])
        await self.database.write(note)

    async def rejected(self, staff: Staff, seen: ImportFile) -> bytes | None:
        """The file of its bad rows; None where there is none. That it was fetched is written down."""
        demand(staff, noun(seen.kind).action)
        if seen.outcome.rejected_key is None:
            return None
        deed = Deed("import_file.fetch", f"import_file:{seen.id}", self.clock.now(), staff.id)
        await self.database.write(lambda unit: audit.record(unit, deed))
        return await self.get(seen.outcome.rejected_key)

    async def remove_past(self) -> int:
        """Remove what has been kept long enough; how many. Broken off, it goes on at the next call."""
        now = self.clock.now()
        over = await self.database.read(lambda unit: rows.past(unit, now - LEFT, now - KEPT))
        await self._remove(over)
        return len(over)

    async def put(self, key: str, content: bytes) -> None:
        """Seal bytes for their place and put them there; StoreUnavailable."""
        sealed = await asyncio.to_thread(self.database.vault.seal_bytes, _place(key), content)
        await self.store.put(key, sealed)

    async def get(self, key: str) -> bytes | None:
        """The bytes of a place; None where there are none."""
        sealed = await self.store.get(key)
        return None if sealed is None else await asyncio.to_thread(self.database.vault.open_bytes, _place(key), sealed)

    async def _remove(self, files: Sequence[ImportFile]) -> None:
        for key in (key for one in files for key in (one.key, one.outcome.rejected_key) if key):
            await self.store.remove(key)
        gone = [one.id for one in files]
        await self.database.write(lambda unit: rows.remove(unit, gone))

    def _free(self, seen: ImportFile, states: Sequence[UploadState]) -> None:
        if seen.state not in states:
            raise Conflict("import_file_changed")

    def _begin(self, unit: Unit, seen: ImportFile, order: Order) -> None:
        if not rows.begin(unit, seen, order):
            raise Conflict("import_file_changed")


def trial(seen: ImportFile) -> str:
    """A sign of how a file was last tried and when: another mapping or another trial has another one."""
    told = [seen.changed_at.isoformat(), dict(seen.columns), seen.extent]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def listed(unit: Unit, staff: Staff) -> list[ImportFile]:
    """What waits for somebody to go on with it."""
    demand(staff, Action.IMPORT_CLIENTS)
    return rows.unfinished(unit)


def past_runs(unit: Unit, staff: Staff, before: int | None, limit: int) -> list[Run]:
    """Imports as they went, the newest first, and one more than `limit` where there are more."""
    demand(staff, Action.IMPORT_CLIENTS)
    return rows.runs(unit, before, limit + 1)


def mappings(kind: TableKind) -> Mappings:
    """The named mappings of a kind."""
    return Mappings(noun(kind))


def table_of(kind: TableKind) -> Noun:
    """The fields of a kind, and how its columns are known."""
    return noun(kind)


def _looked_at(content: bytes) -> tuple[Row, int]:
    """The heading, and how many rows follow it."""
    table = sheets.rows(Held(content))
    head = next(table, None)
    if head is None or len(head.cells) > MOST_COLUMNS:
        raise Refused("import_unreadable")
    number = sum(1 for _ in table)
    if not number:
        raise Refused("import_empty")
    return head, number


def _place(key: str) -> str:
    """Bytes open only under the key they were sealed for."""
    return f"import.{key}"
