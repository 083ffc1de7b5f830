"""Fixed lists from a table: tried first, bad rows told, those left out leave, and the same table changes nothing."""

from pathlib import Path

from sqlalchemy import select

from bot.vocabulary import TableKind
from services.imports.nouns import noun
from services.segments import lists
from services.tables import run
from services.tables.run import Step, Wish
from storage.models import AuditRow
from storage.repositories import segments as rows
from storage.repositories.segments import Meaning
from storage.unit import Database, Unit
from tests.services.holdings.book import NOW, book

TABLE = f"名单,客户号\n沙龙,A1\n沙龙,a2\n沙龙,A2\n新名单,A3\n条件群,A1\n沙龙,X9\n,A1\n{'长' * 81},A1\n"
BAD = [
    (4, "number", "twice"),
    (6, "list", "no_list"),
    (7, "number", "no_client"),
    (8, "list", "missing"),
    (9, "list", "too_long"),
]


async def test_lists_hold_whom_the_table_tells(database: Database, tmp_path: Path) -> None:
    head, path = await book(database, "A1", "A2", "A3", "B1"), tmp_path / "lists.csv"
    path.write_bytes(TABLE.encode("gbk"))

    def begin(unit: Unit) -> None:
        salon = rows.add(unit, Meaning("沙龙"), head.id, NOW)
        rows.add(unit, Meaning("条件群", condition={"all": []}), head.id, NOW)
        rows.fill(unit, salon, ["A1", "B1"], None)

    def members(unit: Unit) -> dict[str, list[int]]:
        return {one.name: list(rows.all_on(unit, one.id)) for one in rows.all_of(unit) if not one.meaning.condition}

    async def done(dry: bool) -> list[Step]:
        return [step async for step in run.steps(database, lists.noun(), Wish(path, head, NOW, dry=dry))]

    await database.write(begin)
    before = await database.read(members)
    tried = await done(dry=True)
    told = [(one.row.line, cell.field, cell.fault.value) for step in tried for one in step.rejected for cell in one.bad]
    counts = tried[-1].counts
    assert (told, counts.new, counts.unchanged, tried[-1].missing) == (BAD, 2, 1, 1)
    assert await database.read(members) == before
    assert (await done(dry=False))[-1].counts == counts
    ids = await database.read(lambda unit: rows.numbered(unit, ["A1", "A2", "A3"], None))
    whole = {"沙龙": [ids["A1"], ids["A2"]], "新名单": [ids["A3"]]}
    assert await database.read(members) == whole
    again = (await done(dry=False))[-1].counts
    assert (again.new, again.unchanged, await database.read(members)) == (0, 3, whole)
    wanted = select(AuditRow.action).where(AuditRow.action.startswith("segment.")).order_by(AuditRow.id)
    deeds = await database.read(lambda unit: list(unit.session.scalars(wanted)))
    imported = ["segment.list_begin", "segment.create", "segment.import", "segment.import", "segment.list_import"]
    assert deeds == [*imported, "segment.list_begin", "segment.list_import"]
    assert noun(TableKind.SEGMENT_LIST).fields == ("list", "number")
