"""The table of permissions, held against every address of the console, both ways."""

import re

import pytest
from sqlalchemy import select

from bot.vocabulary import PERMISSIONS, Action, Reach, Role
from console.site import GUARDED
from services import demo
from storage.models import ClientRow
from tests.console.conftest import SignIn
from tests.console.stand import ADMIN, ADVISER, HEAD, RM, Stand
from tests.house.sources import python_files

PEOPLE = {person.role: person.number for person in demo.staff()}
CHECKED = [(method, path, action) for method, path, _, action in GUARDED if action is not None]
OTHERS = "欧阳**"
MORE = {"field": "phone", "purpose": "contact", "delivery": "1", "client": "C2", "tail": "0012"}
MORE |= {"before": "normal", "state": "frozen", "duty": "manager", "kind": "household", "number": "C1"}
"""What forms on a client, a conversation or a ticket ask for besides their text."""


def plain(path: str) -> str:
    """An address with something that is not there in each of its places."""
    return "/console" + re.sub(r"\{[^}]+\}", "7777", path)


@pytest.mark.parametrize("role", list(Role))
async def test_an_address_is_closed_just_to_those_whom_the_table_shuts_out(
    branch: Stand, sign_in: SignIn, role: Role
) -> None:
    person = await sign_in(PEOPLE[role])
    for method, path, action in CHECKED:
        shut = PERMISSIONS[action][role] is Reach.NONE
        if method == "GET":
            assert ((await person.get(plain(path))).status_code == 403) is shut, path
        elif shut:
            assert (await person.post(plain(path))).status_code == 403, path


async def public_id(branch: Stand, number: str) -> str:
    """What addresses call a client."""
    wanted = select(ClientRow.public_id).where(ClientRow.number == number)
    return await branch.database.read(lambda unit: unit.session.scalars(wanted).one())


async def anothers(branch: Stand) -> dict[str, str]:
    """A conversation, a ticket and the page of a client who is not the manager's."""
    number, ticket = await branch.wait("别人的转账", "C2"), await branch.complaint("别人的投诉", client="C2")
    client = await public_id(branch, "C2")
    return {"/conversations/{number:id}": str(number), "/tickets/{number}": ticket, "/clients/{public_id}": client}


async def test_every_address_of_anothers_client_is_nowhere_for_a_manager(branch: Stand, sign_in: SignIn) -> None:
    manager, head, things = await sign_in(RM), await sign_in(HEAD), await anothers(branch)
    own = await public_id(branch, "C1")
    tried = 0
    for method, path, _ in CHECKED:
        start = next((start for start in things if path.startswith(start)), None)
        if start is None:
            continue
        address = "/console" + path.replace(re.findall(r"\{[^}]+\}", start)[0], things[start]).replace("{other}", own)
        sent = {"key": path[-40:], "text": "说明", "version": "1", **MORE}
        answer = await (manager.get(address) if method == "GET" else manager.post(address, **sent))
        assert answer.status_code in (403, 404), (method, path)
        if method == "GET":
            assert (await head.get(address)).status_code == 200, path
        tried += 1
    assert tried > 12


async def things_of(branch: Stand, client: str) -> list[str]:
    """Addresses of a conversation, a ticket and the page of a client."""
    number, ticket = await branch.wait("转账", client), await branch.complaint("投诉", client=client)
    return [f"/conversations/{number}", f"/tickets/{ticket}", f"/clients/{await public_id(branch, client)}"]


async def test_a_teams_head_reaches_its_members_clients_and_nobody_elses(branch: Stand, sign_in: SignIn) -> None:
    admin, head = await sign_in(ADMIN), await sign_in(ADVISER)
    members, others = await things_of(branch, "C1"), await things_of(branch, "C2")

    async def reached(things: list[str]) -> list[int]:
        return [(await head.get(f"/console{path}")).status_code for path in things]

    assert (await reached(members), await reached(others)) == ([404] * 3, [404] * 3)
    await admin.post("/console/teams", key="k2", team="一组", head=ADVISER)
    await admin.post(f"/console/staff/{RM}/team", key="k3", team="一组")
    assert (await reached(members), await reached(others)) == ([200] * 3, [404] * 3)
    assert "王**" in (await head.get("/console/clients")).text
    await admin.post("/console/teams/dissolve", key="k4", team="一组")
    assert await reached(members) == [404] * 3


async def test_an_adviser_reaches_whom_they_advise_and_nobody_elses(branch: Stand, sign_in: SignIn) -> None:
    adviser, head = await sign_in(ADVISER), await sign_in(HEAD)
    advised, others = await things_of(branch, "C2"), await things_of(branch, "C1")
    done = {"duty": "adviser", "before": "", "staff": ADVISER}
    assert (await head.post(f"/console{advised[2]}/record/charge", key="k2", **done)).status_code == 303
    for things, status in ((advised, 200), (others, 404)):
        assert [(await adviser.get(f"/console{path}")).status_code for path in things] == [status] * 3
    listed = (await adviser.get("/console/clients")).text
    assert (OTHERS in listed, "王**" in listed) == (True, False)
    assert (await adviser.post(f"/console{advised[2]}/note", key="k3", text="说过风险")).status_code == 303
    assert (await adviser.post(f"/console{others[2]}/note", key="k4", text="说过风险")).status_code == 404


async def test_no_list_shows_a_manager_anothers_client(branch: Stand, sign_in: SignIn) -> None:
    manager, head = await sign_in(RM), await sign_in(HEAD)
    await anothers(branch)
    pages = ["/console/", *(plain(path) for method, path, _ in CHECKED if method == "GET" and "{" not in path)]
    shown = {path: OTHERS in (await head.get(path)).text for path in pages}
    assert {path for path, there in shown.items() if there} >= {"/console/", "/console/clients", "/console/tickets"}
    assert [path for path in pages if OTHERS in (await manager.get(path)).text] == []
    for word in ("C2", "欧阳泽宇", "10000000102"):
        assert OTHERS not in (await manager.post("/console/clients", q=word)).text


def test_every_action_of_the_table_is_asked_for_somewhere() -> None:
    asked = {
        name
        for source in python_files("services", "console", "handlers", "bot")
        if source.path != "bot/vocabulary/staff.py"
        for name in re.findall(r"\bAction\.([A-Z_]+)", "\n".join(source.lines))
    }
    assert {action.name for action in Action} - asked == set()
