"""What the pages need, handed in by the composition root."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.channels.base import Capabilities
from bot.clock import Clock
from bot.live import Live
from bot.texts import Texts
from bot.texts.words import Catalogue
from bot.vocabulary import ChannelKind
from console.assets import Assets
from services.calendar import BusinessHours
from services.desk import Desk
from services.doctor import Seen
from services.doctor.words import catalogue as words_of_remarks
from services.handover import Handover
from services.knowledge.knowledge import Knowledge
from services.media.library import Library
from services.rules import Rules
from services.staff import SignIns
from storage.unit import Database

Account = tuple[ChannelKind, str]
"""A platform and the name of our account there."""


@dataclass(frozen=True)
class Console:
    """The console's surroundings.

    `knowledge` and `hours` give the answers and the business hours as they stand now; `examine` looks at one account;
    `secure_cookie`: the server is reached over HTTPS; `demo`: the fictional staff may sign in with one click.
    """

    database: Database
    clock: Clock
    texts: Texts
    rules: Rules
    sign_ins: SignIns
    handover: Handover
    desk: Desk
    library: Library
    knowledge: Callable[[], Knowledge]
    live: Live
    hours: Callable[[], BusinessHours]
    capabilities: Mapping[Account, Capabilities]
    examine: Callable[[Account], Awaitable[Sequence[Seen]]]
    secure_cookie: bool = True
    demo: bool = False
    public_url: str = ""
    words: Catalogue = field(default_factory=lambda: Catalogue.load("console"))
    remarks: Catalogue = field(default_factory=words_of_remarks)
    assets: Assets = field(default_factory=Assets.load)
