"""An entry of the knowledge base as it is published."""

from dataclasses import dataclass
from datetime import date

RISK_NOTICE_CATEGORIES = frozenset(
    {"trading", "ipo", "bond", "permission", "margin", "fund", "corporate", "suitability", "education"}
)
"""Categories on the market or on products, whose answers end with the standard risk notice."""


@dataclass(frozen=True)
class Wording:
    """How an entry is asked and answered in one language."""

    question: str
    phrasings: tuple[str, ...]
    answer: str


@dataclass(frozen=True)
class Approval:
    """Who released this version, and when; both absent until somebody did."""

    version: int = 1
    by: str | None = None
    on: date | None = None


@dataclass(frozen=True)
class Entry:
    """One question of the branch's knowledge base with its answer."""

    entry_id: str
    category: str
    chinese: Wording
    english: Wording | None
    related: tuple[str, ...]
    date_check: bool
    approval: Approval = Approval()

    @property
    def question(self) -> str:
        """The Chinese question as it is listed."""
        return self.chinese.question

    @property
    def answer(self) -> str:
        """The Chinese answer."""
        return self.chinese.answer

    @property
    def answer_en(self) -> str | None:
        """The English answer where one was written."""
        return self.english.answer if self.english else None

    @property
    def version(self) -> int:
        """The number of the published version."""
        return self.approval.version

    @property
    def approved_by(self) -> str | None:
        """The member of staff who released the version."""
        return self.approval.by

    @property
    def approved_on(self) -> date | None:
        """The branch's date of the release."""
        return self.approval.on

    @property
    def risk_notice(self) -> bool:
        """Whether the standard risk notice is due below the answer."""
        return self.category in RISK_NOTICE_CATEGORIES
