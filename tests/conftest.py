"""What every test can ask for: a clock, fresh databases, a browser; and no way to another machine."""

import gc
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from playwright.async_api import Browser

from bot.clock import MovableClock
from services import staff
from storage.engine import open_engines, upgrade
from storage.unit import Database
from storage.vault import Vault
from tests import chromium as browsers
from tests import coverage, engines, learning, postgres, thinning
from tests.databases import RUN, TEMPLATE, InTurn, PostgresTemplates, sqlite_copy, sqlite_template
from tests.offline import loopback
from tests.once import FIRST, once, shared
from tests.privacy import Listener

OFFLINE = Path(loopback.__file__).parent
LISTENER = Listener()

SHARED = "TESTS_POSTGRES_URL"
FOR_THE_RUN = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Close the way out for this process and for what it starts; give the processes of one run one server."""
    if FIRST:
        os.environ[RUN] = f"quanfu_test_{os.getpid()}"
        FOR_THE_RUN.enter_context(shared())
        if config.getoption("numprocesses", None):
            coverage.leave_to_workers()
            if "TEST_POSTGRES_URL" not in os.environ:
                os.environ[SHARED] = FOR_THE_RUN.enter_context(postgres.serve())
    with tempfile.NamedTemporaryFile(prefix="contacts", delete=False) as ledger:
        os.environ[loopback.LEDGER] = ledger.name
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(OFFLINE), os.environ.get("PYTHONPATH")]))
    loopback.install()
    LISTENER.attach()
    patch = FOR_THE_RUN.enter_context(pytest.MonkeyPatch.context())
    coverage.remember(patch)
    learning.remember(patch)
    engines.remember(patch)
    # A busy machine, or one that builds its tables of Unicode for the first time, is slow and not wrong.
    # The same examples in every run: what one change broke must not show in the run of another.
    patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("patient", patient, derandomize=True)
    settings.register_profile("explore", patient)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "patient"))
    # A run keeps all modules and reports; looking through them as often as usual takes a tenth of its time.
    gc.set_threshold(20_000, 20, 20)


def pytest_unconfigure() -> None:
    """Put the ledger away."""
    Path(os.environ.pop(loopback.LEDGER)).unlink(missing_ok=True)
    if FIRST and "TEST_POSTGRES_URL" in os.environ:
        PostgresTemplates(os.environ["TEST_POSTGRES_URL"]).drop_all()
    FOR_THE_RUN.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what needs a server or a browser: one process of the run keeps it, the others take from the end."""
    thinning.spare(config, items)
    items.sort(key=lambda item: item.path.parent.name not in {"browser", "journeys"})


def pytest_collection_finish() -> None:
    """What stands now stays to the end: nobody need look through it for garbage again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_contact_outside() -> Iterator[None]:
    """Fail the test during which another machine was asked for, even where the code swallowed the error."""
    ledger = Path(os.environ[loopback.LEDGER])
    before = ledger.stat().st_size
    yield
    contacts = ledger.read_bytes()[before:].decode()
    assert not contacts, contacts


@pytest.fixture(autouse=True)
def _nothing_private_logged() -> Iterator[None]:
    """Fail the test during which one of our log lines told of a person, of what was said, or of a secret."""
    LISTENER.found.clear()
    yield
    assert not LISTENER.found


@pytest.fixture
def clock() -> MovableClock:
    """A clock that the test moves."""
    return MovableClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: TEST_POSTGRES_URL, or one of this run's own."""
    given = os.environ.get("TEST_POSTGRES_URL") or os.environ.get(SHARED)
    with nullcontext(given) if given else postgres.serve() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_templates(postgres_server: str) -> PostgresTemplates:
    """Makes databases on the server."""
    return PostgresTemplates(postgres_server)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_templates: PostgresTemplates) -> Iterator[InTurn]:
    """The PostgreSQL database of this process."""
    original = postgres_templates.original("migrated", lambda url, _: upgrade(url))
    with postgres_templates.database(original) as name, postgres_templates.in_turn(name) as database:
        yield database


@pytest.fixture
def postgres_url(migrated_postgres: InTurn) -> Iterator[str]:
    """A migrated PostgreSQL database without rows."""
    yield migrated_postgres.url
    migrated_postgres.empty()


@pytest.fixture(scope="session")
def migrated_sqlite() -> Path:
    """The SQLite file that tests copy."""
    return once("migrated-sqlite", sqlite_template) / TEMPLATE


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A fresh, migrated SQLite database."""
    return sqlite_copy(migrated_sqlite, tmp_path)


@pytest.fixture(params=["sqlite_url", "postgres_url"], ids=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database, once of each kind."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    """What makes a password slow to guess would make every test slow that signs in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staff, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The one browser of a run."""
    path = browsers.program()
    if path is None:
        pytest.skip(browsers.HOW_TO_GET_IT)
    async with browsers.launched(path) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def chromium(browser: Browser) -> AsyncIterator[browsers.Chromium]:
    """The browser with what this test opens in it; fails the test if a page asked another machine for anything."""
    running = browsers.Chromium(browser)
    yield running
    await running.close()
    assert not running.foreign


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database of each kind, open."""
    opened = Database(open_engines(database_url), Vault((b"t" * 32,)))
    yield opened
    opened.close()
