"""The ground the other tests stand on: no way out, fresh databases of both kinds, a browser."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect

from tests.chromium import Chromium, is_foreign
from tests.offline import loopback

DOCUMENTATION_ADDRESS = "192.0.2.1"  # RFC 5737: belongs to nobody

WATCHING = sys.modules.get("loopback", loopback)
"""A worker that runs tests beside another watches itself from its start, under the module's short name."""

pytestmark = pytest.mark.usefixtures("own_ledger")


@pytest.fixture
def own_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _no_contact_outside: None) -> Path:
    """Contacts that these tests try on purpose are written elsewhere, and do not fail them."""
    ledger = tmp_path / "contacts"
    ledger.touch()
    monkeypatch.setenv(loopback.LEDGER, str(ledger))
    return ledger


@pytest.mark.parametrize("host", [None, "", "localhost", "127.0.0.1", "127.8.8.8", b"::1", "::1%lo", "0.0.0.0"])
def test_this_machine_is_local(host: object) -> None:
    assert loopback.is_local(host)


@pytest.mark.parametrize(
    "host", ["example.com", "10.0.0.1", "fe80::1%eth0", DOCUMENTATION_ADDRESS, b"api.weixin.qq.com"]
)
def test_other_machines_are_not_local(host: object) -> None:
    assert not loopback.is_local(host)


def test_a_connection_to_another_machine_is_refused_and_names_the_test(own_ledger: Path) -> None:
    with socket.socket() as plug, pytest.raises(WATCHING.OutsideContact, match="test_a_connection_to_another"):
        plug.connect((DOCUMENTATION_ADDRESS, 80))
    assert DOCUMENTATION_ADDRESS in own_ledger.read_text()


def test_a_lookup_of_another_machine_is_refused() -> None:
    with pytest.raises(WATCHING.OutsideContact):
        socket.getaddrinfo("example.com", 443)


def test_a_connection_to_this_machine_works() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as plug:
        assert plug.getpeername() == server.getsockname()


ATTEMPTS = {
    "asyncio": "import asyncio; asyncio.run(asyncio.open_connection('192.0.2.1', 80))",
    "uvloop": "import asyncio, uvloop; uvloop.run(asyncio.open_connection('192.0.2.1', 80))",
    "httpx": "import httpx; httpx.get('http://example.com')",
    "requests": "import requests; requests.get('http://192.0.2.1', timeout=1)",
}


@pytest.mark.parametrize("library", sorted(ATTEMPTS))
def test_started_processes_are_refused_too(library: str, own_ledger: Path) -> None:
    done = subprocess.run([sys.executable, "-c", ATTEMPTS[library]], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode != 0
    assert "OutsideContact" in done.stderr
    assert "test_started_processes_are_refused_too" in own_ledger.read_text()


def test_each_database_comes_migrated(database_url: str) -> None:
    engine = create_engine(database_url)
    assert {"alembic_version", "clients"} <= set(inspect(engine).get_table_names())
    engine.dispose()


@pytest.mark.parametrize("_turn", [1, 2])
def test_each_test_finds_no_row_of_another_and_numbers_begin_anew(_turn: int, postgres_url: str) -> None:
    insert = (
        "INSERT INTO inbox (channel, account, platform_id, conversation_id, kind, text, payload, state, tries,"
        " received_at) VALUES ('c', 'a', 'p', 1, 'text', '', '{}', 'new', 0, now()) RETURNING id"
    )
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute("SET session_replication_role = replica")  # no conversation is needed for this
        assert connection.execute(insert).fetchone() == (1,)


def test_the_embedded_server_listens_on_no_network(postgres_server: str) -> None:
    if os.environ.get("TEST_POSTGRES_URL"):
        pytest.skip("a server of the developer's own is used")
    with psycopg.connect(postgres_server) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


@pytest.mark.asyncio(loop_scope="session")
async def test_the_browser_shows_a_page_as_in_china(chromium: Chromium) -> None:
    page = await chromium.page()
    await page.goto("data:text/html,<p>")
    zone = await page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert (zone, await page.evaluate("navigator.language")) == ("Asia/Shanghai", "zh-CN")


@pytest.mark.asyncio(loop_scope="session")
async def test_the_browser_asks_no_other_machine(chromium: Chromium) -> None:
    page = await chromium.page()
    await page.set_content("<img src='https://cdn.example.com/a.png'>")
    asked, chromium.foreign = chromium.foreign, []
    assert asked == ["https://cdn.example.com/a.png"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/", "data:,x", "about:blank", "blob:http://localhost/1"])
def test_addresses_of_this_machine_are_not_foreign(address: str) -> None:
    assert not is_foreign(address)
