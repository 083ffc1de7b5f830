"""How much pages read: nothing that grows with what the branch has had, or with the rows that are shown."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from storage.repositories import client_lists, conversation_lists
from storage.repositories.conversation_lists import View
from storage.unit import Unit
from tests.console.conftest import SignIn
from tests.console.stand import HEAD, Stand


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def listen(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


@pytest.mark.parametrize(("page", "chats", "tickets"), [("/console/more", 1, 2), ("/console", 1 + 2, 2 + 4)])
async def test_what_is_over_is_not_counted(branch: Stand, sign_in: SignIn, page: str, chats: int, tickets: int) -> None:
    head = await sign_in(HEAD)
    with statements() as asked:
        assert (await head.get(page)).status_code == 200
    counted = [one for one in asked if "count(*)" in one]
    assert sum("FROM conversations" in one for one in counted) == chats
    assert sum("FROM tickets" in one for one in counted) == tickets


async def test_a_list_of_clients_asks_once_for_what_hangs_on_them(branch: Stand) -> None:
    with statements() as asked:
        found = await branch.database.read(lambda unit: client_lists.page(unit, client_lists.Wanted()))
    assert len(found) == 2
    assert sum("FROM chat_accounts" in one for one in asked) == sum("FROM client_tags" in one for one in asked) == 1


async def test_the_queue_is_found_without_reading_every_conversation(branch: Stand) -> None:
    wanted = conversation_lists.Wanted(View.WAITING, branch.staff[HEAD], None, branch.clock.now(), every_turn=True)
    with statements() as asked:
        await branch.database.read(lambda unit: conversation_lists.counts(unit, wanted, [View.WAITING]))
    explained = f"EXPLAIN QUERY PLAN {asked[-1]}"

    def plan(unit: Unit) -> str:
        given = ("waiting",) * explained.count("?")
        return " ".join(str(row[3]) for row in unit.connection.exec_driver_sql(explained, given))

    assert "ix_conversations_owner" in await branch.database.read(plan)
