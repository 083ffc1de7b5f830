"""Named segments: packaged ones, one's own, circles, fixed lists, who may do what, and where they are used."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select

from bot.clock import branch_date
from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Role
from bot.vocabulary.broadcasts import BroadcastState
from bot.vocabulary.conditions import InSegment
from services import segments
from services.segments import Register, packaged
from storage.models import AuditRow
from storage.repositories import audiences
from storage.repositories import segments as rows
from storage.repositories.segments import Meaning
from storage.unit import Unit
from tests.outreach import PLAIN, Desk
from tests.services.delivery.office import NOON

T = TypeVar("T")
TAG: dict[str, Any] = {"field": "tag", "is": "has", "value": "两融"}
MINE = Meaning("两融客户", "每月提醒", TAG)


class Office:
    """A desk with the packaged segments and the register."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.register = Register(desk.office.clock)

    async def do(self, work: Callable[[Unit], T]) -> T:
        return await self.desk.database.write(work)

    async def create(self, meaning: Meaning, role: Role = Role.HEAD) -> rows.Segment:
        return await self.do(lambda unit: self.register.create(unit, self.desk.people[role], meaning))

    async def edit(self, seen: rows.Segment, meaning: Meaning, role: Role = Role.HEAD) -> rows.Segment:
        return await self.do(lambda unit: self.register.edit(unit, self.desk.people[role], seen, meaning))

    async def remove(self, seen: rows.Segment, role: Role = Role.HEAD) -> None:
        await self.do(lambda unit: self.register.remove(unit, self.desk.people[role], seen))

    async def members(self, name: str) -> list[str]:
        def found(unit: Unit) -> list[str]:
            condition = segments.looked_up(unit, InSegment(name))
            return audiences.numbers(unit, audiences.chosen(condition, branch_date(NOON)), None, 1000)

        return await self.desk.database.read(found)


@pytest.fixture
async def office(desk: Desk) -> Office:
    made = Office(desk)
    await desk.database.write(lambda unit: packaged.load(unit, NOON))
    return made


@pytest.fixture
async def clients(desk: Desk) -> None:
    """Those of the demo branch; what says nothing of members is quicker without."""
    await desk.demo_clients()


@pytest.mark.usefixtures("clients")
async def test_packaged_segments_mean_somebody_and_change_with_the_program(office: Office) -> None:
    names = [meaning.name for meaning in packaged.meanings()]
    assert len(names) == len(set(names)) == 14
    assert [await office.members(name) for name in names if not await office.members(name)] == []
    assert await office.do(lambda unit: packaged.load(unit, NOON)) == 0
    found = await office.do(lambda unit: rows.by_name(unit, "高净值"))
    assert found is not None
    await office.do(lambda unit: rows.revise(unit, found, replace(found.meaning, note="旧"), None, NOON))
    assert await office.do(lambda unit: packaged.load(unit, NOON)) == 1


@pytest.mark.usefixtures("clients")
async def test_wealth_and_temper_part_the_clients(office: Office) -> None:
    wealth = [set(await office.members(name)) for name in ("高净值", "中等资产", "普通")]
    temper = [set(await office.members(name)) for name in ("保守", "稳健", "激进")]
    for parts in (wealth, temper):
        assert sum(map(len, parts)) == len(set.union(*parts)) > 400
    assert "D0002" in wealth[0]
    assert "D0003" in temper[0]


@pytest.mark.usefixtures("clients")
async def test_the_named_clients_of_the_demo_are_where_they_belong(office: Office) -> None:
    assert "D0006" in await office.members("测评将到期或已过期")
    assert "D0012" in await office.members("测评将到期或已过期")
    assert "D0007" in await office.members("新开户待回访")
    assert {"D0005", "D0012"} <= set(await office.members("英文客户"))
    assert set(await office.members("高净值活动邀请名单")) <= set(await office.members("高净值"))


async def test_every_meaning_is_kept_with_its_author(office: Office) -> None:
    made = await office.create(MINE)
    edited = await office.edit(made, replace(MINE, condition={"not": TAG}))
    assert (made.version, edited.version) == (1, 2)
    versions = await office.do(lambda unit: rows.versions(unit, made.id))
    assert [(one.version, one.condition, one.author) for one in versions] == [
        (2, {"not": TAG}, "员工head"),
        (1, TAG, "员工head"),
    ]
    with pytest.raises(Conflict):
        await office.edit(made, MINE)
    deeds = select(func.count()).where(AuditRow.object == f"segment:{made.id}")
    assert await office.do(lambda unit: unit.session.scalars(deeds).one()) == 2


WRONG = (
    (replace(MINE, name="  "), "segment_name"),
    (replace(MINE, name="两\n融"), "segment_name"),
    (replace(MINE, name="高净值"), "segment_name_taken"),
    (replace(MINE, condition={"all": [{"field": "height"}]}), "condition_parts"),
    (replace(MINE, condition={"segment": "没有这个"}), "segment_unknown"),
    (replace(MINE, condition={"not": {"segment": MINE.name}}), "segment_circle"),
    (replace(MINE, condition={"all": [{"segment": "稳健"}] * 101}), "segment_too_large"),
    (replace(MINE, note="长" * 201), "text_too_long"),
)


async def test_what_cannot_be_a_segment_is_refused(office: Office) -> None:
    for meaning, key in WRONG:
        with pytest.raises(Refused) as refused:
            await office.create(meaning)
        assert refused.value.key == key


async def test_a_circle_over_others_is_refused(office: Office) -> None:
    first = await office.create(MINE)
    await office.create(Meaning("外层", "", {"all": [{"segment": MINE.name}]}))
    with pytest.raises(Refused, match="segment_circle"):
        await office.edit(first, replace(MINE, condition={"any": [TAG, {"segment": "外层"}]}))


async def test_what_grows_too_large_from_inside_is_refused_at_once(office: Office) -> None:
    """Each edit is small: from the outermost inwards, every segment comes to hold the next one many times."""
    single = [TAG, *({"segment": f"层{level}"} for level in range(9))]
    made = [await office.create(Meaning(f"层{level}", "", condition)) for level, condition in enumerate(single)]
    for level in range(9, 0, -1):
        many = {"any": [{"segment": f"层{level - 1}"}] * 14}
        await office.edit(made[level], Meaning(f"层{level}", "", many))
    with pytest.raises(Refused, match="segment_too_large"):
        await office.members("层9")


@pytest.mark.usefixtures("clients")
async def test_a_change_reaches_the_segments_around_it(office: Office) -> None:
    first = await office.create(MINE)
    await office.create(Meaning("外层", "", {"segment": MINE.name}))
    before = await office.members("外层")
    await office.edit(first, replace(MINE, condition={"not": TAG}))
    after = await office.members("外层")
    assert before
    assert not set(before) & set(after)


@pytest.mark.usefixtures("clients")
async def test_a_fixed_list_is_imported_and_replaced(office: Office) -> None:
    head = office.desk.people[Role.HEAD]
    first = await office.do(lambda unit: office.register.fill(unit, head, "沙龙", ["D0001", "D0002", "D0001", "X9"]))
    assert (first.members, first.missing) == (2, ("X9",))
    assert await office.members("沙龙") == ["D0001", "D0002"]
    await office.do(lambda unit: office.register.fill(unit, head, " 沙龙", ["D0003"]))
    assert await office.members("沙龙") == ["D0003"]
    versions = await office.do(lambda unit: rows.versions(unit, first.segment.id))
    assert [one.members for one in versions] == [1, 2, 0]
    await office.create(MINE)
    with pytest.raises(Refused, match="segment_kind"):
        await office.do(lambda unit: office.register.fill(unit, head, MINE.name, []))


@pytest.mark.usefixtures("clients")
async def test_a_manager_fills_lists_with_their_own_clients_only(office: Office) -> None:
    adviser = office.desk.people[Role.ADVISER]
    filled = await office.do(lambda unit: office.register.fill(unit, adviser, "沙龙", ["D0001"]))
    assert (filled.members, filled.missing) == (0, ("D0001",))


async def test_who_may_not_build_segments_does_not(office: Office) -> None:
    for role in (Role.ADMIN, Role.VISITOR):
        with pytest.raises(NotPermitted):
            await office.create(MINE, role)
    theirs = await office.create(MINE, Role.RM)
    with pytest.raises(NotPermitted):
        await office.edit(theirs, replace(MINE, note="别人"), Role.ADVISER)
    assert (await office.edit(theirs, replace(MINE, note="负责人"))).meaning.note == "负责人"
    found = await office.do(lambda unit: rows.by_name(unit, "高净值"))
    assert found is not None
    with pytest.raises(Refused, match="segment_packaged"):
        await office.edit(found, found.meaning)


@pytest.mark.usefixtures("clients")
async def test_a_broadcast_keeps_what_the_segment_meant_when_it_was_approved(office: Office) -> None:
    made = await office.create(MINE)
    wanted = await office.members(MINE.name)
    approved = await office.desk.approved(replace(PLAIN, condition={"segment": MINE.name}))
    assert approved.content.segment == MINE.name
    await office.edit(made, replace(MINE, condition={"all": []}))
    sent = await office.desk.send(approved.id)
    assert sent.audience == len(wanted) > 0


async def test_what_is_used_is_neither_removed_nor_renamed(office: Office) -> None:
    made = await office.create(MINE)
    outer = await office.create(Meaning("外层", "", {"segment": MINE.name}))
    sent = await office.desk.submitted(replace(PLAIN, condition={"segment": MINE.name}))
    found = await office.do(lambda unit: segments.uses(unit, MINE.name))
    assert (found.segments, [one.number for one in found.broadcasts]) == (("外层",), [sent.id])
    for work in (office.remove(made), office.edit(made, replace(MINE, name="新名"))):
        with pytest.raises(Refused, match="segment_in_use"):
            await work
    renamed = await office.edit(outer, replace(outer.meaning, name="新名"))
    await office.remove(renamed)
    assert await office.do(lambda unit: rows.by_id(unit, outer.id)) is None
    assert (await office.create(outer.meaning)).id > outer.id


NAMING = Meaning("外层", "", {"all": [TAG, {"segment": "沙龙"}]})


async def _approved_for_a_list(office: Office) -> int:
    """A broadcast for a segment that names a fixed list, which the segment names no more; due at noon."""
    head = office.desk.people[Role.HEAD]
    await office.do(lambda unit: office.register.fill(unit, head, "沙龙", ["D0001"]))
    outer = await office.create(NAMING)
    approved = await office.desk.approved(replace(PLAIN, condition={"segment": "外层"}, send_at=NOON))
    await office.edit(outer, replace(NAMING, condition=TAG))
    return approved.id


async def test_a_list_named_in_what_a_broadcast_froze_is_in_use(office: Office) -> None:
    broadcast_id = await _approved_for_a_list(office)
    salon = await office.do(lambda unit: rows.by_name(unit, "沙龙"))
    assert salon is not None
    found = await office.do(lambda unit: segments.uses(unit, "沙龙"))
    assert (found.segments, len(found.broadcasts)) == ((), 1)
    use, author = found.broadcasts[0], office.desk.people[Role.SERVICE].name
    assert (use.number, use.name, use.author, use.started_at) == (broadcast_id, PLAIN.name, author, None)
    for work in (office.remove(salon), office.edit(salon, replace(salon.meaning, name="新名"))):
        with pytest.raises(Refused, match="segment_in_use"):
            await work


@pytest.mark.usefixtures("clients")
@pytest.mark.parametrize("meaning", [None, Meaning("沙龙", "", {"all": []})])
async def test_a_list_that_is_none_any_more_holds_back_its_broadcast_alone(
    office: Office, meaning: Meaning | None
) -> None:
    """As two processes could bring about, each of which saw the other's work too late."""
    broadcast_id = await _approved_for_a_list(office)
    salon = await office.do(lambda unit: rows.by_name(unit, "沙龙"))
    assert salon is not None
    await office.do(lambda unit: rows.remove(unit, salon.id))
    if meaning:
        await office.create(meaning)
    other = await office.desk.approved(replace(PLAIN, send_at=NOON))
    service = office.desk.people[Role.SERVICE]
    with pytest.raises(Conflict, match="broadcast_changed"):
        await office.do(lambda unit: office.desk.broadcasts.send(unit, service, broadcast_id))
    assert await office.do(office.desk.broadcasts.start_due) == [other.id]
    assert (await office.desk.now_is(broadcast_id)).state is BroadcastState.DRAFT
