"""What the dispatcher is made of."""

from dataclasses import dataclass, field
from datetime import timedelta

from bot.clock import Clock
from bot.dispatcher.conclusion import ClientWrote, Submit
from bot.dispatcher.turns import Finder
from bot.dispatcher.typing import Typing, unseen
from bot.messages import Reply
from bot.routing import Router
from services import Services
from storage.repositories.inbox import Lease
from storage.unit import Database


@dataclass(frozen=True)
class Parts:
    """What the dispatcher is made of. `holder` names this process in leases; `busy` is said when a turn keeps failing.

    `pauses`: seconds before a failed turn is tried again; one try more than there are pauses. `think_seconds` is
    the most a handler may take, and less than `lease_span`, so that turns of one conversation never overlap.
    `busy_seconds`: how long a busy database is tried again; it ends so early that no try outlasts the lease.
    """

    database: Database
    router: Router
    services: Services
    submit: Submit
    find: Finder
    client_wrote: ClientWrote
    clock: Clock
    holder: str
    busy: Reply
    typing: Typing = field(default_factory=lambda: Typing(unseen))
    pauses: tuple[float, ...] = (0.1, 0.5)
    think_seconds: float = 20.0
    busy_seconds: float = 12.0
    lease_span: timedelta = timedelta(seconds=30)
    sweep_seconds: float = 2.0

    def lease(self) -> Lease:
        """A lease from now on, in this process's name."""
        now = self.clock.now()
        return Lease(self.holder, now, now + self.lease_span)
