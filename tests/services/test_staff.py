"""Signing in, being locked out, and who may do what."""

from datetime import timedelta
from functools import partial

import pytest
from argon2 import extract_parameters

from bot.clock import MovableClock
from bot.errors import NotPermitted, Refused
from bot.vocabulary import PERMISSIONS, Action, Reach, Role, StaffState
from services import staff
from services.rules import Rules
from services.staff import SignIns
from storage.repositories import sign_ins as tries
from storage.repositories import staff as rows
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database

PASSWORD = "correct horse"


@pytest.fixture
def sign_ins(clock: MovableClock) -> SignIns:
    return SignIns(clock, Rules())


async def somebody(database: Database, clock: MovableClock, *roles: Role) -> int:
    new = NewStaff("s1", "Wang", roles or (Role.SERVICE,), staff.hash_password(PASSWORD))
    return await database.write(lambda unit: rows.add(unit, new, clock.now()))


async def refused(database: Database, sign_ins: SignIns, number: str) -> Refused:
    """What a try with a password that does not fit is told."""
    with pytest.raises(Refused) as refusal:
        await tried(database, sign_ins, number)
    return refusal.value


async def tried(database: Database, sign_ins: SignIns, number: str) -> None:
    attempt = await database.write(lambda unit: sign_ins.attempt(unit, number))
    await database.write(lambda unit: sign_ins.check(unit, attempt, fits=False))


def person(*roles: Role, state: StaffState = StaffState.ACTIVE) -> Staff:
    return Staff(1, "s1", "Wang", "", "", frozenset(roles), state, "", False, False)


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


@pytest.mark.parametrize("number", ["s1", "nobody"])
async def test_repeated_failures_lock_any_number(
    database: Database, sign_ins: SignIns, clock: MovableClock, number: str
) -> None:
    await somebody(database, clock)
    left = [(await refused(database, sign_ins, number)).parameters for _ in range(5)]
    assert left == [{"remaining": tries} for tries in (4, 3, 2, 1, 0)]
    locked = await refused(database, sign_ins, number)
    assert (locked.key, locked.parameters) == ("staff_locked", {"until": clock.now() + sign_ins.rules.login_lock})
    clock.move(sign_ins.rules.login_lock)
    assert (await refused(database, sign_ins, number)).parameters == {"remaining": 4}


async def test_the_right_password_is_let_in_at_the_last_try_and_clears_the_count(
    database: Database, sign_ins: SignIns, clock: MovableClock
) -> None:
    await somebody(database, clock)
    for _ in range(4):
        await refused(database, sign_ins, "s1")
    attempt = await database.write(lambda unit: sign_ins.attempt(unit, "s1"))
    assert (await database.write(lambda unit: sign_ins.check(unit, attempt, fits=True))).number == "s1"
    assert (await refused(database, sign_ins, "s1")).parameters == {"remaining": 4}


async def test_tries_are_counted_before_they_end(database: Database, sign_ins: SignIns, clock: MovableClock) -> None:
    await somebody(database, clock)
    attempts = [await database.write(lambda unit: sign_ins.attempt(unit, "s1")) for _ in range(5)]
    assert [attempt.left for attempt in attempts] == [4, 3, 2, 1, 0]
    with pytest.raises(Refused):
        await database.write(lambda unit: sign_ins.attempt(unit, "s1"))


async def test_tries_are_forgotten_after_a_day(database: Database, sign_ins: SignIns, clock: MovableClock) -> None:
    await refused(database, sign_ins, "nobody")
    clock.move(timedelta(days=1, seconds=1))
    await database.write(lambda unit: tries.forget_before(unit, clock.now() - timedelta(days=1)))
    assert (await refused(database, sign_ins, "nobody")).parameters == {"remaining": 4}


async def test_an_unknown_number_costs_the_work_of_a_known_one(
    database: Database, sign_ins: SignIns, clock: MovableClock
) -> None:
    await somebody(database, clock)
    hashes = [(await database.write(partial(sign_ins.attempt, number=number))).hash for number in ("s1", "nobody")]
    known, unknown = map(extract_parameters, hashes)
    assert known == unknown
    assert not staff.fits(hashes[1], PASSWORD)


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
