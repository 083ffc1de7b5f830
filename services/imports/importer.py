"""Works on the tables that staff sent in, one at a time in each process, whichever was there first.

The rows are the record: a hint only spares the next look's wait, and what a dead process held is taken up again.
"""

import asyncio
import csv
import io
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from secrets import token_hex

from bot.errors import DatabaseBusy, Refused, StoreUnavailable, places
from bot.texts.words import Catalogue, Words
from bot.vocabulary import UploadState
from services.imports.files import ImportFiles
from services.imports.nouns import noun
from services.rounds import go_round
from services.spreadsheet import BYTE_ORDER_MARK
from services.tables import rejections, run
from services.tables.run import Step, Wish
from services.tables.sheets import Held
from storage.repositories import import_files as rows
from storage.repositories import staff as people
from storage.repositories.import_files import ImportFile, Outcome, Refusal, Told
from storage.repositories.imports import Counts

log = logging.getLogger(__name__)

HELD = timedelta(minutes=3)
"""How long a file is left to its process without a sign of it; after that another one takes it up."""
AGAIN = timedelta(seconds=20)
"""Until a database or store that was out of reach is tried again."""
SHOWN = 100
"""Faults that a page shows; the file of bad rows has them all."""


@dataclass
class _Report:
    """What is told of a run: counts, the first faults, and the bad rows as a file."""

    words: Words
    counts: Counts = field(default_factory=Counts)
    faults: list[Told] = field(default_factory=list)
    import_id: int = 0
    missing: int = 0
    _file: io.StringIO = field(default_factory=lambda: io.StringIO(newline=""))
    _begun: bool = False

    def add(self, step: Step) -> None:
        """What a batch did."""
        self.counts, self.import_id, self.missing = step.counts, step.import_id, step.missing
        out = csv.writer(self._file)
        if step.rejected and not self._begun:
            out.writerow(rejections.heading(self.words, step.heading))
            self._begun = True
        for one in step.rejected:
            out.writerow(rejections.line(self.words, one))
        told = [Told(one.row.line, bad.field, bad.fault.value) for one in step.rejected for bad in one.bad]
        self.faults += told[: SHOWN - len(self.faults)]

    def rejected(self) -> bytes | None:
        """The file of bad rows; None where every row was taken."""
        text = BYTE_ORDER_MARK + self._file.getvalue()
        return text.encode(errors="replace") if self._begun else None


@dataclass
class Importer:
    """Works in every process that sends."""

    files: ImportFiles
    words: Catalogue
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """There is something to work on."""
        self._woken.set()

    async def run(self) -> None:
        """Work on what is due, for ever."""
        await go_round("imports", self.work, self._woken)

    async def work(self) -> bool:
        """Work on one file to its end; whether there was one."""
        files = self.files
        now = files.clock.now()
        if not await files.database.read(lambda unit: rows.is_due(unit, now)):
            return False
        claimed = await files.database.write(lambda unit: rows.claim(unit, now, now + HELD))
        if claimed is None:
            return False
        try:
            await self._done(claimed)
        except Refused as refused:
            told = {name: str(value) for name, value in refused.parameters.items()}
            await self._stopped(claimed, Refusal(refused.key, told))
        except (DatabaseBusy, StoreUnavailable) as error:
            log.warning("import file %d: put off (%s)", claimed.id, type(error).__name__)
            await files.database.write(lambda unit: rows.hold(unit, claimed.id, now + AGAIN))
            return False
        except Exception as error:  # one odd file must not stop the others, nor be tried for ever
            log.error("import file %d: %s", claimed.id, places(error))
            await self._stopped(claimed, Refusal("import_broke"))
        return True

    async def _done(self, seen: ImportFile) -> None:
        files = self.files
        content = await files.get(seen.key) if seen.key else None
        by = await files.database.read(lambda unit: people.by_id(unit, seen.staff_id))
        if content is None or by is None:
            raise Refused("import_file_gone")
        dry = seen.state is UploadState.CHECKING
        wish = Wish(Held(content), by, files.clock.now(), seen.columns, dry, seen.extent)
        report = _Report(self.words.of(seen.about.locale))
        async for step in run.steps(files.database, noun(seen.kind), wish):
            await asyncio.to_thread(report.add, step)
            until = files.clock.now() + HELD
            await files.database.write(partial(rows.advance, file_id=seen.id, counts=step.counts, until=until))
        await self._settled(seen, report, UploadState.CHECKED if dry else UploadState.TAKEN)

    async def _settled(self, seen: ImportFile, report: _Report, state: UploadState) -> None:
        """Keep the bad rows, say how it went, and let go of what nobody needs any more."""
        files, rejected = self.files, report.rejected()
        key = token_hex(16) if rejected else None
        if key and rejected:
            await files.put(key, rejected)
        import_id = report.import_id or None
        outcome = Outcome(report.counts, report.faults, None, key, import_id, report.missing)
        now = files.clock.now()
        await files.database.write(lambda unit: rows.settle(unit, seen, state, outcome, now))
        for old in (seen.outcome.rejected_key, seen.key if state is UploadState.TAKEN else None):
            if old:
                await files.store.remove(old)

    async def _stopped(self, seen: ImportFile, refusal: Refusal) -> None:
        now, outcome = self.files.clock.now(), Outcome(refusal=refusal, rejected_key=seen.outcome.rejected_key)
        await self.files.database.write(lambda unit: rows.settle(unit, seen, UploadState.STOPPED, outcome, now))
