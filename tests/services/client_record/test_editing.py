"""Several people at one record: nobody overwrites unknowingly, nothing that was typed is lost."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.errors import NotPermitted, Refused
from services.client_record import editing
from services.client_record.editing import Edit, Field, RecordChanged, Values, merged
from storage.models import ClientChangeRow, ClientRow
from storage.unit import Unit
from tests.console.stand import COMPLIANCE, HEAD, MONDAY, RM, SERVICE, Stand
from tests.services.client_record.known import client, deeds, person

LATER = MONDAY + timedelta(minutes=4)
RECORDS = st.fixed_dictionaries({field: st.sampled_from(["", "a", "b"]) for field in Field})


@given(base=RECORDS, mine=RECORDS, now=RECORDS)
def test_a_field_is_ours_theirs_or_told(base: dict[Field, str], mine: dict[Field, str], now: dict[Field, str]) -> None:
    changed, both = merged(base, mine, now)
    result = now | changed
    for field in Field:
        if field in both:
            assert len({base[field], mine[field], now[field]}) == 3
        else:
            assert result[field] == (now[field] if mine[field] == base[field] else mine[field])


def base_of(unit: Unit) -> str:
    item = client(unit)
    return editing.carried(unit, item.id, editing.standing(unit, item.id))


def edit(unit: Unit, number: str, base: str, wanted: Values) -> list[Field]:
    return editing.save(unit, person(unit, number), client(unit), Edit(wanted, base, LATER))


async def test_two_people_at_one_record(branch: Stand) -> None:
    write, read = branch.database.write, branch.database.read
    base = await read(base_of)
    mail = {Field.REGION: "上海", Field.EMAIL: "wang@example.com"}
    assert await write(lambda unit: edit(unit, SERVICE, base, mail)) == [Field.REGION, Field.EMAIL]
    assert await write(lambda unit: edit(unit, RM, base, {Field.OCCUPATION: "教师"})) == [Field.OCCUPATION]
    with pytest.raises(RecordChanged) as told:
        await write(lambda unit: edit(unit, HEAD, base, {Field.REGION: "杭州", Field.SALUTATION: "王老师"}))
    (found,) = told.value.differences
    assert (found.field, found.theirs, found.mine, found.at) == (Field.REGION, "上海", "杭州", LATER)
    assert found.author == (await read(lambda unit: person(unit, SERVICE))).name
    after = await read(lambda unit: editing.standing(unit, client(unit).id))
    assert [after[field] for field in (Field.SALUTATION, Field.REGION)] == ["尊敬的王女士", "上海"]
    assert [after[field] for field in (Field.OCCUPATION, Field.EMAIL)] == ["教师", "wang@example.com"]
    fresh = await read(base_of)
    assert await write(lambda unit: edit(unit, HEAD, fresh, {Field.REGION: "杭州"})) == [Field.REGION]
    assert await read(deeds) == ["client.edit"] * 3
    row = await read(lambda unit: unit.session.scalars(select(ClientRow).where(ClientRow.number == "C1")).one())
    assert row.email_key == branch.database.vault.lookup("clients.email", "wang@example.com")
    logged = await read(lambda unit: list(unit.session.scalars(select(ClientChangeRow))))
    assert len(logged) == 4
    assert not any("上海".encode() in one.after_sealed for one in logged)


async def test_another_s_writing_is_found_too(branch: Stand) -> None:
    base = await branch.database.read(base_of)

    def imported(unit: Unit) -> None:
        unit.session.scalars(select(ClientRow).where(ClientRow.number == "C1")).one().region = "北京"
        unit.flush()

    await branch.database.write(imported)
    with pytest.raises(RecordChanged) as told:
        await branch.database.write(lambda unit: edit(unit, RM, base, {Field.REGION: "杭州"}))
    (found,) = told.value.differences
    assert (found.theirs, found.author) == ("北京", None)


async def test_of_many_at_once_one_is_saved_and_all_others_are_told(branch: Stand) -> None:
    base = await branch.database.read(base_of)
    works = [
        partial(edit, number=SERVICE, base=base, wanted={Field.REGION: place}) for place in ("上海", "杭州", "苏州")
    ]
    outcomes = await asyncio.gather(*(branch.database.write(work) for work in works), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RecordChanged", "RecordChanged", "list"]
    assert await branch.database.read(deeds) == ["client.edit"]


WRONG = [
    ({Field.EMAIL: "nobody"}, "record_wrong"),
    ({Field.REGION: "x" * 65}, "record_too_long"),
    ({Field.OCCUPATION: "a\x00b"}, "record_wrong"),
    ({Field.TAGS: "x" * 65}, "record_too_long"),
    ({Field.TAGS: "，".join(map(str, range(21)))}, "record_tags"),
    ({Field.LOCALE: "fr"}, "form_unreadable"),
    ({Field.PREFERRED_CHANNEL: "pigeon"}, "form_unreadable"),
    ({Field.PREFERRED_CHANNEL: "telegram"}, "channel_not_bound"),
]


async def test_what_a_field_cannot_hold_is_refused(branch: Stand) -> None:
    base = await branch.database.read(base_of)
    for wanted, key in WRONG:
        with pytest.raises(Refused) as refused:
            await branch.database.write(partial(edit, number=RM, base=base, wanted=wanted))
        assert refused.value.key == key, wanted
    for forged in ("", "x", "é", base[:-8]):
        with pytest.raises(Refused, match="form_unreadable"):
            await branch.database.write(partial(edit, number=RM, base=forged, wanted={}))
    with pytest.raises(NotPermitted):
        await branch.database.write(lambda unit: edit(unit, COMPLIANCE, base, {Field.REGION: "上海"}))
    tags = {Field.TAGS: " 两融，基金定投 、两融;"}
    assert await branch.database.write(lambda unit: edit(unit, RM, base, tags)) == [Field.TAGS]
    assert (await branch.database.read(client)).tags == ("两融", "基金定投")
