"""The page of doubtful messages: who sees which, and what becomes of a decision."""

import pytest
from sqlalchemy import select

from bot.vocabulary import DeliveryState, Purpose
from storage.models import AuditRow, DeliveryRow
from storage.unit import Unit
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import ADVISER, RM, SERVICE, Stand

RESEND, DELIVERED, DROP = "resend", "delivered", "drop"
PENDING = DeliveryState.PENDING


@pytest.fixture
def desk_url(database_url: str) -> str:
    """Decisions are written on each kind of database."""
    return database_url


@pytest.fixture
async def ids(branch: Stand) -> list[int]:
    """One doubtful message to the manager's client C1, one to C2."""

    def add(unit: Unit) -> list[int]:
        rows = [_row(branch, client) for client in ("C1", "C2")]
        unit.session.add_all(rows)
        unit.flush()
        return [row.id for row in rows]

    return await branch.database.write(add)


def _row(branch: Stand, client: str) -> DeliveryRow:
    now = branch.clock.now()
    return DeliveryRow(
        key=client,
        purpose=Purpose.CARE,
        priority=5,
        state=DeliveryState.UNCERTAIN,
        client_id=branch.clients[client],
        text_key="care",
        text=f"words for {client}",
        created_at=now,
        not_before=now,
        attempts=1,
    )


async def decide(person: Person, number: int, decision: str, key: str = "k1") -> int:
    return (await person.post(f"/console/doubts/{number}/{decision}", key=key)).status_code


async def states(branch: Stand) -> list[DeliveryState]:
    chosen = select(DeliveryRow.state).order_by(DeliveryRow.id)
    return await branch.database.read(lambda unit: list(unit.session.scalars(chosen)))


async def test_each_decision_settles_one_message_and_is_audited(branch: Stand, sign_in: SignIn, ids: list[int]) -> None:
    service = await sign_in(SERVICE)
    shown = words(await service.get("/console/doubts"))
    assert "words for C1" in shown
    assert "words for C2" in shown
    assert await decide(service, ids[0], RESEND) == 303
    assert await decide(service, ids[1], DELIVERED, "k2") == 303
    assert await states(branch) == [PENDING, DeliveryState.DELIVERED]
    assert "没有待核实的消息" in words(await service.get("/console/doubts"))
    deeds = await branch.database.read(lambda unit: set(unit.session.scalars(select(AuditRow.action))))
    assert deeds >= {"delivery.resend", "delivery.delivered"}


async def test_what_somebody_has_settled_stays_settled(branch: Stand, sign_in: SignIn, ids: list[int]) -> None:
    service = await sign_in(SERVICE)
    assert [await decide(service, ids[0], how, how) for how in (DROP, RESEND)] == [303, 409]
    assert [await decide(service, ids[1], RESEND, "once") for _ in range(2)] == [303, 303]
    assert await states(branch) == [DeliveryState.CANCELLED, PENDING]


async def test_a_manager_decides_on_own_clients_only(branch: Stand, sign_in: SignIn, ids: list[int]) -> None:
    manager = await sign_in(RM)
    shown = words(await manager.get("/console/doubts"))
    assert "words for C1" in shown
    assert "words for C2" not in shown
    assert await decide(manager, ids[1], RESEND) == 409
    assert await decide(await sign_in(ADVISER), ids[0], RESEND) == 409
    assert await decide(manager, ids[0], DROP, "k2") == 303
    assert await states(branch) == [DeliveryState.CANCELLED, DeliveryState.UNCERTAIN]


async def test_unknown_decisions_and_messages_are_told(branch: Stand, sign_in: SignIn, ids: list[int]) -> None:
    service = await sign_in(SERVICE)
    assert [await decide(service, ids[0], "forget"), await decide(service, 999, DROP)] == [404, 409]


async def test_a_long_list_has_pages(branch: Stand, sign_in: SignIn) -> None:
    rows = [_row(branch, "C1") for _ in range(45)]
    for number, row in enumerate(rows):
        row.key, row.text = str(number), f"text {number:02}"
    await branch.database.write(lambda unit: unit.session.add_all(rows))
    service = await sign_in(SERVICE)
    first = await service.get("/console/doubts")
    following = first.text.split('<a class="btn q-more" href="')[1].split('"')[0].replace("&amp;", "&")
    second = words(await service.get(following))
    assert ["text 39" in words(first), "text 40" in words(first)] == [True, False]
    assert [f"text {number}" in second for number in (39, 40, 44)] == [False, True, True]
