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
from console.prospects import Prospects
from console.queues import Queues
from services.calendar import BusinessHours
from services.delivery.submit import Delivery
from services.desk import Desk
from services.doctor import Seen
from services.doctor.words import catalogue as words_of_remarks
from services.handover import Handover
from services.imports.files import ImportFiles
from services.knowledge.editions import Editions
from services.knowledge.knowledge import Knowledge
from services.knowledge.published import Published
from services.media.library import Library
from services.rules import Rules
from services.segments.sentences import catalogue as words_of_segments
from services.staff import SignIns
from services.tables.rejections import catalogue as words_of_tables
from storage.unit import Database

Account = tuple[ChannelKind, str]
"""A platform and the name of our account there."""


@dataclass(frozen=True)
class Console:
    """The console's surroundings.

    `published` holds the answers as they stand, `sensed` gives them with what an embedder tells of a question;
    `hours` gives the business hours; `examine` looks at one account; `secure_cookie`: the server is reached over
    HTTPS; `demo`: the fictional staff may sign in with one click.
    """

    database: Database
    clock: Clock
    texts: Texts
    rules: Rules
    sign_ins: SignIns
    handover: Handover
    desk: Desk
    delivery: Delivery
    library: Library
    imports: ImportFiles
    published: Published
    sensed: Callable[[str], Awaitable[Knowledge]]
    editions: Editions
    prospects: Prospects
    live: Live
    hours: Callable[[], BusinessHours]
    capabilities: Mapping[Account, Capabilities]
    examine: Callable[[Account], Awaitable[Sequence[Seen]]]
    secure_cookie: bool = True
    demo: bool = False
    public_url: str = ""
    words: Catalogue = field(default_factory=lambda: Catalogue.load("console"))
    remarks: Catalogue = field(default_factory=words_of_remarks)
    queues: Queues = field(default_factory=Queues)
    table_words: Catalogue = field(default_factory=words_of_tables)
    segment_words: Catalogue = field(default_factory=words_of_segments)
    assets: Assets = field(default_factory=Assets.load)

    def knowledge(self) -> Knowledge:
        """What clients are answered from now."""
        return self.published.current
