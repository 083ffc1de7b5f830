"""What would come of a publication is thought about once, and anew where something moved."""

from dataclasses import replace

import pytest

from bot.errors import Conflict
from services.knowledge.publishing import Wanted
from storage.repositories import staff as staff_rows
from storage.repositories.editions import Edition, Seen
from storage.repositories.staff import Staff
from tests.console.bench import newest, stock
from tests.console.stand import HEAD, SERVICE, Stand
from tests.services.knowledge.bureau import FEES


async def person(branch: Stand, number: str) -> Staff:
    found = await branch.database.read(lambda unit: staff_rows.by_id(unit, branch.staff[number]))
    assert found is not None
    return found


async def drafted(branch: Stand) -> Edition:
    await stock(branch)
    writer = await person(branch, SERVICE)
    await branch.database.write(lambda unit: branch.console.editions.begin(unit, writer, "fees", FEES))
    return await newest(branch, "fees")


async def test_the_same_wish_is_thought_about_once(branch: Stand) -> None:
    draft, head, prospects = await drafted(branch), await person(branch, HEAD), branch.console.prospects
    wanted = Wanted((Seen(draft.id, draft.revision),))
    first = await prospects.of(head, wanted)
    assert await prospects.of(head, wanted) is first
    prospects.forget()
    assert await prospects.of(head, wanted) is not first


async def test_what_was_changed_meanwhile_has_no_prospect(branch: Stand) -> None:
    draft, head, prospects = await drafted(branch), await person(branch, HEAD), branch.console.prospects
    seen, writer = Seen(draft.id, draft.revision), await person(branch, SERVICE)
    await prospects.of(head, Wanted((seen,)))
    changed = replace(FEES, answer="另一个答案。")
    await branch.database.write(lambda unit: branch.console.editions.edit(unit, writer, seen, changed))
    with pytest.raises(Conflict):
        await prospects.of(head, Wanted((seen,)))
    after = await newest(branch, "fees")
    assert (await prospects.of(head, Wanted((Seen(after.id, after.revision),)))).proposal.editions[0].content == changed
