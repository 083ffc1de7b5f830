"""One running branch for every journey that can share it, on each kind of database; fresh databases for the others."""

import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from tests.databases import PostgresTemplates
from tests.doubles.server import running
from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.doubles.wechat import WechatClient, WechatDouble
from tests.journeys.process import Server, database, free_port, serving
from tests.journeys.terminal import Terminal, copied, demo_branch, typed
from tests.once import once

HOOKED_TOKEN = "7001000002:AAhookedHookedHookedHookedHookedHook"
SECRET_TOKEN = "journey-secret-token"
MUTE_ID = "wx5af32c0e7d9816b4"
FURTHER = """
[accounts.hooked]
platform = "telegram"
token = "{token}"
secret_token = "{secret}"
api_root = "{hooked.root}"

[accounts.mute]
platform = "wechat"
app_id = "{mute.app_id}"
secret = "{mute.secret}"
token = "{mute.token}"
aes_key = "{mute.aes_key}"
api_root = "{mute.root}"
customer_messages = false
"""
"""A second Telegram bot, which is called instead of asking, and a subscription account, which can only answer."""

numbers = count(1)


def openid() -> str:
    """Of somebody who has never written."""
    return f"oJourney{next(numbers):08}"


@dataclass(frozen=True)
class Branch:
    """A server, the platforms it is connected to, and its database."""

    server: Server
    url: str
    wechat: WechatDouble
    mute: WechatDouble
    polled: TelegramDouble
    hooked: TelegramDouble

    def client(self) -> WechatClient:
        """Somebody who writes for the first time."""
        return self.wechat.client(openid())


def wechat_settings(double: WechatDouble) -> dict[str, str]:
    """What points a server at a double."""
    return {
        "QUANFU_WECHAT__APP_ID": double.app_id,
        "QUANFU_WECHAT__SECRET": double.secret,
        "QUANFU_WECHAT__TOKEN": double.token,
        "QUANFU_WECHAT__AES_KEY": double.aes_key,
        "QUANFU_WECHAT__API_ROOT": double.root,
    }


def migrated(url: str, folder: Path) -> str:
    """The database brought up to date by the command itself, beside the loop in which a fixture may be waiting."""
    with ThreadPoolExecutor(1) as beside:
        done = beside.submit(typed, folder, database(url), "migrate").result()
    assert done.returncode == 0, done.stderr
    return url


@pytest.fixture(scope="session")
def ready_sqlite() -> Path:
    """A folder with a migrated and seeded SQLite database and its key."""
    return once("ready-sqlite", lambda folder: migrated(f"sqlite:///{folder / 'quanfu.db'}", folder))


@pytest.fixture(scope="session")
def ready_postgres(postgres_templates: PostgresTemplates) -> str:
    """The name of a migrated and seeded PostgreSQL database, to copy."""
    return postgres_templates.original("ready", migrated)


@contextmanager
def fresh(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """A migrated and seeded database ("sqlite" or "postgres") for a server in a folder; gives its address."""
    if kind == "sqlite":
        shutil.copytree(request.getfixturevalue("ready_sqlite"), folder, dirs_exist_ok=True)
        yield f"sqlite:///{folder / 'quanfu.db'}"
        return
    template: str = request.getfixturevalue("ready_postgres")
    templates: PostgresTemplates = request.getfixturevalue("postgres_templates")
    with templates.database(template) as name:
        yield templates.address(name)


@pytest.fixture(params=["sqlite", "postgres"])
def ready_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated and seeded database of this test's own, once of each kind."""
    with fresh(request, request.param, tmp_path) as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=["sqlite", "postgres"])
async def branch(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Branch]:
    """A branch that serves."""
    folder = tmp_path_factory.mktemp("branch")
    async with AsyncExitStack() as stack:
        url = stack.enter_context(fresh(request, request.param, folder))
        wechat = await stack.enter_async_context(running(WechatDouble()))
        mute = await stack.enter_async_context(running(WechatDouble(app_id=MUTE_ID)))
        mute.account.permissions = frozenset()
        polled = await stack.enter_async_context(running(TelegramDouble()))
        hooked = await stack.enter_async_context(running(TelegramDouble(token=HOOKED_TOKEN)))
        further = FURTHER.format(token=HOOKED_TOKEN, secret=SECRET_TOKEN, hooked=hooked, mute=mute)
        (folder / "quanfu.toml").write_text(further, encoding="utf-8")
        port = free_port()
        settings = database(url) | wechat_settings(wechat) | telegram_settings(polled, port)
        server = Server(folder, settings, port=port, secrets=(HOOKED_TOKEN, SECRET_TOKEN))
        wechat.hook, mute.hook = f"{server.root}/hooks/wechat", f"{server.root}/hooks/wechat/mute"
        await stack.enter_async_context(serving(server))
        yield Branch(server, url, wechat, mute, polled, hooked)


def telegram_settings(double: TelegramDouble, port: int) -> dict[str, str]:
    """What points a server at a double; the second bot needs the public address."""
    return {
        "QUANFU_TELEGRAM__TOKEN": TOKEN,
        "QUANFU_TELEGRAM__API_ROOT": double.root,
        "QUANFU_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }


@pytest.fixture(scope="session")
def demo_original() -> Terminal:
    """The demo branch, loaded once."""
    folder = once("demo", lambda folder: demo_branch(f"sqlite:///{folder / 'quanfu.db'}", folder))
    return Terminal(f"sqlite:///{folder / 'quanfu.db'}", folder)


@pytest.fixture
def demo_terminal(demo_original: Terminal, tmp_path: Path) -> Terminal:
    """A demo branch of this test's own."""
    return copied(demo_original, tmp_path)
