"""The sweep for rows that nobody works on runs every other second, on an inbox that only grows."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event

from storage.repositories import inbox
from storage.unit import Unit
from tests.storage.test_batch import opened

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


async def test_the_sweep_reads_unhandled_rows_only(sqlite_url: str) -> None:
    ran: list[tuple[str, Any]] = []

    def plan(unit: Unit) -> list[str]:
        event.listen(unit.connection, "before_cursor_execute", lambda *given: ran.append((given[2], given[3])))
        inbox.orphans(unit, NOW)
        statement, values = ran[-1]
        return [str(row) for row in unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]

    with opened(sqlite_url) as database:
        steps = await database.read(plan)
    assert any("inbox USING INDEX ix_inbox_open" in step for step in steps), steps
