"""kill -9 at random moments of a broadcast to 2,000: nothing lost, nothing twice, every doubtful send listed."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import select

from bot.vocabulary import DeliveryState, Purpose
from services.delivery.pump import FLIGHT
from services.delivery.submission import Fanout
from storage.models import ClientRow
from storage.repositories import doubt_lists
from storage.repositories.doubt_lists import Wanted
from tests.services.delivery.office import Office, opened

RECIPIENTS = 2000
KILLS = 3
LONGEST = 60.0
ROOT = Path(__file__).parents[2]


@dataclass
class Crew:
    """Workers of one round on one database."""

    url: str
    ledger: Path
    size: int

    def start(self, turn: int) -> "list[subprocess.Popen[bytes]]":
        """Start the round's workers."""
        command = [sys.executable, "-m", "tests.journeys.pumping", self.url, str(self.ledger), str(turn)]
        return [subprocess.Popen(command, cwd=ROOT) for _ in range(self.size)]  # noqa: S603

    def delivered(self) -> list[int]:
        """The ids of what the other side has got, in order."""
        return [int(line) for line in self._lines()]

    def _lines(self) -> list[bytes]:
        return self.ledger.read_bytes().splitlines() if self.ledger.exists() else []

    def run_until(self, turn: int, reached: int) -> None:
        """Let a round work until so many have got theirs, then kill it in the midst of things."""
        workers = self.start(turn)
        end = time.monotonic() + LONGEST
        while len(self._lines()) < reached and time.monotonic() < end:
            time.sleep(0.01)
        kill(workers)
        assert len(self.delivered()) >= reached


def kill(workers: "Sequence[subprocess.Popen[bytes]]") -> None:
    """kill -9, all of them."""
    for worker in workers:
        worker.kill()
    for worker in workers:
        worker.wait()


async def prepare(office: Office) -> None:
    """2,000 clients and a broadcast to all of them, committed."""
    await office.clients(RECIPIENTS)
    fanout = Fanout("b", Purpose.BROADCAST, "broadcast_body", parameters={"body": "明日休市。", "footer": ""})
    await office.database.write(lambda unit: office.delivery.submit_many(unit, fanout, select(ClientRow.id)))


async def test_a_killed_broadcast_loses_and_repeats_nothing(database_url: str, tmp_path: Path) -> None:
    with opened(database_url) as office:
        await prepare(office)
        crew = Crew(database_url, tmp_path / "ledger", 1 if office.database.dialect == "sqlite" else 2)
        moments = sorted(Random().sample(range(1, RECIPIENTS - 400), KILLS))  # noqa: S311 - any moment will do
        for turn, moment in enumerate(moments):
            crew.run_until(turn, moment)
        for worker in crew.start(KILLS):
            assert worker.wait(LONGEST) == 0
        rows = {row.id: row.state for row in await office.rows()}
        everything = Wanted(limit=5000)
        doubtful = {row.id for row in await office.database.read(lambda unit: doubt_lists.page(unit, everything))}
    delivered = crew.delivered()
    sent = {row_id for row_id, state in rows.items() if state is DeliveryState.SENT}
    assert len(delivered) == len(set(delivered)), moments
    assert sent | doubtful == set(rows), moments
    assert sent <= set(delivered) <= sent | doubtful, moments
    assert len(doubtful) <= KILLS * crew.size * FLIGHT, moments
