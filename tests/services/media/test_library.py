"""Sealed where it lies, opened for its own place only, removed in time."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.clock import MovableClock
from bot.errors import KeyMissing, MediaRefused, StoreUnavailable
from bot.messages import Incoming
from bot.vocabulary import Addressee, ChannelKind, MediaState, MessageKind, Purpose, Role
from services.media.library import UNTIED, Library
from storage.models import MediaRow
from storage.repositories import arrivals, broadcasts
from storage.repositories import staff as staff_rows
from storage.repositories.arrivals import Arrival
from storage.repositories.broadcasts import Content
from storage.repositories.inbox import Lease
from storage.repositories.media import UPLOAD, Found, Kept
from storage.repositories.staff import NewStaff
from storage.stores.folder import FolderStore
from storage.unit import Database, Unit
from tests.library import TERMS, MemoryStore, shelf
from tests.pictures import HTML, PDF, picture

PICTURE = picture()
CHAT = Addressee(ChannelKind.WEBCHAT, "main", "v1")


@pytest.fixture
def library(database: Database, clock: MovableClock) -> Library:
    return shelf(database, clock)


def items(library: Library) -> dict[str, bytes]:
    """What lies in the store."""
    assert isinstance(library.store, MemoryStore)
    return library.store.items


async def states(library: Library) -> list[MediaState]:
    """Of every row, in order."""
    return await library.database.read(lambda unit: list(unit.session.scalars(select(MediaRow.state))))


async def kept(library: Library, content: bytes, kind: str) -> Kept:
    """A file as if it had been fetched."""
    await library.put(Found("ab" * 16, kind, len(content)), content)
    return Kept(7, 1, 1, "ab" * 16, kind)


async def test_a_file_lies_sealed_and_comes_back_whole(library: Library) -> None:
    one = await kept(library, PDF, "application/pdf")
    assert PDF[:8] not in items(library)[one.key]
    handed = await library.hand_out(one)
    assert handed is not None
    assert (handed.content, handed.type) == (PDF, "application/pdf")
    assert handed.headers["Content-Disposition"] == 'attachment; filename="7.pdf"'
    assert handed.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in handed.headers["Content-Security-Policy"]


async def test_a_picture_is_shown_as_a_copy_and_taken_out_as_it_was(library: Library) -> None:
    one = await kept(library, picture("PNG"), "image/png")
    shown, original = await library.hand_out(one), await library.hand_out(one, original=True)
    assert shown is not None
    assert original is not None
    assert (shown.type, shown.headers["Content-Disposition"]) == ("image/jpeg", 'inline; filename="7.jpg"')
    assert original.content == picture("PNG")
    assert original.headers["Content-Disposition"] == 'attachment; filename="7.png"'


async def test_bytes_put_under_another_name_do_not_open(library: Library) -> None:
    one = await kept(library, PDF, "application/pdf")
    items(library)["cd" * 16] = items(library)[one.key]
    with pytest.raises(KeyMissing):
        await library.hand_out(Kept(8, 2, 2, "cd" * 16, "application/pdf"))


async def test_what_is_gone_from_the_store_is_told(library: Library) -> None:
    assert await library.hand_out(Kept(9, 1, 1, "ef" * 16, "image/png")) is None


async def test_nothing_is_left_of_a_refused_upload(library: Library) -> None:
    with pytest.raises(MediaRefused):
        await library.receive(HTML)
    assert (items(library), await states(library)) == ({}, [])


async def test_an_upload_without_a_message_is_removed_after_a_day(library: Library, clock: MovableClock) -> None:
    await library.receive(PICTURE)
    clock.move(UNTIED)
    assert await library.remove_past() == 0
    clock.move(timedelta(seconds=1))
    assert await library.remove_past() == 1
    assert (items(library), await states(library)) == ({}, [MediaState.REMOVED])


async def test_what_a_broadcast_shows_is_kept_and_what_a_client_sent_is_not_the_branchs(
    library: Library, clock: MovableClock
) -> None:
    upload, other = await library.receive(PICTURE), await library.receive(PDF)
    content = Content("年末", Purpose.BROADCAST, {"zh_CN": "您好"}, {"all": []}, media_id=upload.id)
    staff = NewStaff("s05", "员工", (Role.SERVICE,), "-")

    item = Incoming(CHAT, "v1:1", MessageKind.FILE, media={UPLOAD: str(other.id)})

    def write(unit: Unit) -> None:
        broadcasts.add(unit, content, staff_rows.add(unit, staff, clock.now()), clock.now())
        arrivals.accept(unit, [Arrival(item)], Lease("h", clock.now(), clock.now()))

    await library.database.write(write)
    clock.move(UNTIED * 3)
    assert await library.remove_past() == 0
    handed = await library.sent(upload.id)
    assert (handed is not None, await library.sent(other.id)) == (True, None)


async def test_an_upload_that_the_store_did_not_take_leaves_a_row_to_remove(
    library: Library, clock: MovableClock
) -> None:
    assert isinstance(library.store, MemoryStore)
    library.store.down = True
    with pytest.raises(StoreUnavailable):
        await library.receive(PICTURE)
    library.store.down = False
    clock.move(UNTIED * 2)
    assert await library.remove_past() == 1


async def test_files_are_removed_when_their_time_is_over_and_a_store_out_of_reach_puts_it_off(
    library: Library, clock: MovableClock
) -> None:
    for _ in range(3):
        await library.receive(PICTURE)
    clock.move(TERMS.keep + timedelta(seconds=1))
    assert isinstance(library.store, MemoryStore)
    library.store.down = True
    with pytest.raises(StoreUnavailable):
        await library.remove_past()
    assert set(await states(library)) == {MediaState.KEPT}
    library.store.down = False
    assert await library.remove_past() == 3
    assert (items(library), set(await states(library))) == ({}, {MediaState.REMOVED})


async def test_an_upload_with_its_message_stays_until_its_own_time(library: Library, clock: MovableClock) -> None:
    upload = await library.receive(PICTURE)
    item = Incoming(CHAT, "v1:1", MessageKind.IMAGE, media={UPLOAD: str(upload.id)})
    lease = Lease("h", clock.now(), clock.now())
    await library.database.write(lambda unit: arrivals.accept(unit, [Arrival(item)], lease))
    clock.move(UNTIED * 30)
    assert await library.remove_past() == 0
    assert len(items(library)) == 1


async def test_a_folder_holds_nothing_that_can_be_read(database: Database, clock: MovableClock, tmp_path: Path) -> None:
    library = Library(database, FolderStore(tmp_path / "media"), clock, TERMS)
    await library.receive(PICTURE)
    (file,) = _files(tmp_path)
    assert PICTURE[:4] not in file.read_bytes()


def _files(folder: Path) -> list[Path]:
    return [path for path in (folder / "media").rglob("*") if path.is_file()]
