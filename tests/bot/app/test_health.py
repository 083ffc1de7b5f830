"""Whoever watches the service sees that its database is gone, and no fault of ours."""

from typing import cast

import httpx
import pytest
from starlette.applications import Starlette

from bot.app.health import Health
from bot.errors import DatabaseBusy
from storage.unit import Database


class Gone:
    """A database that nobody reaches."""

    async def read(self, *_work: object, **_told: object) -> None:
        """Never."""
        raise DatabaseBusy("gone")


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/readyz", 503), ("/metrics", 503)])
async def test_without_a_database_the_process_lives_and_is_not_ready(path: str, status: int) -> None:
    app = Starlette(routes=Health(cast(Database, Gone())).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://watched") as client:
        assert (await client.get(path)).status_code == status
