"""A file that staff send in is kept sealed, tried, taken once, and removed."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.clock import MovableClock
from bot.errors import Conflict
from bot.vocabulary import UploadState
from services.imports import files as rules
from services.imports.files import KEPT
from storage.models import AuditRow, ClientRow
from storage.repositories import import_files as rows
from storage.repositories.import_files import Reading, Told
from storage.repositories.imports import Counts
from tests.services.imports.conftest import COLUMNS, TABLE, Rig


async def test_a_file_is_tried_taken_once_and_let_go(rig: Rig, clock: MovableClock) -> None:
    file_id = await rig.send(TABLE.encode("gbk"))
    seen = await rig.seen(file_id)
    assert (seen.state, seen.rows, seen.about.heading) == (UploadState.UPLOADED, 3, tuple(COLUMNS))
    tried = await rig.try_out(file_id, COLUMNS)
    assert (tried.state, tried.outcome.counts) == (UploadState.CHECKED, Counts(new=1, rejected=2))
    assert tried.outcome.faults == [Told(3, "phone", "wrong"), Told(4, "number", "wrong")]
    counted = select(func.count()).select_from(ClientRow)
    assert await rig.files.database.read(lambda unit: unit.session.scalar(counted)) == 0
    again = await rig.try_out(file_id, {**COLUMNS, "备注": "region"})
    with pytest.raises(Conflict):  # another mapping than the person saw the outcome of
        await rig.files.database.write(lambda unit: rig.files.take(unit, rig.head, again, rules.trial(tried)))
    done = await rig.take(file_id)
    assert (done.state, done.outcome.counts, done.key) == (UploadState.TAKEN, Counts(new=1, rejected=2), None)
    told = (await rig.files.rejected(rig.head, done) or b"").decode("utf-8-sig").splitlines()
    assert told[1:] == ["3,手机号：写法不对,A2,王一,'+1,", "4,客户号：写法不对,'=A3,王二,,"]
    with pytest.raises(Conflict):
        await rig.files.database.write(lambda unit: rig.files.take(unit, rig.head, tried, rules.trial(tried)))
    assert [key for key in rig.store.items if b"\xcd\xf5" in rig.store.items[key]] == []
    clock.move(KEPT + timedelta(seconds=1))
    assert (await rig.files.remove_past(), rig.store.items) == (1, {})
    (past,) = await rig.files.database.read(lambda unit: rules.past_runs(unit, rig.head, None, 5))
    assert (past.by, past.counts, past.file_id) == ("head", Counts(new=1, rejected=2), None)
    deeds = await rig.files.database.read(lambda unit: list(unit.session.scalars(select(AuditRow.action))))
    assert deeds == ["import_file.upload", "client.import_begin", "client.import", "import_file.fetch"]


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
