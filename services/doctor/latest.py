"""The last look at each account, kept for the console."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.vocabulary import ChannelKind
from bot.vocabulary.health import Observation, Remark
from services.doctor import HOUSE, Seen
from storage.repositories import channel_state
from storage.repositories.channel_state import Entry
from storage.unit import Unit

KEY = "doctor"

Account = tuple[ChannelKind, str]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of one account, and when."""

    at: datetime
    seen: tuple[Seen, ...]


def place_of(account: Account) -> str:
    """How an account is named among the places."""
    kind, name = account
    return f"{kind.value}/{name}"


def keep_all(unit: Unit, seen: Sequence[Seen], now: datetime) -> None:
    """Keep what was seen of each account in the place of what was seen before; the house is not among them."""
    for place in dict.fromkeys(one.place for one in seen if one.place != HOUSE):
        rows = [[one.remark.value, dict(one.values), one.about] for one in _of(place, seen)]
        written = json.dumps([now.isoformat(), rows], ensure_ascii=False)
        channel_state.put(unit, Entry(place, KEY, written), now)


def last(unit: Unit, account: Account, now: datetime) -> Look | None:
    """The last look; None where nobody has looked, or what was seen then can no longer be said."""
    written = channel_state.get(unit, place_of(account), KEY, now)
    if written is None:
        return None
    at, rows = json.loads(written)
    try:
        found = [Observation(Remark(remark), values, about) for remark, values, about in rows]
    except ValueError:
        return None
    return Look(datetime.fromisoformat(at), tuple(Seen(place_of(account), one) for one in found))


def _of(place: str, seen: Sequence[Seen]) -> list[Observation]:
    return [one.observation for one in seen if one.place == place]
