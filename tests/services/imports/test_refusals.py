"""What cannot be brought in, files that break, and tables of the same and of some."""

import io
from datetime import timedelta

import pytest
import xlsxwriter
from sqlalchemy import select

from bot.clock import MovableClock
from bot.errors import NotPermitted, Refused, StoreUnavailable
from bot.vocabulary import Locale, Role, TableKind, UploadState
from services.imports import files as rules
from services.imports.files import LEFT, Upload
from services.tables import run
from storage.models import ImportFileRow
from storage.repositories.imports import Counts
from tests.services.imports.conftest import COLUMNS, TABLE, Rig, person


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough for what files do; how they are claimed and settled is tested on both."""
    return sqlite_url


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
    assert await rig.send(TABLE.encode()) > file_id
