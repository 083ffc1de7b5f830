"""What the adapter is told of one corp."""

from dataclasses import dataclass, field
from datetime import timedelta

from bot.channels.tencent.platform import Patience

LONGEST = 2048
"""Bytes of UTF-8 in one text; of a longer one the platform cuts the end off."""

LONGEST_HEAD = 1024
"""Bytes of UTF-8 above the lines of a menu."""

MOST_LINES = 10
"""Lines of a menu."""

LEAST_ACCOUNTS = 200
"""Members that every corp may have; the more it may have, the more its app may say."""

DAILY = 200
"""Messages of the app a day for each of the members that the corp may have, whoever gets them."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How desks and results are pulled, in seconds unless said otherwise.

    `lease`: after so long another process takes over from one that was killed; `look`: until another process's
    callback is noticed; `sweep`: between pulls that no callback asked for; `results`: between two looks at what
    members did about mass messages.
    """

    lease: timedelta = timedelta(seconds=12)
    look: float = 1.0
    sweep: timedelta = timedelta(minutes=5)
    first_pause: float = 1.0
    longest_pause: float = 60.0
    results: float = 300.0


@dataclass(frozen=True, slots=True)
class WecomAccount:
    """Keys and parts of the corp under the account `name`; secrets stay out of its representation.

    `accounts`: how many members the corp may have.
    """

    name: str
    corp_id: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    previous_aes_key: str | None = field(default=None, repr=False)
    kf_ids: tuple[str, ...] = ()
    kf_secret: str | None = field(default=None, repr=False)
    agent_id: int | None = None
    secret: str | None = field(default=None, repr=False)
    accounts: int = LEAST_ACCOUNTS
    contact_secret: str | None = field(default=None, repr=False)
    robot_key: str | None = field(default=None, repr=False)
    api_root: str = "https://qyapi.weixin.qq.com"
    patience: Patience = field(default_factory=Patience)
    pace: Pace = field(default_factory=Pace)

    @property
    def app_name(self) -> str:
        """The account whose chats are the members' with the corp's own app."""
        return f"{self.name}-app"

    @property
    def contacts_name(self) -> str:
        """The account whose chats are clients as contacts of members."""
        return f"{self.name}-contacts"
