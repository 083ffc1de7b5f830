"""What would come of a publication: seconds of training, so made once for each, off the event loop."""

import asyncio
from dataclasses import dataclass, field

from services.knowledge.published import Published
from services.knowledge.publishing import Prospect, Publishing, Wanted
from storage.repositories.staff import Staff
from storage.unit import Database

KEPT_SECONDS = 600


@dataclass
class Prospects:
    """Holds the latest one, for the page that shows it, the box that tries it, and the press that publishes it.

    One at a time: a knowledge base takes tens of megabytes.
    """

    database: Database
    publishing: Publishing
    published: Published
    _latest: Prospect | None = None
    _end: asyncio.TimerHandle | None = None
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, staff: Staff, wanted: Wanted) -> Prospect:
        """The prospect as everything stands now; Conflict where an edition is not as it was seen."""
        async with self._one:
            proposal = await self.database.read(lambda unit: self.publishing.read(unit, staff, wanted))
            if self._latest is None or self._latest.proposal != proposal:
                self.forget()
                here = self.published.version == proposal.stock.version
                current = self.published.current if here else None
                self._latest = await asyncio.to_thread(self.publishing.think, proposal, current)
            latest = self._latest
            self._keep(latest)
            return latest

    def _keep(self, prospect: Prospect) -> None:
        """Until nobody has looked at it for a while."""
        self.forget()
        self._latest = prospect
        self._end = asyncio.get_running_loop().call_later(KEPT_SECONDS, self.forget)

    def forget(self) -> None:
        """It was published, or is no longer looked at."""
        self._latest = None
        if self._end is not None:
            self._end.cancel()
