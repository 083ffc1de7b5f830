"""What a client agreed to, one purpose at a time, and stopping everything at once."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.vocabulary import ConsentPurpose
from services import audit
from services.audit import Deed
from storage.repositories import consents as rows
from storage.repositories import preferences
from storage.repositories.consents import Statement
from storage.unit import Unit

__all__ = ["VERSION", "Consents", "Statement"]

VERSION = "2026-11"
"""Version of the words clients agree to."""


@dataclass(frozen=True, slots=True)
class Consents:
    """Gives, takes back and tells consents."""

    def current(self, unit: Unit, client_id: int) -> frozenset[ConsentPurpose]:
        """The purposes the client agrees to now; what was never asked is not agreed to."""
        return rows.granted(unit, client_id)

    def state(self, unit: Unit, statement: Statement) -> None:
        """Record a client's yes or no to one purpose."""
        rows.add(unit, statement)

    def agree(self, unit: Unit, statement: Statement) -> None:
        """A yes; where everything was stopped, from now on comes this and nothing that was agreed to before."""
        if preferences.of(unit, statement.client_id).opted_out:
            for purpose in sorted(rows.granted(unit, statement.client_id) - {statement.purpose}):
                rows.add(unit, replace(statement, purpose=purpose, granted=False))
            self.opt_in(unit, statement.client_id, statement.at)
        rows.add(unit, statement)

    def opt_out(self, unit: Unit, client_id: int, now: datetime) -> None:
        """Stop everything that is not essential from this instant on; the single consents stay on record."""
        rows.set_opted_out(unit, client_id, now)
        audit.record(unit, Deed("client.opt_out", f"client:{client_id}", now))

    def opt_in(self, unit: Unit, client_id: int, now: datetime) -> None:
        """Take the stop back; only purposes agreed to before come again."""
        rows.set_opted_out(unit, client_id, None)
        audit.record(unit, Deed("client.opt_in", f"client:{client_id}", now))
