"""A file that staff send in is kept sealed, tried, taken once, and removed."""

import io
from dataclasses import dataclass
from datetime import timedelta

import pytest
import xlsxwriter
from sqlalchemy import func, select

from bot.clock import MovableClock
from bot.errors import Conflict, NotPermitted, Refused, StoreUnavailable
from bot.vocabulary import Extent, Locale, Role, TableKind, UploadState
from services.holdings import figures
from services.imports import files as rules
from services.imports.files import KEPT, LEFT, ImportFiles, Upload
from services.imports.importer import Importer
from services.tables import rejections, run
from storage.models import AuditRow, ClientRow, ImportFileRow
from storage.repositories import import_files as rows
from storage.repositories import staff
from storage.repositories.import_files import ImportFile, Reading, Told
from storage.repositories.imports import Counts
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
        await self.files.database.write(lambda unit: self.files.take(unit, self.head, seen))
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


async def test_a_file_is_tried_taken_once_and_let_go(rig: Rig, clock: MovableClock) -> None:
    file_id = await rig.send(TABLE.encode("gbk"))
    seen = await rig.seen(file_id)
    assert (seen.state, seen.rows, seen.about.heading) == (UploadState.UPLOADED, 3, tuple(COLUMNS))
    tried = await rig.try_out(file_id, COLUMNS)
    assert (tried.state, tried.outcome.counts) == (UploadState.CHECKED, Counts(new=1, rejected=2))
    assert tried.outcome.faults == [Told(3, "phone", "wrong"), Told(4, "number", "wrong")]
    counted = select(func.count()).select_from(ClientRow)
    assert await rig.files.database.read(lambda unit: unit.session.scalar(counted)) == 0
    done = await rig.take(file_id)
    assert (done.state, done.outcome.counts, done.key) == (UploadState.TAKEN, Counts(new=1, rejected=2), None)
    told = (await rig.files.rejected(rig.head, done) or b"").decode("utf-8-sig").splitlines()
    assert told[1:] == ["3,手机号：写法不对,A2,王一,'+1,", "4,客户号：写法不对,'=A3,王二,,"]
    with pytest.raises(Conflict):
        await rig.files.database.write(lambda unit: rig.files.take(unit, rig.head, tried))
    assert [key for key in rig.store.items if b"\xcd\xf5" in rig.store.items[key]] == []
    clock.move(KEPT + timedelta(seconds=1))
    assert (await rig.files.remove_past(), rig.store.items) == (1, {})
    (past,) = await rig.files.database.read(lambda unit: rules.past_runs(unit, rig.head, None, 5))
    assert (past.by, past.counts, past.file_id) == ("head", Counts(new=1, rejected=2), None)
    deeds = await rig.files.database.read(lambda unit: list(unit.session.scalars(select(AuditRow.action))))
    assert deeds == ["import_file.upload", "client.import_begin", "client.import", "import_file.fetch"]


async def test_the_same_file_changes_nothing_and_a_workbook_says_the_same(rig: Rig) -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet()
        for number, line in enumerate(TABLE.splitlines()):
            for place, cell in enumerate(line.split(",")):
                sheet.write_string(number, place, cell)
    counts = []
    for content in (TABLE.encode(), TABLE.encode(), book.getvalue()):
        file_id = await rig.send(content)
        await rig.try_out(file_id, COLUMNS)
        counts.append((await rig.take(file_id)).outcome.counts)
    assert counts == [Counts(new=1, rejected=2), *[Counts(unchanged=1, rejected=2)] * 2]


WRONG = (
    (b"", "import_unreadable"),
    ("客户号,姓名\n".encode(), "import_empty"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "import_unreadable"),
    (b"PK\x03\x04 no book", "import_unreadable"),
    (b"a," * 300 + b"\n1", "import_unreadable"),
    (b"x" * 1001, "import_file_large"),
)


async def test_what_is_no_table_is_not_kept(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LARGEST", 1000)
    for content, key in WRONG:
        with pytest.raises(Refused, match=key):
            await rig.send(content)
    assert rig.store.items == {}
    assert await rig.files.database.read(lambda unit: rules.listed(unit, rig.head)) == []


async def test_columns_that_make_no_table_are_told_at_once_and_nothing_is_lost(rig: Rig) -> None:
    file_id = await rig.send(TABLE.encode())
    for columns, key in (
        ({"客户号": ""}, "list_without_numbers"),
        ({"备注": "name"}, "import_column_twice"),
        ({"无": "name"}, "import_column_missing"),
    ):
        with pytest.raises(Refused, match=key):
            await rig.try_out(file_id, {**COLUMNS, **columns})
    seen = await rig.seen(file_id)
    assert seen.state is UploadState.UPLOADED
    await rig.files.database.write(lambda unit: rig.files.keep_mapping(unit, rig.head, seen, "柜台", COLUMNS))
    named = await rig.files.database.read(lambda unit: rules.mappings(TableKind.CLIENT).named(unit, rig.head, "柜台"))
    assert (await rig.try_out(file_id, named)).state is UploadState.CHECKED


async def test_whoever_dies_over_a_file_leaves_it_to_the_next(rig: Rig, clock: MovableClock) -> None:
    file_id = await rig.send(TABLE.encode())
    seen = await rig.seen(file_id)
    await rig.files.database.write(lambda unit: rig.files.try_out(unit, rig.head, seen, Reading(COLUMNS)))
    now = clock.now()
    dead = await rig.files.database.write(lambda unit: rows.claim(unit, now, now + timedelta(minutes=3)))
    assert dead is not None
    assert not await rig.importer.work()
    clock.move(timedelta(minutes=4))
    rig.store.down = True
    assert not await rig.importer.work()
    rig.store.down = False
    clock.move(timedelta(minutes=1))
    assert await rig.importer.work()
    assert (await rig.seen(file_id)).outcome.counts.new == 1


async def test_a_file_that_breaks_is_told_and_stays(
    rig: Rig, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = await rig.send(TABLE.encode())

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(run, "_sorted", broken)
    stopped = await rig.try_out(file_id, COLUMNS)
    assert stopped.state is UploadState.STOPPED
    assert stopped.outcome.refusal is not None
    assert stopped.outcome.refusal.key == "import_broke"
    monkeypatch.undo()
    assert (await rig.try_out(file_id, COLUMNS)).state is UploadState.CHECKED
    clock.move(LEFT + timedelta(seconds=1))
    assert (await rig.files.remove_past(), rig.store.items) == (1, {})


async def test_only_who_may_import_sends_in_and_a_store_that_is_down_leaves_no_row(rig: Rig) -> None:
    service = await person(rig.files.database, Role.SERVICE)
    with pytest.raises(NotPermitted):
        await rig.files.receive(service, Upload(TableKind.CLIENT, "a", Locale.EN, TABLE.encode()))
    rig.store.down = True
    with pytest.raises(StoreUnavailable):
        await rig.send(TABLE.encode())
    assert await rig.files.database.read(lambda unit: list(unit.session.scalars(select(ImportFileRow.id)))) == []
    rig.store.down = False
    file_id = await rig.send(TABLE.encode())
    await rig.files.drop(rig.head, await rig.seen(file_id))
    assert rig.store.items == {}


async def test_a_table_of_holdings_says_of_whom_it_tells_and_misses_nobody_silently(
    rig: Rig, clock: MovableClock
) -> None:
    await rig.take((await rig.try_out(await rig.send("客户号,姓名\nA1,王一\nA2,王二\n".encode()), {})).id)
    columns = dict(
        zip(("客户号", "日期", "证券代码", "数量", "市值"), ("number", "on", "code", "quantity", "value"), strict=True)
    )
    head = ",".join(columns) + "\n"

    async def held(day: int, numbers: str, extent: Extent) -> ImportFile:
        text = head + "".join(f"A{number},2026-11-{day},600519,1,5\n" for number in numbers)
        tried = await rig.try_out(await rig.send(text.encode(), TableKind.HOLDING), columns, extent)
        await rig.take(tried.id)
        await figures.refresh(rig.files.database, clock.now())
        return tried

    with pytest.raises(Refused, match="holdings_extent"):
        await rig.try_out(await rig.send((head + "A1,2026-11-18,1,1,1\n").encode(), TableKind.HOLDING), columns)
    assert (await held(18, "12", Extent.BRANCH)).outcome.missing == 0
    assert (await held(19, "1", Extent.BRANCH)).outcome.missing == 1
    assert (await held(20, "1", Extent.CLIENTS)).outcome.missing == 0
