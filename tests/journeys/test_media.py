"""A picture sent on a platform lies sealed beside the server a moment later, and the answer did not wait for it."""

from pathlib import Path

import pytest

from tests.doubles.loopback import loopback_client
from tests.journeys.conftest import Branch
from tests.journeys.process import rows, until
from tests.pictures import HTML, picture

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURE = picture(size=(60, 40))
OF = (
    " FROM media JOIN inbox ON inbox.id = media.inbox_id JOIN conversations ON conversations.id = inbox.conversation_id"
    " JOIN chat_accounts ON chat_accounts.id = conversations.account_id WHERE address = :address"
)
SETTLED = f"SELECT count(*) {OF} AND media.state <> 'wanted'"


def sealed(branch: Branch) -> list[bytes]:
    """What lies in the server's folder of media."""
    folder: Path = branch.server.folder / "var" / "media"
    return [file.read_bytes() for file in folder.rglob("*") if file.is_file()]


async def settled(branch: Branch, address: str) -> list[tuple[object, ...]]:
    """State, reason and type of what somebody sent, once nothing of it is wanted any more."""
    await until(branch.url, SETTLED, 1, address=address)
    return rows(branch.url, f"SELECT media.state, reason, type {OF}", address=address)


async def test_a_picture_on_wechat_is_answered_at_once_and_kept_sealed(branch: Branch) -> None:
    branch.wechat.shelf.put("media-1", PICTURE)
    client, before = branch.client(), len(sealed(branch))
    heard = await client.image()
    assert heard.text is not None
    assert await settled(branch, client.openid) == [("kept", None, "image/jpeg")]
    files = sealed(branch)
    assert len(files) == before + 1
    assert all(PICTURE[:16] not in file for file in files)


async def test_a_page_that_calls_itself_a_picture_is_not_kept(branch: Branch) -> None:
    branch.wechat.shelf.put("media-1", HTML)
    client = branch.client()
    await client.image()
    assert await settled(branch, client.openid) == [("refused", "suspected", None)]
    [(wanted,)] = rows(branch.url, "SELECT count(*) FROM media WHERE state = 'wanted'")  # of other tests' clients
    async with loopback_client(branch.server.root) as http:
        assert f'quanfu_media{{state="wanted"}} {wanted}.0' in (await http.get("/metrics")).text


async def test_a_photo_on_telegram_is_kept(branch: Branch) -> None:
    chat = 1_000_000_901
    branch.polled.client(chat).photo(PICTURE)
    assert await settled(branch, str(chat)) == [("kept", None, "image/jpeg")]
