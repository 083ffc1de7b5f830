"""Content plans on each database: what a client chose holds for every broadcast, and is counted over seven days."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.errors import NotPermitted, Refused
from bot.vocabulary import Interest, Locale, Purpose, Role
from services import plans, preferences
from services.plans import STANDARD, Choice, Standing
from storage.models import DeliveryRow
from storage.repositories import deliveries
from storage.unit import Unit
from tests.outreach import PLAIN, Desk

LESSON = replace(PLAIN, purpose=Purpose.EDUCATION)


async def choose(desk: Desk, client_id: int, plan: str, weekly: int | None = None, role: Role = Role.SERVICE) -> None:
    """Staff enter a plan at the client's word."""
    wanted = Choice(client_id, plan, weekly, desk.office.clock.now())
    await desk.database.write(lambda unit: plans.choose(unit, desk.people[role], wanted))


async def standing(desk: Desk, client_id: int) -> Standing:
    return await desk.database.read(lambda unit: plans.standing(unit, client_id, desk.office.clock.now()))


async def sent(desk: Desk, topic: Interest | None) -> dict[str, int]:
    """A broadcast about something goes out; by rule, empty where it went."""
    approved = await desk.approved(replace(LESSON, topic=topic, name=f"{topic}"))
    await desk.send(approved.id)
    await desk.office.drain()
    found = await desk.database.read(lambda unit: deliveries.counts(unit, approved.id))
    return {one.rule or "": one.number for one in found}


async def test_broadcasts_respect_subjects_and_numbers(desk: Desk) -> None:
    one, other = await desk.office.clients(2)
    await choose(desk, one, "close", 2)

    def like(unit: Unit) -> None:
        preferences.toggle(unit, one, Interest.FUNDS, desk.office.clock.now())

    await desk.database.write(like)
    assert await sent(desk, Interest.BONDS) == {"": 1, "plan_topic": 1}
    assert await sent(desk, Interest.FUNDS) == {"": 2}
    assert await sent(desk, None) == {"": 2}
    found = await standing(desk, one)
    assert (found.weekly, found.own, found.sent, found.interests) == (2, 2, 2, (Interest.FUNDS,))
    await choose(desk, one, "few")
    await sent(desk, Interest.FUNDS)
    stopped = select(DeliveryRow.client_id).where(DeliveryRow.rule == "plan_weekly")
    assert await desk.database.read(lambda unit: list(unit.session.scalars(stopped))) == [one]
    assert (await standing(desk, other)).plan.code == STANDARD


async def test_plans_are_entered_by_those_who_may(desk: Desk) -> None:
    (client,) = await desk.office.clients(1)
    assert (await standing(desk, client)).plan.called(Locale.EN) == "Standard plan"
    for plan, weekly, key in (("gone", None, "plan_unknown"), ("few", 15, "plan_weekly"), (STANDARD, 1, "plan_weekly")):
        with pytest.raises(Refused, match=key):
            await choose(desk, client, plan, weekly)
    for role in (Role.RM, Role.COMPLIANCE, Role.ADMIN):
        with pytest.raises(NotPermitted):
            await choose(desk, client, "few", role=role)
    await choose(desk, client, "few")
    assert (await standing(desk, client)).weekly == 1
    await choose(desk, client, STANDARD)
    assert (await standing(desk, client)).weekly is None
