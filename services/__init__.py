"""The business rules, one module or package per noun.

Services are frozen data classes built once by the composition root, or plain functions; what they change they change
through the `Unit` handed to them. Handlers see them as one `Services`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.channels.base import Capabilities
from bot.texts import Texts
from bot.vocabulary import Addressee, ChannelKind, Locale
from services.commands import Commands
from services.consents import Consents
from services.handover import Handover
from services.identity import Identity
from services.intakes import Intakes
from services.knowledge.knowledge import Knowledge
from services.knowledge.published import Published
from services.language.writer import Writer
from services.lessons.library import Library, packaged
from services.questions import Questions
from services.rules import Rules
from services.tickets import Tickets
from storage.unit import Unit


@dataclass(frozen=True)
class Services:
    """Everything a handler may use; `accounts` are the capabilities of each account of each platform.

    `writer` is the language model, where the branch has one.
    """

    rules: Rules
    texts: Texts
    accounts: Mapping[tuple[ChannelKind, str], Capabilities]
    commands: Commands
    published: Published
    questions: Questions
    tickets: Tickets
    intakes: Intakes
    handover: Handover
    identity: Identity
    consents: Consents
    writer: Writer | None = None
    lessons: Library = field(default_factory=packaged)

    @property
    def knowledge(self) -> Knowledge:
        """What clients are answered from now."""
        return self.published.current

    def draws_buttons(self, chat: Addressee) -> bool:
        """Whether options appear as buttons there, not as a list in the text."""
        capabilities = self.accounts.get((chat.channel, chat.account))
        return capabilities is not None and capabilities.buttons > 0

    def knows_phones(self, chat: Addressee) -> bool:
        """Whether clients can share their telephone number there, and the platform vouches for it."""
        capabilities = self.accounts.get((chat.channel, chat.account))
        return capabilities is not None and capabilities.own_phone

    def hears(self, chat: Addressee) -> bool:
        """Whether what a client writes there reaches us."""
        capabilities = self.accounts.get((chat.channel, chat.account))
        return capabilities is None or capabilities.hears

    def hears_personal(self, chat: Addressee) -> bool:
        """Whether personal data may go over that platform."""
        capabilities = self.accounts.get((chat.channel, chat.account))
        return capabilities is not None and capabilities.personal_data_allowed

    def label(self, name: str, locale: Locale) -> str:
        """A name for a value, to be a parameter of a text."""
        return self.texts.label(name, locale)


__all__ = ["Rules", "Services", "Unit"]
