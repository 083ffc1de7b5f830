"""Signing in, being locked out, and who may do what."""

from datetime import timedelta
from functools import partial

import pytest

from bot.clock import MovableClock
from bot.errors import NotPermitted, Refused
from bot.vocabulary import PERMISSIONS, Action, Reach, Role, StaffState
from services import staff
from services.rules import Rules
from services.staff import SignIns
from storage.repositories import staff as rows
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit

PASSWORD = "correct horse"


@pytest.fixture
def sign_ins(clock: MovableClock) -> SignIns:
    return SignIns(clock, Rules())


async def somebody(database: Database, clock: MovableClock, *roles: Role) -> int:
    new = NewStaff("s1", "Wang", roles or (Role.SERVICE,), staff.hash_password(PASSWORD))
    return await database.write(lambda unit: rows.add(unit, new, clock.now()))


def sign_in(sign_ins: SignIns, number: str, unit: Unit) -> Staff:
    """Try with a password that does not fit."""
    return sign_ins.check(unit, rows.by_number(unit, number), fits=False)


def person(*roles: Role, state: StaffState = StaffState.ACTIVE) -> Staff:
    return Staff(1, "s1", "Wang", "", "", frozenset(roles), state, "", False, 0, None, False)


def test_a_password_fits_only_its_hash() -> None:
    hashed = staff.hash_password(PASSWORD)
    assert staff.fits(hashed, PASSWORD)
    assert not staff.fits(hashed, "something else")
    assert not staff.fits("not a hash", PASSWORD)


def test_refuses_a_short_password() -> None:
    with pytest.raises(Refused) as refusal:
        staff.hash_password("short")
    assert refusal.value.key == "staff_password_short"


async def test_signs_in_and_out(database: Database, sign_ins: SignIns, clock: MovableClock) -> None:
    staff_id = await somebody(database, clock)
    word = await database.write(lambda unit: sign_ins.open(unit, staff_id))
    session = await database.read(lambda unit: sign_ins.current(unit, word))
    assert session is not None
    assert session.staff.number == "s1"
    await database.write(lambda unit: sign_ins.close(unit, session.id))
    assert await database.read(lambda unit: sign_ins.current(unit, word)) is None


async def test_an_idle_sign_in_ends(database: Database, sign_ins: SignIns, clock: MovableClock) -> None:
    staff_id = await somebody(database, clock)
    word = await database.write(lambda unit: sign_ins.open(unit, staff_id))
    clock.move(staff.IDLE + timedelta(seconds=1))
    assert await database.read(lambda unit: sign_ins.current(unit, word)) is None


async def test_no_sign_in_outlives_the_day(database: Database, sign_ins: SignIns, clock: MovableClock) -> None:
    staff_id = await somebody(database, clock)
    word = await database.write(lambda unit: sign_ins.open(unit, staff_id))
    for _ in range(25):
        clock.move(timedelta(minutes=29))
        await database.write(lambda unit: sign_ins.touch(unit, 1) if sign_ins.current(unit, word) else None)
    assert await database.read(lambda unit: sign_ins.current(unit, word)) is None


async def test_repeated_failures_lock(database: Database, sign_ins: SignIns, clock: MovableClock) -> None:
    staff_id = await somebody(database, clock)
    results = [await database.write(lambda unit: sign_ins.failed(unit, staff_id)) for _ in range(5)]
    assert results == [False, False, False, False, True]
    found = await database.read(lambda unit: rows.by_number(unit, "s1"))
    with pytest.raises(Refused) as refusal:
        await database.write(lambda unit: sign_ins.check(unit, found, fits=True))
    assert refusal.value.key == "staff_locked"
    clock.move(sign_ins.rules.login_lock)
    found = await database.read(lambda unit: rows.by_number(unit, "s1"))
    assert await database.write(lambda unit: sign_ins.check(unit, found, fits=True)) == found


async def test_a_wrong_number_and_a_wrong_password_read_alike(
    database: Database, sign_ins: SignIns, clock: MovableClock
) -> None:
    await somebody(database, clock)
    for number in ("s1", "nobody"):
        with pytest.raises(Refused) as refusal:
            await database.write(partial(sign_in, sign_ins, number))
        assert (refusal.value.key, refusal.value.parameters) == ("staff_wrong_password", {"remaining": 4})


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(Role))
def test_roles_reach_as_far_as_the_matrix_says(action: Action, role: Role) -> None:
    allowed = PERMISSIONS[action][role]
    assert staff.reach(person(role), action) is allowed
    for own in (True, False):
        if allowed is Reach.ALL or (allowed is Reach.OWN and own):
            staff.demand(person(role), action, own=own)
        else:
            with pytest.raises(NotPermitted):
                staff.demand(person(role), action, own=own)


def test_the_widest_of_several_roles_counts() -> None:
    assert staff.reach(person(Role.RM, Role.SERVICE), Action.REPLY) is Reach.ALL


def test_a_disabled_person_may_nothing() -> None:
    with pytest.raises(NotPermitted):
        staff.demand(person(Role.HEAD, state=StaffState.DISABLED), Action.REPLY)
