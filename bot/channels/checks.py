"""What the adapters' checks share: refusals in words, our own address asked as a platform asks it, the two clocks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address

import aiohttp

from bot.errors import OutcomeUnknown, SendError, TryLater
from bot.vocabulary.health import Observation, Remark

PATIENCE = 5.0
"""Seconds; platforms wait no longer."""

DRIFT, WRONG = 30.0, 300.0
"""Seconds; requests whose time is ten minutes off are refused on both sides."""

ADDRESS_CODES = frozenset({"40164", "60020"})
"""Our address is not on the platform's list."""

TOKEN_CODES = frozenset({"401", "40001", "40013", "40014", "40125", "41001", "42001"})
"""The platform does not know the account by this token or secret."""

LONGEST = 4096
OK = 200


@dataclass(frozen=True, slots=True)
class Knock:
    """A request to an address of ours, and the answer that only we would give."""

    address: str
    expected: str
    query: Mapping[str, str] = field(default_factory=dict)
    post: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """As the platform calls."""
        return "GET" if self.post is None else "POST"


def hook(public_url: str, kind: str, account: str) -> str:
    """Where a platform calls an account."""
    suffix = "" if account == "main" else f"/{account}"
    return f"{public_url.rstrip('/')}/hooks/{kind}{suffix}"


async def knock(asked: Knock) -> Observation:
    """Whether the address is reached, and whether we are there."""
    values = {"address": asked.address}
    try:
        status, body = await _answer(asked)
    except (aiohttp.ServerTimeoutError, TimeoutError):
        return Observation(Remark.CALLBACK_SLOW, values | {"seconds": f"{PATIENCE:.0f}"})
    except (aiohttp.ClientError, ValueError) as error:
        return Observation(Remark.CALLBACK_UNREACHED, values | {"reason": type(error).__name__})
    if status != OK:
        return Observation(Remark.CALLBACK_REFUSED, values | {"status": str(status)})
    return Observation(Remark.CALLBACK_ANSWERS if body == asked.expected else Remark.CALLBACK_OTHER, values)


async def _answer(asked: Knock) -> tuple[int, str]:
    """Status and the beginning of the body."""
    limits = aiohttp.ClientTimeout(total=PATIENCE)
    async with (
        aiohttp.ClientSession(timeout=limits) as session,
        session.request(
            asked.method,
            asked.address,
            params=asked.query,
            data=asked.post,
            headers=asked.headers,
            allow_redirects=False,
        ) as answer,
    ):
        body = await answer.content.read(LONGEST)
        return answer.status, body.decode(errors="replace")


def clocks(date: str | None, now: datetime) -> Observation | None:
    """A platform's `Date` beside our time; None where it gave none that can be read."""
    try:
        ahead = (now - parsedate_to_datetime(date or "")).total_seconds()
    except (TypeError, ValueError):
        return None
    if abs(ahead) < DRIFT:
        remark = Remark.CLOCK_AGREES
    else:
        remark = Remark.CLOCK_DRIFTS if abs(ahead) < WRONG else Remark.CLOCK_WRONG
    return Observation(remark, {"seconds": f"{ahead:+.0f}"})


def refused(error: SendError, about: str = "") -> Observation:
    """What it means that the platform did not do what was asked."""
    if isinstance(error, TryLater | OutcomeUnknown):
        return Observation(Remark.ACCOUNT_UNREACHED, {"reason": error.detail or error.code}, about)
    if error.code in ADDRESS_CODES:
        return Observation(Remark.ADDRESS_REFUSED, {"ip": _address_in(error.detail), "code": error.code}, about)
    remark = Remark.ACCESS_REFUSED if error.code in TOKEN_CODES else Remark.ACCOUNT_REFUSED
    return Observation(remark, {"code": error.code, "words": error.detail or type(error).__name__}, about)


def _address_in(words: str) -> str:
    """The address that the platform saw, as it tells it; a dash where it tells none."""
    for part in re.split(r"[\s,;\[\]]+", words):
        try:
            return str(ip_address(part))
        except ValueError:
            continue
    return "–"
