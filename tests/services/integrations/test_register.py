"""Systems are let in once, counted by the minute, and shut out at once."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.clock import MovableClock
from bot.errors import NotPermitted, Refused
from bot.vocabulary import Role, Scope
from services.integrations import entrance, register
from services.integrations.register import Wish
from storage.models import AuditRow, IntegrationRow
from storage.repositories import staff
from storage.repositories.integrations import Integration
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit

NOW = MovableClock().now()
COUNTER = Wish("counter", [Scope.CLIENTS_WRITE, Scope.CLIENTS_READ], per_minute=3)


def person(unit: Unit, role: Role) -> Staff:
    """Somebody who works here."""
    staff.add(unit, NewStaff(role, role, [role], ""), NOW)
    found = staff.by_number(unit, role)
    assert found is not None
    return found


def test_only_an_administrator_lets_a_system_in_and_only_its_hash_is_kept(work: Unit) -> None:
    admin = person(work, Role.ADMIN)
    token = register.add(work, admin, COUNTER, NOW)
    found = entrance.known(work, token)
    assert found is not None
    assert (found.scopes, found.per_minute) == (frozenset(COUNTER.scopes), 3)
    row = work.session.scalars(select(IntegrationRow)).one()
    assert token.removeprefix(register.PREFIX) not in repr(vars(row))
    assert [entrance.known(work, word) for word in ("", token[:-1], token * 9)] == [None] * 3
    with pytest.raises(NotPermitted):
        register.add(work, person(work, Role.HEAD), COUNTER, NOW)
    register.revoke(work, admin, "counter", NOW)
    assert entrance.known(work, token) is None
    deeds = work.session.execute(select(AuditRow.action, AuditRow.detail).order_by(AuditRow.id)).all()
    assert [tuple(deed) for deed in deeds] == [
        ("integration.add", {"scopes": "clients:read,clients:write", "per_minute": 3}),
        ("integration.revoke", {}),
    ]
    assert [one.revoked_at for one in register.listed(work, admin)] == [NOW]


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        (Wish("Counter", [Scope.CLIENTS_READ]), "integration_name"),
        (Wish("counter", []), "integration_scopes"),
        (Wish("counter", [Scope.CLIENTS_READ], 0), "integration_rate"),
        (Wish("old", [Scope.CLIENTS_READ]), "integration_taken"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(work: Unit, wish: Wish, key: str) -> None:
    admin = person(work, Role.ADMIN)
    register.add(work, admin, Wish("old", [Scope.CLIENTS_READ]), NOW)
    register.revoke(work, admin, "old", NOW)
    with pytest.raises(Refused, match=key):
        register.add(work, admin, wish, NOW)
    for name, fault in (("old", "integration_gone"), ("nobody", "integration_unknown")):
        with pytest.raises(Refused, match=fault):
            register.revoke(work, admin, name, NOW)


def counted(unit: Unit, per_minute: int, number: int) -> Integration:
    """A system that nobody has to be asked about."""
    return Integration(number, "counter", frozenset(), per_minute, NOW, None)


async def test_a_minutes_requests_may_come_at_once_and_come_back_one_by_one(database: Database) -> None:
    def requests(unit: Unit) -> None:
        one, clock = counted(unit, 3, 1), MovableClock()
        assert [entrance.admitted(unit, one, clock.now()) for _ in range(4)] == [0, 0, 0, pytest.approx(20)]
        clock.move(timedelta(seconds=19))
        assert entrance.admitted(unit, one, clock.now()) == pytest.approx(1)
        clock.move(timedelta(seconds=1))
        assert [entrance.admitted(unit, one, clock.now()) for _ in range(2)] == [0, pytest.approx(20)]
        clock.move(timedelta(hours=1))
        assert [entrance.admitted(unit, one, clock.now()) for _ in range(4)] == [0, 0, 0, pytest.approx(20)]
        assert entrance.admitted(unit, counted(unit, 3, 2), clock.now()) == 0

    await database.write(requests)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    per_minute=st.integers(1, 9),
    gaps=st.lists(st.floats(0, 45, allow_nan=False), min_size=1, max_size=20),
    number=st.integers(1, 10**9),
)
def test_whoever_waits_as_told_is_admitted(work: Unit, per_minute: int, gaps: list[float], number: int) -> None:
    one, clock = counted(work, per_minute, number), MovableClock()
    work.connection.exec_driver_sql("DELETE FROM permits")
    begun = clock.now()
    for admitted, gap in enumerate(gaps, 1):
        clock.move(timedelta(seconds=gap))
        if wait := entrance.admitted(work, one, clock.now()):
            clock.move(timedelta(seconds=wait + 0.001))
            assert entrance.admitted(work, one, clock.now()) == 0
        minutes = (clock.now() - begun).total_seconds() / 60
        assert admitted <= per_minute * (1 + minutes) + 0.01
