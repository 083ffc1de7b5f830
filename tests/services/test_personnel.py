"""Letting somebody go: everything goes to a colleague at once, and nobody is left with their sign-in."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from bot.errors import NotPermitted, Refused
from bot.vocabulary import EntryKind, Owner, Role, StaffState, TicketState
from services import personnel
from services.staff import SignIns
from storage.models import AuditRow, ClientRow, ConversationRow, TicketEntryRow, TicketRow
from storage.repositories import staff as rows
from storage.repositories.charges import Charge
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Unit
from tests.console.stand import ADMIN, ADVISER, COMPLIANCE, HEAD, RM, SERVICE, VISITOR, Stand, stand


@pytest.fixture
def branch(database_url: str) -> Iterator[Stand]:
    with stand(database_url) as standing:
        yield standing


async def person(branch: Stand, number: str) -> Staff:
    found = await branch.database.read(lambda unit: rows.by_number(unit, number))
    assert found is not None
    return found


async def busy(branch: Stand) -> None:
    """The manager has a client, a ticket of theirs to work on, one that is closed, and a conversation they answer."""
    number = await branch.wait("转账转不出来")
    open_one, closed = await branch.complaint("不满意"), await branch.complaint("已经好了")
    manager = await person(branch, RM)

    def work(unit: Unit) -> None:
        branch.console.handover.take(unit, number, manager, branch.clock.now())
        for row in unit.session.scalars(select(TicketRow).where(TicketRow.number.in_([open_one, closed]))):
            row.assignee_id = manager.id
            row.state = TicketState.RESOLVED if row.number == closed else row.state

    await branch.database.write(work)


async def test_all_goes_to_the_colleague_in_one_transaction(branch: Stand) -> None:
    await busy(branch)
    admin, giver, taker = [await person(branch, number) for number in (ADMIN, RM, SERVICE)]
    now = branch.clock.now()
    word = await branch.database.write(lambda unit: SignIns(branch.clock, branch.console.rules).open(unit, giver.id))
    charge = await branch.database.write(lambda unit: personnel.deactivate(unit, admin, RM, SERVICE, now))
    assert charge == Charge(1, 1, 1)

    def look(unit: Unit) -> None:
        assert unit.session.scalars(select(ClientRow.manager_id).where(ClientRow.number == "C1")).one() == taker.id
        tickets = unit.session.scalars(select(TicketRow).where(TicketRow.assignee_id.is_not(None)))
        assert {row.assignee_id for row in tickets if row.state != TicketState.RESOLVED} == {taker.id}
        answered = select(ConversationRow.staff_id).where(ConversationRow.owner == Owner.STAFF)
        assert set(unit.session.scalars(answered)) == {taker.id}
        lines = select(TicketEntryRow.text).where(TicketEntryRow.kind == EntryKind.SYSTEM)
        assert f"{giver.name} > {taker.name}" in set(unit.session.scalars(lines))
        assert branch.console.sign_ins.current(unit, word) is None
        deeds = unit.session.scalars(select(AuditRow.action).where(AuditRow.staff_id == admin.id))
        assert list(deeds) == ["staff.handover", "staff.deactivate"]

    await branch.database.read(look)
    assert (await person(branch, RM)).state is StaffState.DISABLED


@pytest.mark.parametrize(
    ("taker", "key"),
    [
        ("", "staff_successor_missing"),
        (RM, "staff_successor_unfit"),
        (VISITOR, "staff_successor_unfit"),
        (COMPLIANCE, "staff_successor_unfit"),
        ("s99", "staff_unknown"),
    ],
)
async def test_nothing_changes_without_a_colleague_who_may(branch: Stand, taker: str, key: str) -> None:
    await busy(branch)
    admin, giver, now = await person(branch, ADMIN), await person(branch, RM), branch.clock.now()
    with pytest.raises(Refused) as refusal:
        await branch.database.write(lambda unit: personnel.deactivate(unit, admin, RM, taker, now))
    assert refusal.value.key == key
    members = await branch.database.read(lambda unit: personnel.listed(unit, admin))
    assert [one.charge for one in members if one.staff.number == RM] == [Charge(1, 1, 1)]
    assert (await person(branch, RM)).state is giver.state


async def test_who_has_nothing_needs_nobody(branch: Stand) -> None:
    admin, now = await person(branch, ADMIN), branch.clock.now()
    await branch.database.write(lambda unit: personnel.deactivate(unit, admin, ADVISER, "", now))
    assert (await person(branch, ADVISER)).state is StaffState.DISABLED
    with pytest.raises(Refused, match="staff_gone"):
        await branch.database.write(lambda unit: personnel.deactivate(unit, admin, ADVISER, "", now))


async def test_a_handover_leaves_the_person_in_place(branch: Stand) -> None:
    await busy(branch)
    admin, now = await person(branch, ADMIN), branch.clock.now()
    assert await branch.database.write(lambda unit: personnel.hand_over(unit, admin, RM, HEAD, now)) == Charge(1, 1, 1)
    assert await branch.database.write(lambda unit: personnel.hand_over(unit, admin, RM, HEAD, now)) == Charge()
    assert (await person(branch, RM)).state is StaffState.ACTIVE


async def test_an_administrator_is_always_left(branch: Stand) -> None:
    admin, now = await person(branch, ADMIN), branch.clock.now()
    for deed in (
        lambda unit: personnel.deactivate(unit, admin, ADMIN, "", now),
        lambda unit: personnel.set_roles(unit, admin, ADMIN, [Role.RM], now),
    ):
        with pytest.raises(Refused, match="staff_own"):
            await branch.database.write(deed)


@pytest.mark.parametrize("number", [HEAD, COMPLIANCE, RM, SERVICE, ADVISER, VISITOR])
async def test_only_administrators_decide_on_staff(branch: Stand, number: str) -> None:
    by, now = await person(branch, number), branch.clock.now()
    new = NewStaff("s50", "New", [Role.RM], "-")
    for deed in (
        lambda unit: personnel.deactivate(unit, by, ADMIN, "", now),
        lambda unit: personnel.hand_over(unit, by, RM, HEAD, now),
        lambda unit: personnel.set_roles(unit, by, ADMIN, [Role.RM], now),
        lambda unit: personnel.add(unit, by, new, now),
    ):
        with pytest.raises(NotPermitted):
            await branch.database.write(deed)


async def test_a_number_is_one_that_an_address_holds(branch: Stand) -> None:
    def refused(unit: Unit) -> None:
        for number in ("a/b", "..", ".", "second:s01", "a b", "?", "a\\b", "\u202es1", "-"):
            with pytest.raises(Refused, match="staff_number"):
                personnel.add(unit, None, NewStaff(number, "New", [Role.RM], "-"), branch.clock.now())

    await branch.database.write(refused)


async def test_people_are_added_and_given_roles(branch: Stand) -> None:
    admin, now = await person(branch, ADMIN), branch.clock.now()
    new = NewStaff("s50", "New", [Role.RM], "-")
    await branch.database.write(lambda unit: personnel.add(unit, admin, new, now))
    with pytest.raises(Refused, match="staff_taken"):
        await branch.database.write(lambda unit: personnel.add(unit, admin, new, now))
    await branch.database.write(lambda unit: personnel.set_roles(unit, admin, "s50", [Role.SERVICE, Role.HEAD], now))
    assert (await person(branch, "s50")).roles == {Role.SERVICE, Role.HEAD}
    with pytest.raises(Refused, match="staff_roles_missing"):
        await branch.database.write(lambda unit: personnel.set_roles(unit, admin, "s50", [], now))
