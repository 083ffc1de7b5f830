"""Signing in: who gets in, who is locked out, and what a browser keeps."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from bot.clock import MovableClock
from storage.models import StaffRow
from tests.console.conftest import SignIn, words
from tests.console.stand import ADMIN, COMPLIANCE, HEAD, PASSWORD, RM, SERVICE, Stand

_CHANGE = update(StaffRow).values(must_change=True)


async def enter(http: httpx.AsyncClient, number: str, password: str, path: str = "/console/login") -> httpx.Response:
    return await http.post(path, data={"number": number, "password": password})


async def test_number_and_password_open_the_person_s_first_page(branch: Stand, http: httpx.AsyncClient) -> None:
    answer = await enter(http, SERVICE, PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/conversations")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_a_page_asked_for_comes_after_the_sign_in(branch: Stand, http: httpx.AsyncClient) -> None:
    asked = await http.get("/console/tickets?view=all")
    assert asked.headers["location"] == "/console/login?next=/console/tickets%3Fview%3Dall"
    answer = await enter(http, SERVICE, PASSWORD, asked.headers["location"])
    assert answer.headers["location"] == "/console/tickets?view=all"


@pytest.mark.parametrize("target", ["https://evil.example/console", "//evil.example", "/other", "/console/../etc"])
async def test_no_sign_in_leads_to_another_site(branch: Stand, http: httpx.AsyncClient, target: str) -> None:
    answer = await http.post("/console/login", params={"next": target}, data={"number": RM, "password": PASSWORD})
    assert answer.headers["location"] == "/console"


async def test_the_refusal_is_the_same_for_an_unknown_number(branch: Stand, http: httpx.AsyncClient) -> None:
    unknown, wrong = await enter(http, "s99", "x"), await enter(http, SERVICE, "x")
    assert unknown.status_code == wrong.status_code == 422
    assert "工号或密码不正确（还可尝试 4 次）" in words(unknown)
    assert "工号或密码不正确（还可尝试 4 次）" in words(wrong)


async def test_no_number_of_tries_tells_a_known_number_from_an_unknown(branch: Stand, http: httpx.AsyncClient) -> None:
    known, unknown = [[words(await enter(http, number, "x")) for _ in range(7)] for number in (SERVICE, "s99")]
    assert known == unknown
    assert "已锁定至 10:15" in unknown[-1]


async def test_five_failures_lock_and_time_unlocks(branch: Stand, http: httpx.AsyncClient) -> None:
    for _ in range(5):
        await enter(http, SERVICE, "wrong")
    locked = await enter(http, SERVICE, PASSWORD)
    assert "已锁定至 10:15" in words(locked)
    assert isinstance(branch.clock, MovableClock)
    branch.clock.move(timedelta(minutes=16))
    assert (await enter(http, SERVICE, PASSWORD)).status_code == 303


async def test_demo_persons_need_a_demo_branch(branch: Stand, http: httpx.AsyncClient) -> None:
    object.__setattr__(branch.console, "demo", False)
    answer = await http.post("/console/login/demo", data={"number": SERVICE})
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("number", "first"),
    [(HEAD, "/console"), (COMPLIANCE, "/console/tickets"), (RM, "/console"), (ADMIN, "/console/channels")],
)
async def test_each_demo_person_lands_on_the_first_page_of_the_role(
    branch: Stand, http: httpx.AsyncClient, number: str, first: str
) -> None:
    answer = await http.post("/console/login/demo", data={"number": number})
    assert answer.headers["location"] == first
    assert (await http.get(first)).status_code == 200


async def test_idle_for_half_an_hour_ends_the_sign_in(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(SERVICE)
    assert isinstance(branch.clock, MovableClock)
    branch.clock.move(timedelta(minutes=31))
    assert (await person.get("/console/tickets")).headers["location"].startswith("/console/login")
    assert (await person.post("/console/drafts", place="p", text="t")).status_code == 401


async def test_signing_out_ends_it_at_once(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(SERVICE)
    await person.post("/console/logout")
    assert (await person.get("/console")).status_code == 303


async def test_a_password_to_be_changed_comes_first(branch: Stand, sign_in: SignIn) -> None:
    person, elsewhere = await sign_in(SERVICE), await sign_in(SERVICE)
    staff_id = branch.staff[SERVICE]
    await branch.database.write(lambda unit: unit.session.execute(_CHANGE.where(StaffRow.id == staff_id)))
    assert (await person.get("/console/tickets")).headers["location"] == "/console/password"
    short = await person.post("/console/password", old=PASSWORD, new="short", again="short")
    assert "新密码至少 8 位" in words(short)
    done = await person.post("/console/password", old=PASSWORD, new="neues-wort-2026", again="neues-wort-2026")
    assert done.headers["location"] == "/console/conversations"
    assert (await person.get("/console/tickets")).status_code == 200
    assert (await elsewhere.get("/console/tickets")).headers["location"].startswith("/console/login")
