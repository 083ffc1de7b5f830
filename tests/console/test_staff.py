"""The pages of staff: adding, roles, handing over, letting go."""

import re

import httpx
import pytest
from sqlalchemy import select

from bot.vocabulary import Role
from storage.models import ClientRow
from storage.repositories import staff as rows
from storage.repositories.staff import Staff
from tests.console.conftest import SignIn, words
from tests.console.stand import ADMIN, ADVISER, COMPLIANCE, HEAD, RM, SERVICE, Stand
from tests.console.test_login import enter

LIST = "/console/staff"


@pytest.fixture
def desk_url(database_url: str) -> str:
    return database_url


async def known(branch: Stand, number: str) -> Staff | None:
    return await branch.database.read(lambda unit: rows.by_number(unit, number))


async def test_somebody_new_gets_a_password_that_is_shown_once(
    branch: Stand, sign_in: SignIn, http: httpx.AsyncClient
) -> None:
    admin = await sign_in(ADMIN)
    made = await admin.post(LIST, number="s50", name="新来", role="rm")
    found = re.search(r'translate="no"><code>([^<]+)<', made.text)
    assert found is not None
    person = await known(branch, "s50")
    assert person is not None
    assert (person.roles, person.must_change) == (frozenset({Role.RM}), True)
    assert (await enter(http, "s50", found[1])).status_code == 303
    assert (await admin.post(LIST, number="s50", name="新来", role="rm")).status_code == 303
    taken = await admin.post(LIST, key="k2", number="s50", name="又来", role="rm")
    assert (taken.status_code, "已有人使用" in words(taken)) == (422, True)


async def test_roles_hold_from_the_next_click(branch: Stand, sign_in: SignIn) -> None:
    admin, person = await sign_in(ADMIN), await sign_in(SERVICE)
    assert (await person.get("/console/audit")).status_code == 403
    changed = await admin.post(f"{LIST}/{SERVICE}/roles", role="compliance", seen="service")
    assert changed.headers["location"] == f"{LIST}/{SERVICE}"
    assert (await person.get("/console/audit")).status_code == 200
    none = await admin.post(f"{LIST}/{SERVICE}/roles", key="k2", seen="compliance")
    assert (none.status_code, "至少给一个角色" in words(none)) == (422, True)
    late = await admin.post(f"{LIST}/{SERVICE}/roles", key="k3", seen="service", role="rm")
    assert (late.status_code, "刚被他人更新" in words(late)) == (422, True)
    assert (await person.get("/console/audit")).status_code == 200
    assert 'name="seen" value="compliance"' in late.text


async def test_who_goes_is_signed_out_and_a_colleague_has_the_clients(branch: Stand, sign_in: SignIn) -> None:
    admin, gone = await sign_in(ADMIN), await sign_in(RM)
    refused = await admin.post(f"{LIST}/{RM}/deactivate", to="")
    assert (refused.status_code, "请选择接手的同事" in words(refused)) == (422, True)
    assert (await gone.get("/console")).status_code == 200
    await admin.post(f"{LIST}/{RM}/deactivate", key="k2", to=SERVICE)
    assert (await gone.get("/console")).headers["location"].startswith("/console/login")
    wanted = select(ClientRow.manager_id).where(ClientRow.number == "C1")
    assert await branch.database.read(lambda unit: unit.session.scalars(wanted).one()) == branch.staff[SERVICE]
    page = await admin.get(f"{LIST}/{RM}")
    assert "已停用" in words(page)
    assert f'action="{LIST}/{RM}/' not in page.text


async def test_others_read_and_decide_nothing(branch: Stand, sign_in: SignIn) -> None:
    for number in (HEAD, COMPLIANCE):
        person = await sign_in(number)
        page = await person.get(f"{LIST}/{RM}")
        assert (page.status_code, re.search(rf'action="{LIST}/{RM}/(?!absences)', page.text)) == (200, None)
        assert (f'action="{LIST}/{RM}/absences' in page.text) is (number == HEAD)
        for deed in ("roles", "handover", "deactivate", "reset"):
            assert (await person.post(f"{LIST}/{RM}/{deed}", to=SERVICE)).status_code == 403
    assert (await (await sign_in(RM)).get(f"{LIST}/{RM}")).status_code == 403


async def test_an_administrator_keeps_their_own(branch: Stand, sign_in: SignIn) -> None:
    admin = await sign_in(ADMIN)
    assert re.search(rf'action="{LIST}/{ADMIN}/(?!absences)', (await admin.get(f"{LIST}/{ADMIN}")).text) is None
    refused = await admin.post(f"{LIST}/{ADMIN}/deactivate", to=HEAD)
    assert (refused.status_code, "不能对自己" in words(refused)) == (422, True)
    assert (await admin.get(f"{LIST}/s99")).status_code == 404


async def test_an_absence_and_a_wecom_account_are_noted_and_taken_back(branch: Stand, sign_in: SignIn) -> None:
    admin, head, page = await sign_in(ADMIN), await sign_in(HEAD), f"{LIST}/{RM}"
    wrong = await head.post(f"{page}/absences", first="2026-12-05", last="2026-12-01")
    assert (wrong.status_code, "日期不对" in words(wrong)) == (422, True)
    assert (await head.post(f"{page}/absences", key="k2", first="soon", last="2026-12-01")).status_code == 422
    assert (await head.post(f"{page}/absences", key="k3", first="2026-12-01", last="2026-12-05")).status_code == 303
    shown = await head.get(page)
    assert "2026-12-01 – 2026-12-05" in words(shown)
    assert f"{page}/wecom" not in shown.text
    found = re.search(rf"{page}/absences/(\d+)/remove", shown.text)
    assert found is not None
    await head.post(found[0], key="k4")
    assert "没有登记的缺勤" in words(await head.get(page))
    await admin.post(f"{page}/wecom", key="k5", member="LiQingYang")
    person = await known(branch, RM)
    assert person is not None
    assert person.wecom_member == "LiQingYang"


async def test_a_form_that_showed_another_state_changes_no_wecom_account_and_no_team(
    branch: Stand, sign_in: SignIn
) -> None:
    admin, page = await sign_in(ADMIN), f"{LIST}/{RM}"
    await admin.post("/console/teams", key="k0", team="一组", head=ADVISER)
    await admin.post(f"{page}/team", key="k1", team="一组", seen="")
    await admin.post(f"{page}/wecom", key="k2", member="LiQingYang", seen="")
    late = [
        await admin.post("/console/teams", key="k3", team="一组", head=HEAD),
        await admin.post("/console/teams", key="k4", team="一组", head=HEAD, seen=f"一组={HEAD}"),
        await admin.post(f"{page}/team", key="k5", team="", seen=""),
        await admin.post(f"{page}/wecom", key="k6", member="Another", seen=""),
    ]
    assert [(each.status_code, "刚被他人" in words(each)) for each in late] == [(422, True)] * 4
    shown = await admin.get(page)
    assert ('value="LiQingYang"' in shown.text, "<option selected>一组" in shown.text) == (True, True)
    seen = await admin.post("/console/teams", key="k7", team="一组", head=HEAD, seen=f"一组={ADVISER}")
    assert seen.status_code == 303
