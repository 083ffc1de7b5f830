"""Staff with tables to send in, and whoever works on them."""

from dataclasses import dataclass

import pytest

from bot.clock import MovableClock
from bot.vocabulary import Extent, Locale, Role, TableKind
from services.imports.files import ImportFiles, Upload, trial
from services.imports.importer import Importer
from services.tables import rejections
from storage.repositories import staff
from storage.repositories.import_files import ImportFile, Reading
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit
from tests.library import MemoryStore

COLUMNS = {"客户号": "number", "姓名": "name", "手机号": "phone", "备注": ""}
TABLE = "客户号,姓名,手机号,备注\nA1,欧阳晓岚,13800138000,x\nA2,王一,+1,\n=A3,王二,,\n"


@dataclass
class Rig:
    """The files with a head, and whoever works on them."""

    files: ImportFiles
    store: MemoryStore
    importer: Importer
    head: Staff

    async def send(self, content: bytes, kind: TableKind = TableKind.CLIENT) -> int:
        """Send a file in."""
        return await self.files.receive(self.head, Upload(kind, "clients.csv", Locale.ZH_CN, content))

    async def seen(self, file_id: int) -> ImportFile:
        """A file as it stands."""
        found = await self.files.database.read(lambda unit: self.files.one(unit, self.head, file_id))
        assert found is not None
        return found

    async def try_out(self, file_id: int, columns: dict[str, str], extent: Extent | None = None) -> ImportFile:
        """Try a file to its end."""
        seen, reading = await self.seen(file_id), Reading(columns, extent)
        await self.files.database.write(lambda unit: self.files.try_out(unit, self.head, seen, reading))
        assert await self.importer.work()
        return await self.seen(file_id)

    async def take(self, file_id: int) -> ImportFile:
        """Take a file to its end."""
        seen = await self.seen(file_id)
        await self.files.database.write(lambda unit: self.files.take(unit, self.head, seen, trial(seen)))
        assert await self.importer.work()
        return await self.seen(file_id)


async def person(database: Database, role: Role) -> Staff:
    """A member of staff."""

    def made(unit: Unit) -> Staff | None:
        staff.add(unit, NewStaff(role, role, [role], ""), MovableClock().now())
        return staff.by_number(unit, role)

    found = await database.write(made)
    assert found is not None
    return found


@pytest.fixture
async def rig(database: Database, clock: MovableClock) -> Rig:
    """Nothing was sent in yet."""
    store = MemoryStore()
    files = ImportFiles(database, store, clock)
    return Rig(files, store, Importer(files, rejections.catalogue()), await person(database, Role.HEAD))
