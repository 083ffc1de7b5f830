"""Each role and each page: what is open, what is closed, and what the pages never show."""

import httpx
import pytest

from tests.console.conftest import SignIn, words
from tests.console.stand import (
    ADMIN,
    ADVISER,
    COMPLIANCE,
    HEAD,
    NAME,
    PHONE,
    RM,
    SERVICE,
    VISITOR,
    Stand,
)

EVERYBODY = {HEAD, COMPLIANCE, RM, ADVISER, SERVICE, VISITOR, ADMIN}
READERS = {HEAD, COMPLIANCE, RM, ADVISER, SERVICE}
PAGES = {
    "/console": EVERYBODY,
    "/console/more": EVERYBODY,
    "/console/conversations": READERS,
    "/console/tickets": READERS,
    "/console/doubts": READERS,
    "/console/clients": READERS | {VISITOR},
    "/console/requests": {HEAD, COMPLIANCE},
    "/console/segments": READERS,
    "/console/broadcasts": EVERYBODY - {VISITOR},
    "/console/care": READERS,
    "/console/knowledge": READERS,
    "/console/knowledge/misses": READERS - {RM},
    "/console/reports/knowledge": READERS - {RM},
    "/console/audit": {HEAD, COMPLIANCE, ADMIN},
    "/console/staff": {HEAD, COMPLIANCE, ADMIN},
    "/console/channels": {HEAD, COMPLIANCE, ADMIN},
}


@pytest.mark.parametrize("number", sorted(EVERYBODY))
async def test_a_role_opens_its_pages_and_no_others(branch: Stand, sign_in: SignIn, number: str) -> None:
    person = await sign_in(number)
    home = (await person.get("/console")).text
    for path, allowed in PAGES.items():
        answer = await person.get(path)
        assert answer.status_code == (200 if number in allowed else 403), path
        assert (f'href="{path}"' in home) is (number in allowed), path


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_every_page_stands_in_both_languages(branch: Stand, sign_in: SignIn, language: str) -> None:
    person = await sign_in(HEAD)
    person.http.cookies.set("quanfu_locale", language)
    number, ticket = await branch.wait("转账转不出来"), await branch.complaint("被推荐了不合适的产品")
    for path in [*PAGES, f"/console/conversations/{number}", f"/console/tickets/{ticket}", "/console/password"]:
        page = await person.get(path)
        assert page.status_code == 200, path
        assert f'<html lang="{"zh-CN" if language == "zh_CN" else "en"}"' in page.text


async def test_nothing_opens_without_a_sign_in(branch: Stand, http: httpx.AsyncClient) -> None:
    for path in PAGES:
        assert (await http.get(path)).headers["location"].startswith("/console/login"), path


async def test_no_page_holds_a_clear_name_or_phone(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(HEAD)
    number, ticket = await branch.wait("请帮我看看"), await branch.complaint("产品不合适")
    for path in ["/console", "/console/clients", f"/console/conversations/{number}", f"/console/tickets/{ticket}"]:
        page = (await person.get(path)).text
        assert NAME not in page, path
        assert PHONE not in page, path
        assert "王**" in page, path


async def test_a_relationship_manager_sees_only_their_own(branch: Stand, sign_in: SignIn) -> None:
    own, other = await branch.wait("我的转账", "C1"), await branch.wait("别人的转账", "C2")
    ticket = await branch.complaint("别人的投诉", client="C2")
    manager = await sign_in(RM)
    listed = words(await manager.get("/console/conversations"))
    assert "王**" in listed
    assert "欧阳**" not in listed
    assert (await manager.get(f"/console/conversations/{own}")).status_code == 200
    assert (await manager.get(f"/console/conversations/{other}")).status_code == 404
    assert (await manager.get(f"/console/tickets/{ticket}")).status_code == 404
    assert "欧阳**" not in words(await manager.get("/console/clients"))


@pytest.mark.parametrize("search", ["10000000102", "欧阳泽宇", "欧阳", "c2"])
async def test_clients_are_found_by_exact_look_ups(branch: Stand, sign_in: SignIn, search: str) -> None:
    person = await sign_in(SERVICE)
    found = words(await person.post("/console/clients", q=search))
    assert "欧阳**" in found
    assert "王**" not in found


async def test_a_form_needs_the_token_and_our_own_origin(branch: Stand, sign_in: SignIn) -> None:
    number = await branch.wait("转账")
    person = await sign_in(SERVICE)
    path = f"/console/conversations/{number}/take"
    assert (await person.http.post(path, data={"key": "k"})).status_code == 403
    foreign = {"origin": "https://evil.example", "x-csrf": person.csrf}
    assert (await person.http.post(path, data={"key": "k"}, headers=foreign)).status_code == 403
    ours = {"origin": "http://desk", "x-csrf": person.csrf}
    assert (await person.http.post(path, data={"key": "k"}, headers=ours)).status_code == 303


async def test_answers_forbid_foreign_sources_and_keeping(branch: Stand, http: httpx.AsyncClient) -> None:
    answer = await http.get("/console/login")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    style = await http.get(branch.console.assets.addresses["console.css"])
    assert "immutable" in style.headers["cache-control"]


async def test_what_is_not_there_says_so(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(SERVICE)
    for path in ("/console/nowhere", "/console/conversations/99", "/console/tickets/TS1", "/console/static/x"):
        answer = await person.get(path)
        assert answer.status_code == 404, path
        assert "没有找到" in words(answer)
