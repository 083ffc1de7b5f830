"""What a look at the place of media finds, and that a look leaves nothing behind."""

from dataclasses import dataclass
from os import listdir, mkdir, mkfifo
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.clock import MovableClock
from bot.vocabulary import Locale
from bot.vocabulary.health import Observation, Remark
from services.doctor import HOUSE, examine
from services.doctor.shelf import Shelf
from services.doctor.words import catalogue, said
from storage.models import MediaRow
from storage.stores.folder import FolderStore
from storage.unit import Database
from tests.handlers.rig import Branch
from tests.library import MemoryStore, shelf
from tests.pictures import picture


async def looked(at: Shelf) -> list[Observation]:
    """What is seen; all of it can be said."""
    seen = await examine([(HOUSE, at.check)])
    for one in seen:
        assert all(said(catalogue().of(locale), one).means for locale in Locale)
    return [one.observation for one in seen]


def folder_of(database: Database, path: Path) -> Shelf:
    return Shelf(database, FolderStore(path), str(path), path)


async def test_a_folder_is_looked_at_and_not_made(database: Database, tmp_path: Path) -> None:
    ready, disk = await looked(folder_of(database, tmp_path / "var" / "media"))
    assert (ready.remark, disk.topic, disk.about) == (Remark.MEDIA_NEW, "disk", "media")
    assert "var" not in listdir(tmp_path)


@pytest.mark.parametrize(("mode", "remark"), [(0o700, Remark.MEDIA_READY), (0o755, Remark.MEDIA_OPEN)])
async def test_a_folder_is_its_owner_s(database: Database, tmp_path: Path, mode: int, remark: Remark) -> None:
    mkdir(tmp_path / "media", mode)
    assert (await looked(folder_of(database, tmp_path / "media")))[0].remark is remark


async def test_a_file_in_the_way_is_told(database: Database, tmp_path: Path) -> None:
    mkfifo(tmp_path / "media")
    assert (await looked(folder_of(database, tmp_path / "media")))[0].remark is Remark.MEDIA_UNWRITABLE


@dataclass
class Forgetful(MemoryStore):
    """Gives back what was there first, as a cache before a store does."""

    async def get(self, key: str) -> bytes | None:
        return await super().get(key) and b"before"


async def test_another_store_is_tried_and_left_as_it_was(database: Database) -> None:
    store = MemoryStore()
    at = Shelf(database, store, "bucket (https://store.example)")
    assert [one.remark for one in await looked(at)] == [Remark.MEDIA_READY]
    assert store.items == {}
    store.down = True
    assert [one.remark for one in await looked(at)] == [Remark.MEDIA_UNREACHED]


async def test_a_store_that_gives_back_something_else_is_told(database: Database) -> None:
    assert [one.remark for one in await looked(Shelf(database, Forgetful(), "bucket"))] == [Remark.MEDIA_CHANGED]


async def test_what_was_kept_last_must_be_there(database: Database, clock: MovableClock) -> None:
    chat = await Branch(database, clock).chat()
    said_with = await chat.say("一张图片")
    assert said_with.replies
    library = shelf(database, clock)
    upload = await library.receive(picture())
    tied = update(MediaRow).where(MediaRow.id == upload.id).values(inbox_id=1)
    await database.write(lambda unit: unit.session.execute(tied) and None)
    assert isinstance(library.store, MemoryStore)
    at = Shelf(database, library.store, "bucket")
    [found] = await looked(at)
    assert (found.remark, found.values["number"]) == (Remark.MEDIA_READY, "1")
    library.store.items.clear()
    assert [one.remark for one in await looked(at)] == [Remark.MEDIA_LOST]
