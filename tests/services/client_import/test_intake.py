"""Clients are brought in from a table, and the same table twice changes nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from bot.errors import NotPermitted, Refused
from bot.vocabulary import Birthday, PersonalField, Role
from bot.vocabulary.rights import Gone
from services.client_import import intake
from services.tables import run as tables
from services.tables.mappings import Mappings
from services.tables.run import Step, Wish
from storage.models import AuditRow, ClientFiguresRow, ClientRow, ImportRow
from storage.repositories import clients, staff
from storage.repositories.client_particulars import standing
from storage.repositories.imports import Counts
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit

MAPPINGS = Mappings(intake.CLIENTS)
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HEAD = "客户号,姓名,性别,手机号,身份证号,生日,客户经理,邮箱,职业,资金账号\n"
ONE = "A1,欧阳晓岚,女,13800138000,11010519491231002X,1949-12-31,h1,a@example.com,教师,12345678\n"
TWO = "A2,阿卜杜拉·买买提,男,+8613900139000,,农历八月十五,,,,\n"
BAD = "A3,王一,男,123,,,,,,\nA1,又一,,,,,,,,\nA4,,,,,,,,,\n"


async def person(database: Database, role: Role = Role.HEAD) -> Staff:
    """A member of staff."""

    def made(unit: Unit) -> Staff | None:
        staff.add(unit, NewStaff("h1", "h1", [role], ""), NOW)
        return staff.by_number(unit, "h1")

    found = await database.write(made)
    assert found is not None
    return found


def file(tmp_path: Path, content: str) -> Path:
    """A file with this table."""
    path = tmp_path / "clients.csv"
    path.write_text(content, "utf-8")
    return path


async def run(database: Database, wish: Wish) -> list[Step]:
    return [step async for step in intake.steps(database, wish)]


async def count(database: Database) -> int:
    counted = await database.read(lambda unit: unit.session.scalar(select(func.count()).select_from(ClientRow)))
    return counted or 0


async def test_good_rows_go_in_and_every_bad_one_is_told(database: Database, tmp_path: Path) -> None:
    head = await person(database)
    path = file(tmp_path, HEAD + ONE + TWO + BAD)
    told = [(4, "phone", "wrong"), (5, "number", "twice"), (6, "name", "missing")]
    for dry, there in ((True, 0), (False, 2)):
        done = await run(database, Wish(path, head, NOW, dry=dry))
        assert done[-1].counts == Counts(new=2, rejected=3)
        bad = [
            (one.row.line, cell.field, cell.fault.value) for step in done for one in step.rejected for cell in one.bad
        ]
        assert bad == told
        assert await count(database) == there
    trace = select(AuditRow.detail).where(AuditRow.action == "client.import")
    detail = await database.read(lambda unit: unit.session.scalars(trace).all())
    assert detail == [{"new": 2, "changed": 0, "unchanged": 0, "rejected": 3}]


async def test_what_is_kept_is_sealed_found_by_its_key_and_whole(database: Database, tmp_path: Path) -> None:
    head = await person(database)
    await run(database, Wish(file(tmp_path, HEAD + ONE + TWO), head, NOW))

    def look(unit: Unit) -> None:
        key = unit.vault.lookup(clients.PHONE, "13900139000")
        row = unit.session.scalars(select(ClientRow).where(ClientRow.phone_key == key)).one()
        assert clients.clear(unit, row.id, PersonalField.NAME) == "阿卜杜拉·买买提"
        assert "买买提".encode() not in row.name_sealed
        found = standing(unit, ["A1", "A2"], ["salutation", "birthday", "email", "manager", "occupation"])
        assert found["A2"].particulars == {
            "salutation": "尊敬的阿卜杜拉·买买提先生",
            "birthday": Birthday(8, 15, lunar=True),
        }
        assert found["A1"].particulars == {
            "salutation": "尊敬的欧阳女士",
            "birthday": Birthday(12, 31, 1949),
            "email": "a@example.com",
            "manager": head.id,
            "occupation": "教师",
        }

    await database.read(look)


async def test_the_same_file_twice_changes_nothing_and_an_empty_cell_erases_nothing(
    database: Database, tmp_path: Path
) -> None:
    head = await person(database)
    await run(database, Wish(file(tmp_path, HEAD + ONE + TWO), head, NOW))
    again = await run(database, Wish(file(tmp_path, HEAD + ONE + TWO), head, NOW))
    assert again[-1].counts == Counts(unchanged=2)
    married = file(tmp_path, "number,name,phone\nA1,司马晓岚,\nA2,,13900139000\n")
    assert (await run(database, Wish(married, head, NOW)))[-1].counts == Counts(changed=1, unchanged=1)
    found = await database.read(lambda unit: standing(unit, ["A1"], ["phone", "salutation"])["A1"].particulars)
    assert found == {"phone": "13800138000", "salutation": "尊敬的司马女士"}


async def test_a_band_that_follows_from_holdings_is_left_alone(database: Database, tmp_path: Path) -> None:
    head = await person(database)
    path = file(tmp_path, "number,name,asset band\nA1,王岚,5万以下\n")
    await run(database, Wish(path, head, NOW))

    def reckoned(unit: Unit) -> None:
        client_id = unit.session.scalars(update(ClientRow).values(asset_band="from_20").returning(ClientRow.id)).one()
        sums = dict.fromkeys(("assets_fen", "cash_fen", "mean_fen"), 20_000_000)
        unit.session.add(ClientFiguresRow(client_id=client_id, on=NOW.date(), reckoned_at=NOW, **sums))

    await database.write(reckoned)
    assert (await run(database, Wish(path, head, NOW)))[-1].counts == Counts(unchanged=1)


async def test_an_import_that_broke_off_goes_on_and_counts_each_row_once(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH", 2)
    head = await person(database)
    wish = Wish(file(tmp_path, "number,name\n" + "".join(f"B{n},王岚\n" for n in range(6))), head, NOW)
    broken = intake.steps(database, wish)
    assert [(await anext(broken)).counts.new for _ in range(3)] == [0, 2, 4]
    await broken.aclose()
    assert await count(database) == 4
    assert (await run(database, wish))[-1].counts == Counts(new=6)
    ended = select(func.count()).select_from(ImportRow).where(ImportRow.ended_at.is_not(None))
    assert await database.read(lambda unit: unit.session.scalar(ended)) == 1
    assert (await run(database, wish))[-1].counts == Counts(unchanged=6)


async def test_a_mapping_is_kept_by_name_and_used(database: Database, tmp_path: Path) -> None:
    head = await person(database)
    pairs = ["内部号=number", "全称=name"]
    kept = await database.write(lambda unit: MAPPINGS.keep(unit, head, "柜台", pairs, NOW))
    assert await database.read(lambda unit: MAPPINGS.named(unit, head, "柜台")) == kept
    assert await database.read(lambda unit: MAPPINGS.listed(unit, head)) == ["柜台"]
    path = file(tmp_path, "内部号,全称,客户号\nA1,王岚,x\n")
    assert (await run(database, Wish(path, head, NOW, kept)))[-1].counts == Counts(new=1)


@pytest.mark.parametrize("pairs", [["x=y"], ["name"], ["=name"], ["a=name", "b=name"], ["a=name", "A=number"]])
async def test_a_mapping_that_means_nothing_is_refused(database: Database, pairs: list[str]) -> None:
    head = await person(database)
    with pytest.raises(Refused, match="mapping_"):
        await database.write(lambda unit: MAPPINGS.keep(unit, head, "柜台", pairs, NOW))
    with pytest.raises(Refused, match="mapping_unknown"):
        await database.read(lambda unit: MAPPINGS.named(unit, head, "柜台"))


async def test_only_a_head_may_import(database: Database, tmp_path: Path) -> None:
    manager = await person(database, Role.RM)
    with pytest.raises(NotPermitted):
        await run(database, Wish(file(tmp_path, HEAD + ONE), manager, NOW))
    assert await count(database) == 0


async def test_an_import_brings_nobody_back_who_was_erased(database: Database, tmp_path: Path) -> None:
    head = await person(database)
    await run(database, Wish(file(tmp_path, HEAD + ONE + TWO), head, NOW))
    erased = update(ClientRow).where(ClientRow.number == "A1").values(gone=Gone.ERASED, name_sealed=b"")
    await database.write(lambda unit: unit.session.execute(erased) and None)
    done = await run(database, Wish(file(tmp_path, HEAD + TWO + ONE), head, NOW))
    assert done[-1].counts == Counts(unchanged=1, rejected=1)
    assert [cell.fault.value for step in done for one in step.rejected for cell in one.bad] == ["gone"]
    names = select(ClientRow.name_sealed).where(ClientRow.number == "A1")
    assert await database.read(lambda unit: unit.session.scalars(names).one()) == b""
