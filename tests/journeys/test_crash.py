"""Workers killed at random moments of a broadcast on which everything goes wrong: nobody gets two, nobody is lost.

`make proof` sends to 5,000; PROOF_RECIPIENTS says to how many.
"""

import logging
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

from sqlalchemy import select

from bot.vocabulary import DeliveryState, Purpose
from services.delivery.pump import FLIGHT, FLIGHTS
from services.delivery.submission import Fanout
from storage.models import ClientRow
from tests.journeys import pumping
from tests.journeys.misfortunes import ONCE, Ledger, Misfortune, misfortune
from tests.journeys.pumping import Job
from tests.services.delivery.office import Office, opened

log = logging.getLogger(__name__)

RECIPIENTS = int(os.environ.get("PROOF_RECIPIENTS", "600"))
KILLS = max(3, RECIPIENTS // 400)
LONGEST = 120.0
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload([pumping.__name__])

End = tuple[DeliveryState, str | None]
INTERRUPTED: End = (DeliveryState.UNCERTAIN, "interrupted")
ENDS: dict[Misfortune, End] = {
    **dict.fromkeys((Misfortune.NONE, *ONCE), (DeliveryState.SENT, None)),
    Misfortune.GONE: (DeliveryState.FAILED, "gone"),
    Misfortune.REFUSED: (DeliveryState.FAILED, "content_refused"),
    Misfortune.SHUT: (DeliveryState.PENDING, "window"),
    Misfortune.LOST_AFTER: (DeliveryState.UNCERTAIN, "unknown"),
    Misfortune.LOST_BEFORE: (DeliveryState.UNCERTAIN, "unknown"),
    Misfortune.BUG: (DeliveryState.UNCERTAIN, "fault"),
}
ARRIVING = frozenset({Misfortune.NONE, Misfortune.LOST_AFTER, *ONCE})


@dataclass
class Crew:
    """Workers on one database, of whom one or another is killed and replaced."""

    job: Job
    size: int
    workers: list[BaseProcess] = field(default_factory=list)

    def start(self) -> None:
        """One more worker."""
        worker = FORKS.Process(target=pumping.work, args=(self.job,), daemon=True)
        worker.start()
        self.workers.append(worker)

    def kill_at(self, reached: int, chance: Random) -> None:
        """Once so many messages have arrived, kill somebody in the midst of it; another takes the place."""
        ledger, end = Ledger(self.job.ledger), time.monotonic() + LONGEST
        while ledger.count < reached and time.monotonic() < end:
            time.sleep(0.003)
        victim = self.workers.pop(chance.randrange(self.size))
        assert victim.is_alive()
        victim.kill()
        victim.join()
        self.start()

    def finish(self) -> None:
        """Let them come to their end."""
        for worker in self.workers:
            worker.join(LONGEST)
            assert worker.exitcode == 0


async def prepare(office: Office) -> None:
    """The clients and a broadcast to all of them, committed."""
    await office.clients(RECIPIENTS)
    fanout = Fanout("b", Purpose.BROADCAST, "broadcast_body", parameters={"body": "明日休市。", "footer": ""})
    await office.database.write(lambda unit: office.delivery.submit_many(unit, fanout, select(ClientRow.id)))


async def test_nobody_gets_two_and_nobody_is_lost_without_a_reason(database_url: str, tmp_path: Path) -> None:
    chance = Random()  # noqa: S311 - any moment will do
    with opened(database_url) as office:
        await prepare(office)
        job = Job(database_url, tmp_path / "ledger", RECIPIENTS, time.monotonic())
        crew = Crew(job, 1 if office.database.dialect == "sqlite" else 3)
        for _ in range(crew.size):
            crew.start()
        moments = sorted(chance.sample(range(1, RECIPIENTS * 6 // 10), KILLS))
        for moment in moments:
            crew.kill_at(moment, chance)
        crew.finish()
        rows = await office.rows()
    ends: dict[int, End] = {row.id: (row.state, row.rule) for row in rows}
    check(ends, Ledger(job.ledger).delivered(), f"killed at {moments}")
    log.info("%s: %s", office.database.dialect, told(ends, moments))


def check(ends: dict[int, End], delivered: list[int], when: str) -> None:
    """Everybody has what their misfortune leads to, or stands listed as interrupted; nobody has it twice."""
    met = {delivery_id: misfortune(delivery_id, RECIPIENTS) for delivery_id in ends}
    interrupted = {delivery_id for delivery_id, end in ends.items() if end == INTERRUPTED}
    sent = {delivery_id for delivery_id, (state, _) in ends.items() if state is DeliveryState.SENT}
    assert len(ends) == RECIPIENTS
    assert len(delivered) == len(set(delivered)), when
    assert {one: ends[one] for one in ends if one not in interrupted} == {
        one: ENDS[met[one]] for one in ends if one not in interrupted
    }, when
    assert sent <= set(delivered), when
    assert {one for one in met if met[one] in ARRIVING} - interrupted <= set(delivered), when
    assert not {one for one in delivered if met[one] not in ARRIVING}, when
    assert len(interrupted) <= KILLS * FLIGHTS * FLIGHT, when


def told(ends: dict[int, End], moments: list[int]) -> str:
    """The outcomes, counted."""
    counted = Counter(f"{state} ({rule})" if rule else str(state) for state, rule in ends.values())
    found = ", ".join(f"{number} {end}" for end, number in sorted(counted.items()))
    return f"{len(ends)} recipients, {len(moments)} workers killed, nobody got two: {found}"
