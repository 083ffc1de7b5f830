"""Setting up and giving second factors where two pages ask at once, and what a reset leaves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from bot.errors import Refused
from services import second_factor, totp
from storage.models import StaffRecoveryRow
from storage.repositories import second_factors as rows
from storage.repositories import staff as staff_rows
from storage.repositories.staff import Staff
from storage.unit import Unit
from tests.console.stand import ADMIN, SERVICE, Stand, stand


@pytest.fixture
def branch(database_url: str) -> Iterator[Stand]:
    with stand(database_url) as standing:
        yield standing


async def person(branch: Stand, number: str) -> Staff:
    found = await branch.database.read(lambda unit: staff_rows.by_number(unit, number))
    assert found is not None
    return found


def code(secret: str, at: datetime) -> str:
    return totp.code_at(secret, totp.step_of(at))


async def test_two_pages_opened_at_once_show_one_secret(branch: Stand) -> None:
    somebody = await person(branch, SERVICE)
    first, second = [partial(rows.begin, staff_id=somebody.id, secret=word) for word in ("A", "B")]
    assert [await branch.database.write(page) for page in (first, second)] == ["A", "A"]


async def test_a_form_sent_twice_makes_one_set_of_recovery_codes(branch: Stand) -> None:
    somebody, now = await person(branch, SERVICE), branch.clock.now()
    secret = (await branch.database.write(lambda unit: second_factor.enrolment(unit, somebody))).secret

    def both(unit: Unit) -> list[bool]:
        return [rows.confirm(unit, somebody.id, [word], now) for word in ("one", "two")]

    assert await branch.database.write(both) == [True, False]
    with pytest.raises(Refused, match="second_confirmed"):
        await branch.database.write(lambda unit: second_factor.confirm(unit, somebody, code(secret, now), now))
    count = select(func.count()).select_from(StaffRecoveryRow)
    assert await branch.database.read(lambda unit: unit.session.scalars(count).one()) == 1


async def test_after_a_reset_the_tries_begin_anew(branch: Stand) -> None:
    somebody, admin, sign_ins = await person(branch, SERVICE), await person(branch, ADMIN), branch.console.sign_ins
    for _ in range(branch.console.rules.login_tries):
        await branch.database.write(lambda unit: second_factor.attempt(unit, sign_ins, somebody))
    with pytest.raises(Refused, match="staff_locked"):
        await branch.database.write(lambda unit: second_factor.attempt(unit, sign_ins, somebody))
    now = branch.clock.now() + timedelta(seconds=1)
    await branch.database.write(lambda unit: second_factor.reset(unit, admin, SERVICE, now))
    assert await branch.database.write(lambda unit: second_factor.attempt(unit, sign_ins, somebody)) > 0
