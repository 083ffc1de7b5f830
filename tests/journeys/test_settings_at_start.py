"""Wrong settings end the start: a line for each fault, exit code 2, and no secret told."""

import asyncio
from pathlib import Path

import pytest

from tests.journeys.conftest import Branch
from tests.journeys.process import database, free_port, quanfu
from tests.journeys.terminal import typed

WRONG = {
    "QUANFU_DATABASE_URL": "oracle://scott:tiger-secret@db/x",
    "QUANFU_LISTEN": "eighty",
    "QUANFU_WECHAT__APP_ID": "wx0",
    "QUANFU_WECHAT__AES_KEY": "aes-secret",
    "QUANFU_TRUSTED_PROXIES": "proxy-secret",
    "QUANFU_RULES__DAILY_CAP": "-3",
    "QUANFU_TELEGRAM__TOKENN": "token-secret",
    "QUANFU_WEBCHAT__ORIGINS": "https://www.example.com/secret",
}
TOLD = [
    "QUANFU_DATABASE_URL",
    "QUANFU_LISTEN",
    "QUANFU_RULES__DAILY_CAP",
    "QUANFU_TELEGRAM__TOKENN",
    "QUANFU_TRUSTED_PROXIES",
    "QUANFU_WEBCHAT__ORIGINS",
]


def test_every_fault_has_a_line_and_no_secret_is_shown(tmp_path: Path) -> None:
    done = quanfu(tmp_path, WRONG, "serve")
    lines = done.stderr.splitlines()
    assert done.returncode == 2
    assert sorted(line.split(":")[0] for line in lines if not line.startswith("QUANFU_WECHAT")) == TOLD
    assert any(line.startswith("QUANFU_WECHAT") for line in lines)
    assert "secret" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"QUANFU_WECHAT__APP_ID": "wx0"}, "token is missing"),
        ({"QUANFU_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "QUANFU_KEYS__MASTER: required with PostgreSQL"),
        ({"QUANFU_KEYS__MASTER": "c2hvcnQtc2VjcmV0"}, "QUANFU_KEYS"),
        ({"QUANFU_KEYS__MASTER": "!!-secret"}, "QUANFU_KEYS"),
    ],
    ids=["token", "key needed", "short key", "no key"],
)
def test_a_fault_is_told_in_one_line(tmp_path: Path, settings: dict[str, str], told: str) -> None:
    done = typed(tmp_path, settings, "serve")
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "secret" not in done.stderr.lower().replace("secret_token", "")


def test_roles_of_their_own_need_postgres(tmp_path: Path) -> None:
    done = typed(tmp_path, database(f"sqlite:///{tmp_path / 'x.db'}"), "serve", "--role", "web")
    assert (done.returncode, done.stderr) == (2, "QUANFU_DATABASE_URL: separate roles need PostgreSQL\n")


def test_a_database_that_was_never_migrated_is_said_to_be_so(tmp_path: Path) -> None:
    done = typed(tmp_path, database(f"sqlite:///{tmp_path / 'x.db'}"), "serve")
    assert done.returncode == 1
    assert "The database is not up to date: run quanfu migrate first.\n" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("branch", ["sqlite"], indirect=True)
async def test_a_second_server_on_one_file_is_refused(branch: Branch, tmp_path: Path) -> None:
    settings = database(branch.url) | {"QUANFU_LISTEN": f"127.0.0.1:{free_port()}"}
    second = await asyncio.to_thread(typed, tmp_path, settings, "serve")
    assert (second.returncode, second.stderr) == (2, "QUANFU_DATABASE_URL: another process serves this database file\n")


def test_the_key_beside_the_file_is_for_its_owner_only(ready_sqlite: Path) -> None:
    assert (ready_sqlite / "quanfu.db.key").stat().st_mode & 0o777 == 0o600
