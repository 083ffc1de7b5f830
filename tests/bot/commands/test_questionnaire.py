"""Importing a version of the questionnaire."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.commands import questionnaire
from bot.commands.words import word
from bot.errors import QuanfuError
from storage import seeds

SAMPLE = seeds.FOLDER / "suitability" / "questionnaire.yaml"


@pytest.fixture(autouse=True)
def _database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANFU_DATABASE_URL", sqlite_url)


def run(*words: str) -> str:
    """What the command prints; its refusal is raised."""
    done = CliRunner().invoke(questionnaire.app, words)
    if isinstance(done.exception, QuanfuError):
        raise done.exception
    assert done.exception is None, done.exception
    return done.output


def test_a_version_is_imported_once_and_listed() -> None:
    assert "sample-1" in run("import", str(SAMPLE))
    again = run("import", str(SAMPLE))
    assert again.splitlines() == [word("questionnaire_unchanged", version="sample-1"), word("questionnaire_sample")]
    assert run("list").splitlines()[1].startswith("sample-1 ")


def test_a_version_with_other_content_is_refused(tmp_path: Path) -> None:
    run("import", str(SAMPLE))
    other = tmp_path / "other.yaml"
    other.write_text(SAMPLE.read_text(encoding="utf-8").replace("valid_days: 730", "valid_days: 365"), encoding="utf-8")
    with pytest.raises(QuanfuError, match="sample-1"):
        run("import", str(other))


def test_a_file_with_faults_names_each_and_changes_nothing(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("version: own-1", encoding="utf-8")
    with pytest.raises(QuanfuError, match=r"faults: 6|6 处"):
        run("import", str(wrong))
    assert len(run("list").splitlines()) == 1
