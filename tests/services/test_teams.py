"""Teams: what the head of one sees is what its members see, in every list, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.clock import branch_date
from bot.errors import NotPermitted, Refused
from bot.vocabulary import Action
from bot.vocabulary.conditions import parse
from services import personnel, segments, teams
from services.staff import scope
from storage.models import AuditRow
from storage.repositories import client_lists, conversation_lists, ticket_lists
from storage.repositories import staff as rows
from storage.repositories.staff import Staff
from storage.repositories.teams import Team
from storage.unit import Unit
from tests.console.stand import ADMIN, ADVISER, COMPLIANCE, HEAD, RM, SERVICE, Stand, stand

EVERYBODY = parse({"all": []})


@pytest.fixture
def branch(database_url: str) -> Iterator[Stand]:
    with stand(database_url) as standing:
        yield standing


@pytest.fixture
def counter(sqlite_url: str) -> Iterator[Stand]:
    """On one database only: who may is no question of SQL."""
    with stand(sqlite_url) as standing:
        yield standing


async def person(branch: Stand, number: str) -> Staff:
    found = await branch.database.read(lambda unit: rows.by_number(unit, number))
    assert found is not None
    return found


async def team_of(branch: Stand, head: str, *members: str) -> None:
    """A team, put together by the administrator."""
    admin, now = await person(branch, ADMIN), branch.clock.now()

    def work(unit: Unit) -> None:
        teams.put(unit, admin, " 一组 ", head, now)
        for member in members:
            teams.join(unit, admin, member, "一组", now)

    await branch.database.write(work)


async def seen(branch: Stand, reader: Staff) -> tuple[list[str], int, int, int]:
    """Numbers of clients, and how many conversations, tickets and members of a segment somebody sees."""
    now = branch.clock.now()

    def look(unit: Unit) -> tuple[list[str], int, int, int]:
        clients = client_lists.page(unit, client_lists.Wanted(whose=scope(reader, Action.READ_CLIENTS)))
        view, whose = conversation_lists.View.ALL, scope(reader, Action.READ_CONVERSATIONS)
        chats = conversation_lists.page(unit, conversation_lists.Wanted(view, reader.id, whose, now))
        every, theirs = ticket_lists.View.ALL, scope(reader, Action.READ_TICKETS)
        wanted = ticket_lists.Wanted(every, reader.id, theirs, now, now + timedelta(days=1))
        counted = segments.count(unit, reader, EVERYBODY, branch_date(now))
        return [one.number for one in clients], len(chats), len(ticket_lists.page(unit, wanted)), counted

    return await branch.database.read(look)


async def test_a_head_sees_what_the_members_see_and_nothing_of_others(branch: Stand) -> None:
    await branch.wait("转账转不出来", "C1")
    await branch.wait("别人的", "C2")
    assert await seen(branch, await person(branch, ADVISER)) == ([], 0, 0, 0)
    await team_of(branch, ADVISER, RM)
    assert await seen(branch, await person(branch, ADVISER)) == (["C1"], 1, 1, 1)
    assert await seen(branch, await person(branch, RM)) == (["C1"], 1, 1, 1)
    await team_of(branch, RM, ADVISER)  # the former head is a member now, and sees no more of the manager's
    assert await seen(branch, await person(branch, ADVISER)) == ([], 0, 0, 0)
    assert (await seen(branch, await person(branch, HEAD)))[0] == ["C1", "C2"]


async def test_who_goes_leaves_the_team_and_its_head(branch: Stand) -> None:
    await team_of(branch, ADVISER, ADVISER, RM)
    admin, now = await person(branch, ADMIN), branch.clock.now()
    listed = await branch.database.read(lambda unit: teams.listed(unit, admin))
    assert [(one.name, one.head, one.members) for one in listed] == [("一组", ADVISER, (RM, ADVISER))]
    await branch.database.write(lambda unit: personnel.deactivate(unit, admin, ADVISER, "", now))
    (left,) = await branch.database.read(lambda unit: teams.listed(unit, admin))
    assert left == Team(left.id, "一组", None, (RM,))
    await branch.database.write(lambda unit: teams.dissolve(unit, admin, "一组", now))
    assert await branch.database.read(lambda unit: teams.listed(unit, admin)) == []
    deeds = select(AuditRow.action).where(AuditRow.action.like("team.%")).order_by(AuditRow.id)
    found = await branch.database.read(lambda unit: list(unit.session.scalars(deeds)))
    assert found == ["team.put", "team.join", "team.join", "team.dissolve"]


async def test_only_administrators_make_teams_and_only_of_those_who_fit(counter: Stand) -> None:
    await team_of(counter, ADVISER)
    admin, now = await person(counter, ADMIN), counter.clock.now()
    wrong = {
        "team_head_unfit": lambda unit: teams.put(unit, admin, "二组", ADMIN, now),
        "staff_unknown": lambda unit: teams.put(unit, admin, "二组", "s99", now),
        "team_name": lambda unit: teams.put(unit, admin, "组" * 41, ADVISER, now),
        "team_unknown": lambda unit: teams.join(unit, admin, RM, "二组", now),
    }
    for key, deed in wrong.items():
        with pytest.raises(Refused, match=key):
            await counter.database.write(deed)
    for number in (HEAD, COMPLIANCE, SERVICE, RM):
        by = await person(counter, number)
        for deed in (
            lambda unit, by=by: teams.put(unit, by, "一组", RM, now),
            lambda unit, by=by: teams.join(unit, by, RM, "一组", now),
            lambda unit, by=by: teams.dissolve(unit, by, "一组", now),
        ):
            with pytest.raises(NotPermitted):
                await counter.database.write(deed)
