"""A field in clear: masked by default, shown for a reason, one at a time, and never without an entry."""

import re
from itertools import product

import pytest
from sqlalchemy import update

from bot.vocabulary import PERMISSIONS, REVEALED, Action, PersonalField, Reach, Role
from services import demo
from storage.models import ClientRow
from tests import audited
from tests.console.conftest import SignIn, words
from tests.console.stand import EMAIL, FUND_ACCOUNT, HEAD, NAME, PHONE, RM, SERVICE, Stand
from tests.console.test_clients import IDENTITY, address

CLEAR = {
    PersonalField.NAME: NAME,
    PersonalField.PHONE: PHONE,
    PersonalField.IDENTITY: IDENTITY,
    PersonalField.EMAIL: EMAIL,
    PersonalField.FUND_ACCOUNT: FUND_ACCOUNT,
}
PEOPLE = {person.role: person.number for person in demo.staff()}


@pytest.fixture
def desk_url(database_url: str) -> str:
    return database_url


async def entries(branch: Stand) -> list[tuple[int | None, dict[str, str], str | None]]:
    found = await audited.deeds(branch.database, "client.reveal")
    return [(branch.staff.get(deed.number or ""), dict(deed.detail), deed.reason) for deed in found]


@pytest.mark.parametrize("field", list(PersonalField))
async def test_one_field_is_shown_and_kept_in_the_trail(branch: Stand, sign_in: SignIn, field: PersonalField) -> None:
    person, path = await sign_in(SERVICE), await address(branch)
    masked = await person.get(path)
    assert [clear for clear in CLEAR.values() if clear in masked.text] == []
    shown = await person.post(f"{path}/reveal", field=field, purpose="contact")
    assert [name for name, clear in CLEAR.items() if clear in shown.text] == [field]
    assert shown.headers["refresh"] == f"60; url={path}"
    assert await entries(branch) == [(branch.staff[SERVICE], {"field": field, "purpose": "contact"}, None)]
    repeat = await person.post(f"{path}/reveal", field=field, purpose="contact")
    assert (repeat.status_code, len(await entries(branch))) == (303, 1)


async def test_another_purpose_is_told_in_words(branch: Stand, sign_in: SignIn) -> None:
    person, path = await sign_in(HEAD), await address(branch)
    refused = await person.post(f"{path}/reveal", field="phone", purpose="other", text="看看")
    assert (refused.status_code, PHONE in refused.text, "至少 4 个字" in words(refused)) == (422, False, True)
    assert await entries(branch) == []
    shown = await person.post(f"{path}/reveal", key="k2", field="phone", purpose="other", text="补办银行卡")
    assert (PHONE in shown.text, (await entries(branch))[0][2]) == (True, "补办银行卡")


@pytest.mark.parametrize("sent", [{}, {"field": "phone"}, {"field": "assets", "purpose": "contact"}])
async def test_nothing_is_shown_without_field_and_purpose(branch: Stand, sign_in: SignIn, sent: dict[str, str]) -> None:
    person, path = await sign_in(HEAD), await address(branch)
    assert (await person.post(f"{path}/reveal", **sent)).status_code == 422
    assert await entries(branch) == []


async def test_who_sees_what_in_clear(branch: Stand, sign_in: SignIn) -> None:
    paths, shown = {number: await address(branch, number) for number in ("C1", "C2")}, 0
    for role, number in product(Role, paths):
        person, far = await sign_in(PEOPLE[role]), PERMISSIONS[Action.REVEAL][role]
        answer = await person.post(f"{paths[number]}/reveal", key=f"k{number}", field="name", purpose="contact")
        own = role is Role.RM and number == "C1"
        allowed = far is Reach.ALL or (far is Reach.OWN and own)
        assert answer.status_code == (200 if allowed else 403 if far is Reach.NONE else 404), (role, number)
        shown += allowed
    assert len(await entries(branch)) == shown


async def test_a_manager_has_no_way_to_anothers_client(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(RM)
    path = await address(branch, "C2")
    assert (await person.get(path)).status_code == 404
    assert (await person.post(f"{path}/reveal", field="phone", purpose="contact")).status_code == 404


async def test_each_role_sees_its_own_fields_in_clear(branch: Stand, sign_in: SignIn) -> None:
    path, visitor = await address(branch), branch.staff[PEOPLE[Role.VISITOR]]
    for role in (Role.RM, Role.VISITOR):
        person = await sign_in(PEOPLE[role])
        mine = update(ClientRow).where(ClientRow.number == "C1").values(manager_id=branch.staff[PEOPLE[role]])
        await branch.database.write(lambda unit, mine=mine: unit.session.execute(mine) and None)  # type: ignore[misc]
        offered = set(re.findall('name="field" value="([a-z_]+)"', (await person.get(path)).text))
        assert offered == {field for field in PersonalField if role in REVEALED[field]}
        for field in PersonalField:
            answer = await person.post(f"{path}/reveal", key=f"{role}{field}", field=field, purpose="contact")
            assert (answer.status_code == 200) is (role in REVEALED[field]), (role, field)
    seen = [detail["field"] for staff_id, detail, _ in await entries(branch) if staff_id == visitor]
    assert seen == ["name", "phone"]
