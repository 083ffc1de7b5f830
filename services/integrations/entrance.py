"""Who asks, by their token, and whether they ask too often."""

from datetime import datetime

from storage.repositories import integrations as rows
from storage.repositories import permits
from storage.repositories.integrations import Integration
from storage.repositories.permits import Pace
from storage.unit import Unit

LONGEST_TOKEN = 128
MINUTE = 60.0


def known(unit: Unit, token: str) -> Integration | None:
    """Whose token it is; nobody's where it was revoked."""
    found = rows.by_token(unit, token) if 0 < len(token) <= LONGEST_TOKEN else None
    return found if found and found.revoked_at is None else None


def admitted(unit: Unit, integration: Integration, now: datetime) -> float:
    """Take one request out of its minute; 0, or the seconds until there is one again.

    A minute's requests may come at once; they come back one by one over a minute. All processes count together.
    """
    step = MINUTE / integration.per_minute
    burst = MINUTE - step
    wait = permits.reserve(unit, f"api:{integration.id}", 1, Pace(1 / step, burst), now.timestamp())
    return max(0.0, wait - burst)
