"""The second step of signing in: owed by those who may send, export or manage staff."""

import html
import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from bot.clock import MovableClock
from bot.vocabulary import Role
from services import demo, second_factor, totp
from storage.models import AuditRow, SecondFactorRow, StaffRow
from storage.repositories import staff as staff_rows
from storage.unit import Unit
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import ADMIN, PASSWORD, SERVICE, VISITOR, Stand
from tests.console.test_login import enter

PAGE = "/console/second"
PEOPLE = {person.role: person.number for person in demo.staff()}


@pytest.fixture
def desk_url(database_url: str) -> str:
    return database_url


@pytest.fixture
async def real(branch: Stand) -> Stand:
    """The branch with staff who are no part of a demo."""
    await branch.database.write(lambda unit: unit.session.execute(update(StaffRow).values(fictional=False)) and None)
    return branch


async def arrive(http: httpx.AsyncClient, number: str = SERVICE) -> Person:
    """Somebody who has given their password."""
    http.cookies.clear()
    assert (await enter(http, number, PASSWORD)).status_code == 303
    person = Person(http)
    form = (await http.get(PAGE)).text
    found = re.search(r'name="csrf" value="([^"]+)"', form)
    assert found is not None
    person.csrf = html.unescape(found[1])
    return person


def code(branch: Stand, secret: str) -> str:
    return totp.code_at(secret, totp.step_of(branch.clock.now()))


async def enrolled(branch: Stand, http: httpx.AsyncClient) -> tuple[Person, str, list[str]]:
    """Somebody who has set it up: with their secret and recovery codes."""
    person = await arrive(http)
    page = (await http.get(PAGE)).text
    secret = "".join(re.findall(r"[A-Z2-7]{4}", re.findall(r'<code translate="no">([^<]+)<', page)[0]))
    shown = await person.post(PAGE, code=code(branch, secret))
    assert shown.status_code == 200
    return person, secret, re.findall(r"<code>([A-Z2-9]{5}-[A-Z2-9]{5})</code>", shown.text)


def later(branch: Stand, steps: int = 1) -> None:
    assert isinstance(branch.clock, MovableClock)
    branch.clock.move(timedelta(seconds=totp.STEP_SECONDS * steps))


async def test_who_owes_it_reaches_no_page_before(real: Stand, http: httpx.AsyncClient) -> None:
    for role in Role:
        http.cookies.clear()
        await enter(http, PEOPLE[role], PASSWORD)
        owed = role is not Role.VISITOR
        for path in ("/console", "/console/password", "/console/token", *(["/console/live"] if owed else [])):
            answer = await http.get(path)
            assert (answer.headers.get("location") == PAGE) is owed, (role, path)


async def test_setting_it_up_gives_ten_recovery_codes_once(real: Stand, http: httpx.AsyncClient) -> None:
    person, secret, recovery = await enrolled(real, http)
    assert len(set(recovery)) == 10
    assert (await person.get("/console/conversations")).status_code == 200
    again = await person.get(PAGE)
    assert secret not in again.text.replace(" ", "")
    assert not [one for one in recovery if one in again.text]
    kept = await real.database.read(lambda unit: unit.session.scalars(select(SecondFactorRow.secret_sealed)).one())
    assert secret.encode() not in kept
    deeds = await real.database.read(lambda unit: list(unit.session.scalars(select(AuditRow.action))))
    assert deeds == ["staff.sign_in", "staff.second_enrol"]


async def test_the_picture_holds_what_an_authenticator_reads(real: Stand, http: httpx.AsyncClient) -> None:
    await arrive(http)
    page = (await http.get(PAGE)).text
    assert 'src="data:image/svg+xml' in page
    assert (await http.get(PAGE)).text.count("data:image/svg+xml") == 1


async def test_each_sign_in_asks_for_a_code_that_was_not_used(real: Stand, http: httpx.AsyncClient) -> None:
    _, secret, _ = await enrolled(real, http)
    person = await arrive(http)
    used = await person.post(PAGE, code=code(real, secret))
    assert (used.status_code, "不正确或已用过" in words(used)) == (422, True)
    later(real)
    assert (await person.post(PAGE, code=code(real, secret))).headers["location"] == "/console/conversations"
    assert (await person.get("/console/conversations")).status_code == 200


async def test_a_recovery_code_is_good_for_one_sign_in(real: Stand, http: httpx.AsyncClient) -> None:
    _, _, recovery = await enrolled(real, http)
    person = await arrive(http)
    assert (await person.post(PAGE, code=recovery[3].lower())).status_code == 303
    person = await arrive(http)
    assert (await person.post(PAGE, code=recovery[3])).status_code == 422
    assert (await person.post(PAGE, code=recovery[4])).status_code == 303
    left = select(AuditRow.detail).where(AuditRow.action == "staff.recovery").order_by(AuditRow.id)
    found = await real.database.read(lambda unit: list(unit.session.scalars(left)))
    assert found == [{"left": 9}, {"left": 8}]


async def test_a_right_password_gives_no_new_tries_at_the_code(real: Stand, http: httpx.AsyncClient) -> None:
    _, secret, _ = await enrolled(real, http)
    later(real)
    for number in range(5):
        person = await arrive(http)
        assert f"还可尝试 {4 - number} 次" in words(await person.post(PAGE, code="000000"))
    person = await arrive(http)
    assert "已锁定至" in words(await person.post(PAGE, code=code(real, secret)))
    later(real, 30)
    person = await arrive(http)
    assert (await person.post(PAGE, code=code(real, secret))).status_code == 303


async def test_an_administrator_resets_a_lost_telephone(real: Stand, http: httpx.AsyncClient) -> None:
    person, _, _ = await enrolled(real, http)

    def reset(unit: Unit) -> None:
        admin = staff_rows.by_number(unit, ADMIN)
        assert admin is not None
        second_factor.reset(unit, admin, SERVICE, real.clock.now())

    await real.database.write(reset)
    assert (await person.get("/console")).headers["location"].startswith("/console/login")
    await arrive(http)
    assert "扫描二维码" in words(await http.get(PAGE))


async def test_a_demo_and_a_visitor_owe_none(branch: Stand, sign_in: SignIn) -> None:
    for number in (SERVICE, VISITOR):
        assert (await (await sign_in(number)).get("/console")).status_code == 200
