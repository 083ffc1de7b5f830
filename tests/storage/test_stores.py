"""Both places for media keep the same promises."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import StoreUnavailable
from storage.stores import MediaStore
from storage.stores.folder import FolderStore
from storage.stores.s3 import Bucket, ObjectStore
from tests.doubles.faults import Fault, http_error
from tests.doubles.s3 import ACCESS_KEY, BUCKET, REGION, SECRET_KEY, S3Double
from tests.doubles.server import running

KEY = "0123456789abcdef"


@pytest.fixture
async def s3() -> AsyncIterator[S3Double]:
    async with running(S3Double()) as double:
        yield double


def bucket(double: S3Double) -> Bucket:
    return Bucket(BUCKET, double.root, ACCESS_KEY, SECRET_KEY, REGION)


def modes(folder: Path) -> dict[str, str]:
    """Who may do what with everything below a folder."""
    return {path.relative_to(folder).as_posix(): oct(path.stat().st_mode & 0o777) for path in folder.rglob("*")}


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, s3: S3Double) -> MediaStore:
    return FolderStore(tmp_path / "media") if request.param == "folder" else ObjectStore(bucket(s3))


async def test_what_was_put_comes_back_until_it_is_removed(store: MediaStore) -> None:
    content = bytes(range(256)) * 400
    assert await store.get(KEY) is None
    await store.put(KEY, b"first")
    await store.put(KEY, content)
    assert await store.get(KEY) == content
    await store.remove(KEY)
    await store.remove(KEY)
    assert await store.get(KEY) is None


async def test_files_are_readable_by_their_owner_only_and_nothing_is_left_beside_them(tmp_path: Path) -> None:
    await FolderStore(tmp_path / "media").put(KEY, b"x")
    assert modes(tmp_path) == {"media": "0o700", "media/01": "0o700", f"media/01/{KEY}": "0o600"}


@pytest.mark.parametrize("key", ["../../etc/passwd", "a/b", "", "."])
async def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="letters and digits"):
        await FolderStore(tmp_path).get(key)


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file stands in the way")
    store = FolderStore(tmp_path / "media")
    with pytest.raises(StoreUnavailable):
        await store.put(KEY, b"x")
    with pytest.raises(StoreUnavailable):
        await store.get(KEY)
    with pytest.raises(StoreUnavailable):
        await store.remove(KEY)


async def test_a_wrong_secret_and_a_missing_bucket_are_told_without_showing_anything(s3: S3Double) -> None:
    wrong = replace(bucket(s3), secret_key="wrong-secret-key")
    elsewhere = replace(bucket(s3), name="elsewhere")
    for store in (ObjectStore(wrong), ObjectStore(elsewhere)):
        with pytest.raises(StoreUnavailable) as told:
            await store.put(KEY, b"x")
        assert "double" not in str(told.value)
        assert s3.root not in str(told.value)
    assert s3.objects == {}


async def test_a_passing_fault_is_got_over(s3: S3Double) -> None:
    s3.faults.add(Fault(http_error(503), "PUT", times=1))
    await ObjectStore(bucket(s3)).put(KEY, b"x")
    assert s3.objects == {KEY: b"x"}
