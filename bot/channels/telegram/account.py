"""What one Telegram bot is told: its token, how it is reached, its commands and its pace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.channels.telegram.request import Patience
from bot.vocabulary import Locale

FREE_RATE = 30
"""Messages a second that Telegram takes from any bot."""


@dataclass(frozen=True, slots=True)
class Command:
    """A line of the bot's menu: `/name`, what it says in each language, and the option value it stands for."""

    name: str
    descriptions: Mapping[Locale, str]
    choice: str


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. A killed poller is replaced after `lease` plus `retry` at the latest.

    `long_poll` must end well before the lease does: the lease is renewed between two polls only.
    """

    long_poll: int = 5
    lease: timedelta = timedelta(seconds=12)
    retry: float = 2.0
    first_pause: float = 1.0
    longest_pause: float = 60.0


@dataclass(frozen=True, slots=True)
class TelegramAccount:
    """One bot. With `secret_token` and `public_url` updates come by webhook, else by long polling.

    `paid_rate` is messages a second over the whole bot by Telegram's paid broadcast, instead of the free ones.
    `files`: staff may send pictures and files here.
    """

    token: str = field(repr=False)
    name: str = "main"
    api_root: str = "https://api.telegram.org"
    proxy: str | None = field(default=None, repr=False)
    secret_token: str | None = field(default=None, repr=False)
    public_url: str | None = None
    commands: tuple[Command, ...] = ()
    paid_rate: int | None = None
    files: bool = False
    patience: Patience = field(default_factory=Patience)
    pace: Pace = field(default_factory=Pace)

    @property
    def rate(self) -> float:
        """Messages a second over the whole bot."""
        return float(self.paid_rate or FREE_RATE)

    @property
    def hook(self) -> str | None:
        """Where Telegram is to post updates; None where it is asked for them instead."""
        if not (self.secret_token and self.public_url):
            return None
        suffix = "" if self.name == "main" else f"/{self.name}"
        return f"{self.public_url.rstrip('/')}/hooks/telegram{suffix}"
