"""A database that commands open by themselves, with what a module says is in it."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from functools import cache

import pytest

from bot import settings
from bot.app import open_database
from bot.vocabulary import Role
from services.staff import hash_password
from storage.repositories import staff
from storage.repositories.staff import NewStaff
from storage.unit import Database, Unit

PASSWORD = "correct horse"


@cache
def known_hash() -> str:
    """The hash of the password of all staff here, made once: making one is meant to take its time."""
    return hash_password(PASSWORD)


def hire(unit: Unit, number: str, role: Role, now: datetime) -> int:
    """Add somebody who signs in with the password."""
    return staff.add(unit, NewStaff(number, number, [role], known_hash(), must_change=False), now)


@pytest.fixture
def filled(request: pytest.FixtureRequest, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database of the environment, after the module's `fill`."""
    monkeypatch.setenv("QUANFU_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("QUANFU_PASSWORD", PASSWORD)
    opened = open_database(settings.load())
    asyncio.run(opened.write(request.module.fill))
    yield opened
    opened.close()
