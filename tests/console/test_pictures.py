"""Staff send a picture or a file: where the channel shows it, and refused with words where it does not."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from bot.vocabulary import ChannelKind
from storage.models import DeliveryRow, MediaRow
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import COMPLIANCE, HEAD, SERVICE, Stand
from tests.library import LARGEST, MemoryStore
from tests.pictures import AMR, PDF, located_picture, picture


@pytest.fixture
def desk_url(database_url: str) -> str:
    return database_url


async def send(person: Person, path: str, content: bytes, text: str = "请看图示", key: str = "p1") -> httpx.Response:
    """The form with a file, as a browser sends it."""
    fields = {"csrf": person.csrf, "key": key, "text": text}
    files = {"picture": ("C:\\王晓岚.jpg", content, "image/jpeg")} if content else {}
    return await person.http.post(f"{path}/picture", data=fields, files=files)


async def taken(branch: Stand, person: Person, kind: ChannelKind) -> str:
    """The page of a conversation that this person has taken."""
    path = f"/console/conversations/{await branch.wait('怎么操作', 'C1', kind)}"
    await person.post(f"{path}/take", key="t")
    return path


async def sent(branch: Stand) -> list[tuple[str | None, int]]:
    """The messages with a picture."""
    wanted = select(DeliveryRow.text, DeliveryRow.media_id).where(DeliveryRow.media_id.is_not(None))
    rows = await branch.database.read(lambda unit: unit.session.execute(wanted).all())
    return [(text, media_id) for text, media_id in rows if media_id is not None]


async def kept(branch: Stand) -> int:
    counted = select(func.count()).select_from(MediaRow)
    return await branch.database.read(lambda unit: unit.session.scalars(counted).one())


@pytest.mark.parametrize("kind", [ChannelKind.WECHAT, ChannelKind.WEBCHAT])
async def test_a_picture_goes_out_once_and_is_seen_in_the_conversation(
    branch: Stand, sign_in: SignIn, kind: ChannelKind
) -> None:
    person = await sign_in(SERVICE)
    path = await taken(branch, person, kind)
    for _ in range(2):
        assert (await send(person, path, located_picture())).status_code == 303
    [(text, media_id)] = await sent(branch)
    page = await person.get(path)
    assert (text, f"/console/media/{media_id}" in page.text) == ("请看图示", True)
    seen = await (await sign_in(HEAD)).get(f"/console/media/{media_id}")
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/jpeg")
    assert isinstance(branch.console.library.store, MemoryStore)
    assert not [sealed for sealed in branch.console.library.store.items.values() if b"JFIF" in sealed]


async def test_what_the_client_gets_is_drawn_anew(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(SERVICE)
    await send(person, await taken(branch, person, ChannelKind.WECHAT), located_picture())
    [(_, media_id)] = await sent(branch)
    drawn = await branch.console.library.sent(media_id)
    assert drawn is not None
    assert (drawn.type, b"Exif" in drawn.content) == ("image/jpeg", False)


async def test_a_file_goes_out_where_the_channel_takes_files(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(SERVICE)
    path = await taken(branch, person, ChannelKind.WEBCHAT)
    assert "发送图片或 PDF" in words(await person.get(path))
    assert (await send(person, path, PDF)).status_code == 303
    [(_, media_id)] = await sent(branch)
    handed = await branch.console.library.sent(media_id)
    assert handed is not None
    assert (handed.type, handed.headers["Content-Disposition"]) == (
        "application/pdf",
        f'attachment; filename="{media_id}.pdf"',
    )
    for content, key in ((AMR, "p2"), (b"MZ" + bytes(64), "p3")):
        wrong = await send(person, path, content, key=key)
        assert (wrong.status_code, "图片或 PDF 文件" in words(wrong), await kept(branch)) == (422, True, 1)


async def test_a_channel_without_pictures_says_so(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(SERVICE)
    path = await taken(branch, person, ChannelKind.RECORDING)
    assert "此渠道只能发送文字" in words(await person.get(path))
    answer = await send(person, path, picture())
    assert (answer.status_code, "此渠道不能发送图片和文件" in words(answer)) == (422, True)
    assert (await sent(branch), await kept(branch)) == ([], 0)


@pytest.mark.parametrize(
    ("content", "text", "said"),
    [
        (b"", "请看", "请选择一个文件"),
        (PDF, "请看", "只能发送 JPEG"),
        (b"MZ" + bytes(64), "请看", "只能发送 JPEG"),
        (picture() + b"<script>1</script>", "请看", "不正常或带有程序"),
        (picture() + bytes(LARGEST), "请看", "文件太大"),
        (picture(), " ", "请先填写内容"),
    ],
    ids=["none", "pdf", "program", "script", "large", "no words"],
)
async def test_what_is_not_sent_is_not_kept(
    branch: Stand, sign_in: SignIn, content: bytes, text: str, said: str
) -> None:
    person = await sign_in(SERVICE)
    path = await taken(branch, person, ChannelKind.WECHAT)
    answer = await send(person, path, content, text)
    assert (answer.status_code, await sent(branch), await kept(branch)) == (422, [], 0)
    assert said in words(answer)


async def test_who_may_not_and_what_is_endless(branch: Stand, sign_in: SignIn) -> None:
    person, other = await sign_in(SERVICE), await sign_in(COMPLIANCE)
    path = await taken(branch, person, ChannelKind.WECHAT)
    assert (await send(other, path, picture())).status_code == 403
    late = await send(await sign_in(HEAD), path, picture())
    assert late.status_code == 409
    assert (await send(person, path, bytes(LARGEST + 300_000))).status_code == 403
    assert await sent(branch) == []


async def test_what_was_sent_outlives_uploads_without_a_message(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(SERVICE)
    await send(person, await taken(branch, person, ChannelKind.WECHAT), picture())
    await branch.console.library.receive(picture("PNG"))
    branch.clock.move(timedelta(days=2))  # type: ignore[attr-defined]
    assert (await branch.console.library.remove_past(), await kept(branch)) == (1, 2)
    [(_, media_id)] = await sent(branch)
    assert await branch.console.library.sent(media_id) is not None
