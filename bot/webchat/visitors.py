"""Who is at the page: a random id in a signed cookie, and how much of us they may ask."""

import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from itsdangerous import BadSignature, Signer

COOKIE = "quanfu_visitor"
HEADER = "x-quanfu-visitor"
"""In which a page in a frame says whose it is; the value is that of the cookie."""
COOKIE_SECONDS = 180 * 24 * 3600

_MINUTE = timedelta(minutes=1)
_TRACKED = 10_000


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
    """Messages a minute, counted in this process: per visitor, and per network address for all visitors there."""

    per_visitor: int = 20
    per_address: int = 120
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

    def _recent(self, name: str, now: datetime) -> deque[datetime]:
        if len(self._times) > _TRACKED:
            self._times = {name: times for name, times in self._times.items() if times and now - times[-1] < _MINUTE}
        times = self._times.setdefault(name, deque())
        while times and now - times[0] >= _MINUTE:
            times.popleft()
        return times
