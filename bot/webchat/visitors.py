"""Who is at the page: a random id in a signed cookie, and how much of us they may ask."""

import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address

from itsdangerous import BadSignature, Signer

from storage.repositories import permits
from storage.repositories.permits import Pace
from storage.unit import Unit

COOKIE = "quanfu_visitor"
HEADER = "x-quanfu-visitor"
"""In which a page in a frame says whose it is; the value is that of the cookie."""
COOKIE_SECONDS = 180 * 24 * 3600

_MINUTE = timedelta(minutes=1)
_TRACKED = 10_000
_GRAIN = 0.01
"""Seconds: sums of instants are a little off."""


def signed(key: bytes, visitor: str) -> str:
    """The cookie's value."""
    return Signer(key, salt="visitor").sign(visitor).decode()


def known(key: bytes, cookie: str | None) -> str | None:
    """The visitor of a cookie, if it is one of ours."""
    try:
        return Signer(key, salt="visitor").unsign(cookie or "").decode()
    except BadSignature:
        return None


def fresh() -> str:
    """A new visitor."""
    return secrets.token_urlsafe(16)


def network(host: str) -> str:
    """What counts as one address: an IPv4 address, or the 64 bits that one IPv6 line is given."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))


@dataclass
class Limits:
    """Messages a minute: per visitor, and per network address for all visitors there.

    Counted in this process; where several share a database, also in rows under this `name`, which hold for all of them.
    """

    per_visitor: int = 20
    per_address: int = 120
    name: str = "messages"
    _times: dict[str, deque[datetime]] = field(default_factory=dict)

    def allow(self, visitor: str, address: str, now: datetime) -> bool:
        """Whether one more may come now; it counts if so."""
        own = self._recent(f"visitor {visitor}", now)
        shared = self._recent(f"address {network(address)}", now)
        if len(own) >= self.per_visitor or len(shared) >= self.per_address:
            return False
        own.append(now)
        shared.append(now)
        return True

    def reserve(self, unit: Unit, visitor: str, address: str, now: datetime) -> bool:
        """Whether one more may come as all processes together see it; of who asks a keyed digest is kept, for an hour.

        As many as a minute allows may come at once, and then as many as the time since allows. What one process lets
        through alone is never refused here.
        """
        asked = ((f"visitor {visitor}", self.per_visitor), (f"address {network(address)}", self.per_address))
        key = unit.vault.derive("webchat")
        return all(_free(unit, f"chat:{self.name}:{_digest(key, who)}", most, now) for who, most in asked)

    def _recent(self, name: str, now: datetime) -> deque[datetime]:
        if len(self._times) > _TRACKED:
            self._times = {name: times for name, times in self._times.items() if times and now - times[-1] < _MINUTE}
        times = self._times.setdefault(name, deque())
        while times and now - times[0] >= _MINUTE:
            times.popleft()
        return times


def _free(unit: Unit, lane: str, most: int, now: datetime) -> bool:
    minute = _MINUTE.total_seconds()
    pace = Pace(most / minute, minute - minute / most + _GRAIN)
    return permits.reserve(unit, lane, 1, pace, now.timestamp()) <= pace.patience


def _digest(key: bytes, who: str) -> str:
    return blake2b(who.encode(), key=key[:64], digest_size=16).hexdigest()
