"""`quanfu doctor`: what it prints, and with which exit code it ends."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.app import open_database
from bot.clock import MovableClock
from bot.commands.doctor import doctor
from bot.commands.tables import wrapped
from bot.errors import SettingsWrong
from bot.settings import load
from storage.engine import open_engines
from storage.repositories.clients import NewClient, enrol
from storage.vault import make_key_file

APP = typer.Typer()
APP.command()(doctor)
HEADS = ["state", "where", "check", "what it means"]


@pytest.fixture
def served_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the command is run; there is no database yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C")
    return tmp_path


@pytest.fixture
def migrated(served_from: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A migrated database with its key."""
    monkeypatch.setenv("QUANFU_DATABASE_URL", sqlite_url)
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    make_key_file(file.with_suffix(".db.key"))
    return file


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(APP, list(words), catch_exceptions=False)
    return done.exit_code, done.output


def remarks(*words: str) -> tuple[int, set[str]]:
    code, output = run("--json", *words)
    return code, {row["remark"] for row in json.loads(output)}


def test_a_missing_calendar_is_a_fault_with_its_advice(migrated: Path) -> None:
    code, output = run("--offline")
    lines = output.splitlines()
    assert (code, lines[0].split("  ")[0]) == (1, "state")
    assert any(line.startswith("FAULT  ") and "calendar" in line for line in lines)
    assert "→ quanfu calendar import cn_" in output
    assert lines[-1].endswith("Platforms were not asked (--offline).")


def test_a_missing_database_and_one_not_migrated_are_faults_and_none_is_made(
    served_from: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANFU_DATABASE_URL", "sqlite:///here.db")
    assert remarks() >= (1, {"database.absent"})
    assert list(served_from.iterdir()) == []
    open_engines("sqlite:///here.db").writer.connect().close()
    for prepare in (lambda: None, lambda: make_key_file(served_from / "here.db.key")):
        prepare()  # an empty file never had a key that could be missed
        code, found = remarks("--offline")
        assert (code, "database.behind" in found, "key.missing" in found) == (1, True, False)


def test_a_missing_key_is_a_fault_and_none_is_made(migrated: Path) -> None:
    key = migrated.with_suffix(".db.key")
    key.unlink()
    code, found = remarks("--offline")
    assert (code, "key.missing" in found, key.exists()) == (1, True, False)


async def test_a_database_with_clients_gets_no_other_key(migrated: Path) -> None:
    key = migrated.with_suffix(".db.key")
    database = open_database(load())
    somebody = NewClient("Q1", "王晓明", "尊敬的王先生", "13800000000", "110101197001010011")
    await database.write(lambda unit: enrol(unit, [somebody], MovableClock().now()))
    database.close()
    key.unlink()
    with pytest.raises(SettingsWrong, match=f"the key of this database is missing: put {key} back"):
        open_database(load())
    assert not key.exists()


def test_a_database_that_is_none_is_out_of_reach(migrated: Path) -> None:
    migrated.write_bytes(b"no database" * 1000)
    code, found = remarks("--offline")
    assert (code, "database.unreached" in found) == (1, True)


def test_a_server_that_is_gone_is_out_of_reach(served_from: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANFU_DATABASE_URL", "postgresql://127.0.0.1:1/quanfu")
    assert "key.missing" in remarks("--offline")[1]
    monkeypatch.setenv("QUANFU_KEYS__MASTER", "a" * 43 + "=")
    assert "database.unreached" in remarks("--offline")[1]


def test_dead_platforms_are_faults_and_no_secret_is_shown(migrated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {"TELEGRAM__TOKEN": "7:telegram-word", "WECHAT__SECRET": "wechat-word", "WECHAT__TOKEN": "callback-word"}
    told = {
        "WECHAT__APP_ID": "wx1",
        "WECHAT__API_ROOT": "http://127.0.0.1:1",
        "TELEGRAM__API_ROOT": "http://127.0.0.1:1",
    }
    for name, value in {**secrets, **told, "PUBLIC_URL": "http://127.0.0.1:1"}.items():
        monkeypatch.setenv(f"QUANFU_{name}", value)
    code, output = run()
    assert (code, output.count("was not reached")) == (1, 2)
    assert "http://127.0.0.1:1/hooks/wechat is not reached" in output
    assert [value for value in secrets.values() if value in output] == []


def test_chinese_where_the_terminal_speaks_it(migrated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert run("--offline")[1].startswith("状态  ")


def test_wrong_settings_are_told_by_the_main_program(served_from: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANFU_LISTEN", "nowhere")
    with pytest.raises(SettingsWrong):
        run()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("one two three", ["one two", "three"]),
        ("没有服务进程在运行", ["没有服务", "进程在运", "行"]),
        ("a-very-long-word b", ["a-very-long-word", "b"]),
    ],
)
def test_lines_break_between_words_and_chinese_signs(text: str, lines: list[str]) -> None:
    assert wrapped(text, 8) == lines
