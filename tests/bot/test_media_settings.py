"""Settings of media: what may be said, and which store they make."""

import sys
from pathlib import Path

import pytest

from bot.app.media import library
from bot.clock import MovableClock
from bot.errors import SettingsWrong
from bot.settings import Settings, load
from storage.stores.folder import FolderStore
from storage.stores.s3 import ObjectStore
from storage.unit import Database

S3 = {
    "STORE": "s3",
    "S3_ENDPOINT": "http://127.0.0.1:1",
    "S3_BUCKET": "b",
    "S3_ACCESS_KEY": "k",
    "S3_SECRET_KEY": "hidden",
}


def given(monkeypatch: pytest.MonkeyPatch, folder: Path, values: dict[str, str]) -> Settings:
    """The settings with these variables of media, away from any file."""
    monkeypatch.chdir(folder)
    for name, value in values.items():
        monkeypatch.setenv(f"QUANFU_MEDIA__{name}", value)
    return load()


def test_a_folder_is_the_default_and_terms_are_as_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database
) -> None:
    settings = given(monkeypatch, tmp_path, {"LARGEST_MB": "3", "TYPES": "image/png, application/pdf"})
    made = library(settings.media, database, MovableClock())
    assert made.store == FolderStore(Path("var/media"))
    assert (made.terms.largest, made.terms.types) == (3 * 1024 * 1024, {"image/png", "application/pdf"})
    assert not (tmp_path / "var").exists()


def test_a_bucket_is_made_of_its_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database) -> None:
    made = library(given(monkeypatch, tmp_path, S3).media, database, MovableClock())
    assert isinstance(made.store, ObjectStore)


def test_without_the_optional_part_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.delitem(sys.modules, "storage.stores.s3", raising=False)
    with pytest.raises(SettingsWrong, match=r"\.\[s3\]"):
        library(given(monkeypatch, tmp_path, S3).media, database, MovableClock())


@pytest.mark.parametrize(
    "values",
    [
        *({name: value for name, value in S3.items() if name != left_out} for left_out in S3 if left_out != "STORE"),
        {"TYPES": "text/html"},
        {"TYPES": ""},
        {"LARGEST_MB": "21"},
        {"LARGEST_MB": "0"},
        {"KEEP_DAYS": "0"},
        {"STORE": "ftp"},
    ],
)
def test_what_does_not_fit_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, values: dict[str, str]
) -> None:
    with pytest.raises(SettingsWrong) as wrong:
        given(monkeypatch, tmp_path, values)
    assert "MEDIA" in str(wrong.value)
    assert "hidden" not in str(wrong.value)
