"""The chat page as plain HTTP: forms without script, answers in the response, the stream, the bounds."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot.webchat import Limits
from bot.webchat.visitors import known, signed
from tests.bot.webchat.site import HOURS, NOTICE, SOURCE, Site, opened

ASK = "/chat/messages"
JSON = {"accept": "application/json"}


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with opened(database_url) as ready:
        yield ready


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without script, with cookies."""
    transport = httpx.ASGITransport(site.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://chat", follow_redirects=True) as ready:
        await ready.get("/")
        yield ready


async def post(client: httpx.AsyncClient, text: str, **fields: str) -> httpx.Response:
    """A message as the script posts it."""
    return await client.post(ASK, data={"text": text, "id": "a" * 24, **fields}, headers=JSON)


async def test_a_plain_form_shows_question_answer_source_and_notice(client: httpx.AsyncClient) -> None:
    page = await client.post(ASK, data={"text": "股票几点开盘", "id": "a" * 24})
    assert page.status_code == 200
    for part in ("股票几点开盘", HOURS, SOURCE, NOTICE):
        assert part in page.text
    assert 'value="useful:hours&#9;有用"' in page.text


async def test_the_script_gets_its_line_and_the_reply(client: httpx.AsyncClient) -> None:
    answer = (await post(client, "你好")).json()
    assert answer["done"] is True
    assert [("你好" in line, "收到：你好" in line) for line in answer["lines"]] == [(True, False), (True, True)]


async def test_the_same_id_is_stored_once(client: httpx.AsyncClient, site: Site) -> None:
    first, again = await post(client, "你好"), await post(client, "你好")
    assert first.json() == again.json()
    assert len(await site.stand.inbox()) == len(await site.stand.said()) == 1


async def test_a_chip_posts_its_choice_and_reads_as_it_was_shown(client: httpx.AsyncClient, site: Site) -> None:
    page = await client.post(ASK, data={"text": "银证转账", "id": "a" * 24})
    values = re.findall(r'name="choice" value="([^"]*)"', page.text)
    chosen = values[1].replace("&#9;", "\t")
    page = await client.post(ASK, data={"choice": chosen, "id": "b" * 24})
    assert site.stand.script.turns[-1].choice == "faq:limit"
    assert page.text.count("银证转账有限额吗？") == 3
    assert "交易日 8:30–16:00 可以办理银证转账。" in page.text


async def test_a_reload_keeps_the_conversation_and_others_see_nothing_of_it(
    client: httpx.AsyncClient, site: Site
) -> None:
    await post(client, "我的问题")
    assert "收到：我的问题" in (await client.get("/")).text
    client.cookies.clear()
    assert "我的问题" not in (await client.get("/")).text


async def test_each_visit_keeps_the_cookie_alive(client: httpx.AsyncClient) -> None:
    before = client.cookies["quanfu_visitor"]
    again = await client.get("/")
    assert again.cookies["quanfu_visitor"] == before
    assert "HttpOnly; Max-Age=15552000; Path=/; SameSite=lax" in again.headers["set-cookie"]


async def test_where_clients_come_by_https_the_cookie_goes_by_nothing_else(site: Site) -> None:
    for secure, address in ((False, "http://chat"), (False, "https://chat"), (True, "http://chat")):
        app = Starlette(routes=replace(site.page, secure=secure).routes())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=address) as client:
            cookies = [(await client.get(path)).headers["set-cookie"] for path in ("/", "/chat/look?lang=en")]
        assert [cookie.endswith("; Secure") for cookie in cookies] == [secure or address.startswith("https")] * 2


async def test_a_forged_cookie_makes_a_new_visitor(client: httpx.AsyncClient, site: Site) -> None:
    await post(client, "我的问题")
    client.cookies.clear()
    client.cookies.set("quanfu_visitor", signed(b"another key", "somebody"))
    page = await client.get("/")
    assert "我的问题" not in page.text
    assert known(site.stand.database.vault.derive("webchat"), page.cookies["quanfu_visitor"])


async def test_what_a_client_writes_is_text_and_not_markup(client: httpx.AsyncClient) -> None:
    await post(client, "<script>alert(1)</script>]]>\x00")
    page = await client.get("/")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


async def test_language_colours_and_size_need_no_script(client: httpx.AsyncClient) -> None:
    page = await client.get("/chat/look", params={"lang": "en", "theme": "dark", "size": "150"})
    for part in ('lang="en"', 'data-theme="dark"', 'data-size="150"', "Riverside Road", "Client service"):
        assert part in page.text
    page = await client.get("/chat/look", params={"lang": "xx", "theme": "<b>", "size": "9"})
    assert 'data-theme="dark"' in page.text


async def test_every_response_carries_the_policy(client: httpx.AsyncClient) -> None:
    for path in ("/", "/chat/privacy", "/chat/static/webchat.js", "/nowhere"):
        policy = (await client.get(path)).headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


async def test_style_and_script_stay_small(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    files = [await client.get(path) for path in re.findall(r'/chat/static/webchat\.[^"]+', page)]
    assert len(files) == 2
    assert sum(len(file.content) for file in files) <= 30_000
    assert all("immutable" in file.headers["cache-control"] for file in files)


async def test_another_sites_form_is_refused(client: httpx.AsyncClient, site: Site) -> None:
    answer = await client.post(ASK, data={"text": "x"}, headers={"origin": "http://other.example"})
    assert answer.status_code == 403
    answer = await client.post(ASK, data={"text": "x"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert await site.stand.inbox() == []


async def test_too_many_messages_a_minute_are_told_to_wait(database_url: str) -> None:
    async with opened(database_url, Limits(per_visitor=2)) as site:
        transport = httpx.ASGITransport(site.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://chat") as client:
            await client.get("/")
            codes = [(await post(client, "x", id=f"{n}" * 24)).status_code for n in range(3)]
            site.stand.clock.move(timedelta(minutes=1))
            codes.append((await post(client, "x", id="9" * 24)).status_code)
    assert codes == [200, 200, 429, 200]


async def test_processes_that_share_a_database_count_together(postgres_url: str) -> None:
    async with opened(postgres_url, Limits(per_visitor=2)) as site:
        other = Starlette(routes=replace(site.page, limits=Limits(per_visitor=2)).routes())
        first, second = (
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat") for app in (site.app, other)
        )
        async with first, second:
            await first.get("/")
            second.cookies = first.cookies
            codes = [(await post(one, "x", id=f"{n}" * 24)).status_code for n, one in enumerate([first, second] * 2)]
    assert codes == [200, 200, 429, 429]


async def test_a_person_answers_and_the_bot_is_silent(client: httpx.AsyncClient, site: Site) -> None:
    await post(client, "人工")
    await site.staff_takes_over()
    answer = (await post(client, "在吗", id="b" * 24)).json()
    assert len(answer["lines"]) == 1
    assert [text for _, text in site.stand.tickets.lines] == ["在吗"]


async def test_there_is_no_stream_without_a_conversation(client: httpx.AsyncClient) -> None:
    assert (await client.get("/chat/stream")).status_code == 204


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=400), raw=st.binary(max_size=200))
async def test_no_text_breaks_it(client: httpx.AsyncClient, site: Site, text: str, raw: bytes) -> None:
    site.stand.clock.move(timedelta(minutes=1))
    named = await client.post(ASK, data={"text": text.encode("utf-8", "replace")}, headers=JSON)
    bare = await client.post(ASK, content=raw, headers=JSON)
    assert (named.status_code, bare.status_code) == (200, 200)
    assert (await client.get("/")).status_code == 200
