"""Pictures and files from the chat page: taken, refused in words, shown to their visitor and to nobody else."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from bot.vocabulary import MediaState
from storage.models import MediaRow
from tests.bot.webchat.site import Site, opened
from tests.library import LARGEST, MemoryStore
from tests.pictures import AMR, HTML, PDF, picture

SEND = "/chat/media"
JSON = {"accept": "application/json"}
PICTURE = picture()


@pytest.fixture
async def site(sqlite_url: str) -> AsyncIterator[Site]:
    async with opened(sqlite_url) as ready:
        yield ready


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without script, with cookies."""
    transport = httpx.ASGITransport(site.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://chat", follow_redirects=True) as ready:
        await ready.get("/")
        yield ready


async def send(
    client: httpx.AsyncClient, content: bytes, name: str = "a.jpg", number: str = "a" * 24
) -> httpx.Response:
    """A file as the script posts it."""
    return await client.post(SEND, data={"id": number}, files={"file": (name, content)}, headers=JSON)


async def rows(site: Site) -> list[tuple[MediaState, bool]]:
    """State of every file, and whether a message came with it."""
    chosen = select(MediaRow.state, MediaRow.inbox_id).order_by(MediaRow.id)
    found = await site.stand.database.read(lambda unit: unit.session.execute(chosen).all())
    return [(state, inbox_id is not None) for state, inbox_id in found]


def address_in(text: str) -> str:
    """Where a line says that its file is."""
    found = re.search(r"/chat/media/\d+", text)
    assert found is not None, text
    return found.group()


async def test_a_picture_is_seen_in_its_own_conversation(client: httpx.AsyncClient, site: Site) -> None:
    answer = (await send(client, PICTURE)).json()
    own, reply = answer["lines"]
    assert '<img class="shot"' in own
    assert "收到" in reply
    shown = await client.get(address_in((await client.get("/")).text))
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.content[:3] == b"\xff\xd8\xff"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in shown.headers["cache-control"]
    assert await rows(site) == [(MediaState.KEPT, True)]


@pytest.mark.parametrize(("content", "ending"), [(PDF, "pdf"), (AMR, "amr")])
async def test_everything_else_is_a_link_that_saves(client: httpx.AsyncClient, content: bytes, ending: str) -> None:
    own = (await send(client, content, "../../evil.html")).json()["lines"][0]
    assert "<img" not in own
    shown = await client.get(address_in(own))
    assert shown.content == content
    assert re.fullmatch(rf'attachment; filename="\d+\.{ending}"', shown.headers["content-disposition"])


async def test_others_find_nothing_there(client: httpx.AsyncClient) -> None:
    address = address_in((await send(client, PICTURE)).json()["lines"][0])
    client.cookies.clear()
    for _ in range(2):  # without a conversation, then with one of their own
        assert (await client.get(address)).status_code == 404
        await client.get("/")
        await client.post("/chat/messages", data={"text": "你好", "id": "c" * 24})
    for nothing in ("999", "0", "-1", "a", "1.0", "9" * 19, "9" * 5000):
        assert (await client.get(f"/chat/media/{nothing}")).status_code == 404


async def test_what_staff_send_is_seen_by_its_visitor_alone(client: httpx.AsyncClient, site: Site) -> None:
    await client.post("/chat/messages", data={"text": "你好", "id": "c" * 24})
    upload = await site.library.receive(PICTURE)
    address = f"/chat/media/{upload.id}"
    assert (await client.get(address)).status_code == 404  # it lies there, and nobody has said it yet
    await site.staff_says("请看图示", upload.id)
    page = (await client.get("/")).text
    assert (page.count(f'<img class="shot" src="{address}"'), "请看图示" in page) == (1, True)
    shown = await client.get(address)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    paper = await site.library.receive(PDF)
    await site.staff_says("请看材料", paper.id)
    assert f'<a class="file" href="/chat/media/{paper.id}" download>文件</a>' in (await client.get("/")).text
    assert (await client.get(f"/chat/media/{paper.id}")).content == PDF
    first = await site.conversation()
    client.cookies.clear()
    await client.get("/")
    await client.post("/chat/messages", data={"text": "你好", "id": "d" * 24})
    assert [(await client.get(f"/chat/media/{one.id}")).status_code for one in (upload, paper)] == [404, 404]
    await site.staff_says("请大家看图示", upload.id, conversation=first + 1)
    assert (await client.get(address)).status_code == 200  # two are shown one and the same


async def test_a_plain_form_works_without_script(client: httpx.AsyncClient) -> None:
    page = await client.post(SEND, data={"id": "b" * 24}, files={"file": ("a.png", picture("PNG"))})
    assert page.status_code == 200
    assert '<img class="shot"' in page.text
    assert 'enctype="multipart/form-data"' in page.text


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (HTML, 422, "不安全"),
        (b"MZ" + b"\0" * 80, 415, "不支持"),
        (PICTURE + b"\0" * LARGEST, 413, "太大"),
        (b"\0" * (LARGEST + 100_000), 413, "太大"),
        (b"", 400, "选择文件"),
    ],
)
async def test_what_is_refused_is_told_and_nothing_is_kept(
    client: httpx.AsyncClient, site: Site, content: bytes, status: int, words: str
) -> None:
    answer = await send(client, content)
    assert answer.status_code == status
    assert words in answer.json()["fault"]
    assert (await rows(site), await site.stand.inbox()) == ([], [])


async def test_a_file_without_an_announced_size_ends_at_the_limit(client: httpx.AsyncClient, site: Site) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        while sent < 50 * LARGEST:
            sent += 10_000
            yield b"\0" * 10_000

    headers = {**JSON, "content-type": "multipart/form-data; boundary=x"}
    answer = await client.post(SEND, content=endless(), headers=headers)
    assert answer.status_code == 413
    assert await rows(site) == []


async def test_the_same_upload_twice_is_one_message_and_the_surplus_goes(client: httpx.AsyncClient, site: Site) -> None:
    first, again = await send(client, PICTURE), await send(client, PICTURE)
    assert first.json() == again.json()
    assert len(await site.stand.inbox()) == 1
    assert await rows(site) == [(MediaState.KEPT, True), (MediaState.KEPT, False)]
    site.stand.clock.move(timedelta(days=2))
    assert await site.library.remove_past() == 1


async def test_another_sites_form_and_a_body_that_is_none_are_refused(client: httpx.AsyncClient, site: Site) -> None:
    foreign = await client.post(SEND, files={"file": ("a", PICTURE)}, headers={"origin": "http://other.example"})
    broken = await client.post(
        SEND, content=b"--x\r\nnonsense", headers={**JSON, "content-type": "multipart/form-data; boundary=x"}
    )
    plain = await client.post(SEND, data={"id": "a" * 24}, headers=JSON)
    assert (foreign.status_code, broken.status_code, plain.status_code) == (403, 400, 400)
    assert await rows(site) == []


async def test_too_many_files_a_minute_are_told_to_wait(client: httpx.AsyncClient) -> None:
    codes = [(await send(client, PICTURE, number=f"{n}" * 24)).status_code for n in range(7)]
    assert codes == [200] * 6 + [429]


async def test_a_store_out_of_reach_is_told_and_can_be_tried_again(client: httpx.AsyncClient, site: Site) -> None:
    assert isinstance(site.library.store, MemoryStore)
    site.library.store.down = True
    assert (await send(client, PICTURE)).status_code == 503
    assert await site.stand.inbox() == []
    site.library.store.down = False
    answer = await send(client, PICTURE)
    site.library.store.down = True
    assert (await client.get(address_in(answer.json()["lines"][0]))).status_code == 503
