"""Tables that grow without bound are searched by an index where a clock or a page asks them again and again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from storage.repositories import audit_lists, orphans
from storage.repositories.audit_lists import Wanted
from storage.unit import Unit
from tests.storage.test_batch import opened

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
DAY = Wanted(since=NOW - timedelta(days=1), until=NOW)


@pytest.mark.parametrize(
    ("work", "index"),
    [
        (lambda unit: orphans.expire(unit, NOW), "ix_deliveries_expires_at (expires_at<?)"),
        (lambda unit: audit_lists.page(unit, DAY, None, 50), "ix_audit_at_id (at>? AND at<?)"),
        (lambda unit: audit_lists.following(unit, DAY, 0, 50), "ix_audit_at_id (at>? AND at<?)"),
    ],
)
async def test_what_is_looked_for_by_time_is_found_by_an_index(
    sqlite_url: str, work: Callable[[Unit], object], index: str
) -> None:
    asked: list[tuple[str, Any]] = []

    def plans(unit: Unit) -> str:
        event.listen(unit.connection, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
        work(unit)
        statement, values = asked[-1]
        return str(unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())

    with opened(sqlite_url) as database:
        assert index in await database.write(plans)
