"""One go at a lane: what it was found to hold, and what of it is on its way at the same time."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.delivery.merging import Ready
from services.delivery.screening import Chunk
from services.delivery.sending import Ending
from storage.repositories.claims import Lane


@dataclass
class Tour:
    """Several flights share it; each takes its next messages under `turn`, so that a lane's order is kept.

    `limit` rows are looked at in one transaction, `size` messages go together. `over`: there is nothing more to take;
    `resting`: the lane may not send for a while; `seen`: it held anything at all; `moved`: it is worth coming back.
    """

    lane: Lane
    limit: int
    size: int
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    over: bool = False
    resting: bool = False
    seen: bool = False
    moved: bool = False
    _ready: deque[Ready] = field(default_factory=deque)
    _progress: bool = True
    _more: bool = True
    _airborne: set[str] = field(default_factory=set)

    @property
    def hungry(self) -> bool:
        """Whether the database has to be asked before there is a next flight."""
        return not self._ready

    @property
    def exhausted(self) -> bool:
        """Whether asking it is in vain: the last look took everything, or none of it could go."""
        return not (self._more and self._progress)

    def feed(self, chunk: Chunk) -> None:
        """What a look at the lane has brought."""
        self._ready.extend(chunk.ready)
        self._more = chunk.seen >= self.limit
        self._progress = chunk.seen > len(chunk.ready)
        self.seen = self.seen or chunk.seen > 0
        self.moved = self.moved or self._progress

    def next(self) -> list[Ready]:
        """Those that may go together: a chat that has a message on its way is left for a later look."""
        flight: list[Ready] = []
        while self._ready and len(flight) < self.size:
            one = self._ready.popleft()
            if one.due.address not in self._airborne:
                flight.append(one)
        return flight

    def took_off(self, flight: Sequence[Ready]) -> None:
        """They are being sent."""
        self._progress = self.moved = True
        self._airborne |= {one.due.address for one in flight}

    def heard(self, endings: Sequence[Ending]) -> None:
        """How they ended; before it is written down, so that no further flight begins where the lane has to rest."""
        self.resting = self.resting or any(ending.pause_until for ending in endings)

    def landed(self, flight: Sequence[Ready]) -> None:
        """What became of them is written down."""
        self._airborne -= {one.due.address for one in flight}
