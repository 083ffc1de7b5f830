"""What the WeChat double knows of an account: its rights, its followers, their reply budgets."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from bot.clock import Clock, branch_date

EVERYTHING = frozenset({"custom", "msgmenu", "template", "notice", "mass", "massall", "tags", "menu", "qrcode"})
DAILY_LIMITS = {
    "token": 2_000,
    "stable_token": 500_000,
    "message/custom/send": 500_000,
    "message/template/send": 100_000,
    "message/subscribe/bizsend": 100_000,
    "user/info": 5_000_000,
    "qrcode/create": 100_000,
    "message/mass/send": 100,
    "message/mass/sendall": 100,
    "message/mass/preview": 100,
    "menu/create": 1_000,
}
RIGHTS = {
    "message/custom/send": "custom",
    "message/template/send": "template",
    "message/subscribe/bizsend": "notice",
    "message/mass/send": "mass",
    "message/mass/sendall": "massall",
}
TYPING_LASTS = timedelta(seconds=15)
TYPING_WITHIN = timedelta(seconds=30)
MASS_A_MONTH = 4


class Refusal(Exception):
    """The platform says no: HTTP 200 with this error code; `extra` fields go along."""

    def __init__(self, code: int, words: str, **extra: int) -> None:
        super().__init__(words)
        self.code = code
        self.extra = extra


@dataclass
class Window:
    """How many customer-service messages may still be sent, and until when."""

    until: datetime
    left: int


@dataclass
class Follower:
    """A WeChat client as this account knows them; stays known after unfollowing."""

    openid: str
    subscribed: bool = True
    subscribed_at: datetime | None = None
    windows: dict[str, Window] = field(default_factory=dict)
    last_exchange: datetime | None = None
    typing_until: datetime | None = None
    consents: Counter[str] = field(default_factory=Counter)
    mass_months: Counter[tuple[int, int]] = field(default_factory=Counter)

    def wrote(self, now: datetime) -> None:
        """A message from the client: five answers within 48 hours."""
        self.windows["message"] = Window(now + timedelta(hours=48), 5)
        self.last_exchange = now

    def acted(self, now: datetime) -> None:
        """Followed, scanned or clicked a menu: three answers within a minute."""
        self.windows["action"] = Window(now + timedelta(minutes=1), 3)
        self.last_exchange = now

    def spend(self, now: datetime) -> None:
        """Use one answer of the window that closes first; Refusal 45015 or 45047 when there is none."""
        still_open = [window for window in self.windows.values() if now < window.until]
        if not self.subscribed or not still_open:
            raise Refusal(45015, "response out of time limit or subscription is canceled")
        usable = [window for window in still_open if window.left]
        if not usable:
            raise Refusal(45047, "out of response count limit")
        min(usable, key=lambda window: window.until).left -= 1
        self.last_exchange = now
        self.typing_until = None

    def begin_typing(self, now: datetime) -> None:
        """Show "typing" for 15 s; Refusal 45080 without an exchange just before, 45081 while it shows."""
        if self.last_exchange is None or now - self.last_exchange > TYPING_WITHIN:
            raise Refusal(45080, "no exchange within 30 seconds")
        if self.typing_until is not None and now < self.typing_until:
            raise Refusal(45081, "already typing")
        self.typing_until = now + TYPING_LASTS

    def accepts_mass(self, now: datetime) -> bool:
        """Count one mass message; False when this month's four are used or the account is not followed."""
        day = branch_date(now)
        if not self.subscribed or self.mass_months[day.year, day.month] >= MASS_A_MONTH:
            return False
        self.mass_months[day.year, day.month] += 1
        return True


@dataclass
class MassJob:
    """A mass send that was taken: the key it came with, when, for how many, and who really got it."""

    msg_id: int
    key: str
    at: datetime
    total: int
    form: str = "text"
    status: str = "SENDING"
    reached: tuple[str, ...] = ()


@dataclass
class Tag:
    """A tag and those who have it."""

    name: str
    openids: set[str] = field(default_factory=set)


@dataclass
class Account:
    """The account's state. With `open_door` any openid is a follower in an open window.

    Mass sends end at once with `mass_outcome`, unless `mass_waits`; `mass_events` says whether an event tells of it.
    """

    clock: Clock
    permissions: frozenset[str] = EVERYTHING
    open_door: bool = False
    followers: dict[str, Follower] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    notices: dict[str, str] = field(default_factory=dict)
    template_keys: dict[tuple[str, str], tuple[datetime, int]] = field(default_factory=dict)
    media: set[str] = field(default_factory=set)
    jobs: list[MassJob] = field(default_factory=list)
    jobs_a_day: int | None = None
    mass_outcome: str = "send success"
    mass_events: bool = True
    mass_waits: bool = False
    tags: dict[int, Tag] = field(default_factory=dict)
    menu: dict[str, object] | None = None
    scenes: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=lambda: dict(DAILY_LIMITS))
    used: Counter[tuple[str, str]] = field(default_factory=Counter)
    numbers: "count[int]" = field(default_factory=lambda: count(24_300_000_000_000_001))

    def known(self, openid: str) -> Follower:
        """The client behind an openid; Refusal 40003 when this account never met them."""
        if openid not in self.followers and self.open_door and openid:
            self.follower(openid).wrote(self.clock.now())
        if openid not in self.followers:
            raise Refusal(40003, "invalid openid")
        return self.followers[openid]

    def follower(self, openid: str) -> Follower:
        """The client, made a follower on first mention."""
        new = Follower(openid, subscribed_at=self.clock.now())
        return self.followers.setdefault(openid, new)

    def require(self, permission: str) -> None:
        """Refusal 48001 when the account lacks the right."""
        if permission not in self.permissions:
            raise Refusal(48001, "api unauthorized")

    def count_call(self, method: str) -> None:
        """Refusal 45009 beyond the day's limit; days end at midnight in Beijing."""
        key = (method, branch_date(self.clock.now()).isoformat())
        if method in self.limits and self.used[key] >= self.limits[method]:
            raise Refusal(45009, "reach max api daily quota limit")
        self.used[key] += 1

    def quota(self, method: str) -> dict[str, int]:
        """Limit, used and remaining calls of today; Refusal 76021 without a limit, 76022 without the right."""
        if method in RIGHTS and RIGHTS[method] not in self.permissions:
            raise Refusal(76022, "could not use this cgi_path, no permission")
        if method not in self.limits:
            raise Refusal(76021, "cgi_path not found, please check")
        limit = self.limits[method]
        used = self.used[method, branch_date(self.clock.now()).isoformat()]
        return {"daily_limit": limit, "used": used, "remain": limit - used}
