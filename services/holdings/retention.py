"""Lets go, a share of the clients each night, of days long past: `storage/seeds/retention.yaml` says which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from storage import seeds
from storage.repositories import thinning as rows
from storage.repositories.thinning import Past, Share, Standing
from storage.unit import Database, Unit

CHUNK = 100
"""Clients in one transaction: of each some twenty days with all that was held."""
NIGHTS = 28
"""After so many nights it is everybody's turn again."""
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a transaction did: the last client whom it saw to, and how many days went."""

    last: int
    days: int


async def thin(database: Database, today: date) -> int:
    """See to tonight's share of the clients; returns how many of their days went.

    It may be broken off and done again.
    """
    share, last, days = Share(today.toordinal() % NIGHTS, NIGHTS), 0, 0
    while turn := await database.write(partial(_chunk, share=share, after=last), PATIENCE):
        last, days = turn.last, days + turn.days
    return days


def _chunk(unit: Unit, share: Share, after: int) -> _Turn | None:
    following = rows.following(unit, share, after, CHUNK)
    if not following:
        return None
    days = sum(rows.thin(unit, clients, past(newest)) for newest, clients in _ready(following).items())
    return _Turn(following[-1].client_id, days)


def _ready(following: Sequence[Standing]) -> Mapping[date, Sequence[int]]:
    """Clients by their newest day; not those of whom something so old was told anew that it is not reckoned yet."""
    found: dict[date, list[int]] = {}
    for one in following:
        if one.due is None or one.due >= past(one.newest).thin:
            found.setdefault(one.newest, []).append(one.client_id)
    return found


def past(newest: date) -> Past:
    """What of a client may go whose newest day this is; whole months only, so that a month's last day is known."""
    kept = seeds.read("retention.yaml")["statements"]
    month = newest.replace(day=1)
    thin = (newest - timedelta(days=int(kept["every_day"]))).replace(day=1)
    return Past(thin, month.replace(year=month.year - int(kept["month_ends"])))
