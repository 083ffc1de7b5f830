"""An entry of the knowledge base as it is published."""

from dataclasses import dataclass
from datetime import date

CATEGORIES = (
    "account",
    "security",
    "transfer",
    "trading",
    "fees",
    "ipo",
    "bond",
    "permission",
    "margin",
    "fund",
    "corporate",
    "suitability",
    "app",
    "statement",
    "service",
    "branch",
    "education",
)
"""What entries are about."""

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
    not_about: tuple[str, ...] = ()
    """Questions that sound alike and belong to neighbours."""
    review_on: date | None = None
    """From this day on the answer is given, and somebody has to look whether it still holds."""
    notice: bool | None = None
    """Whether the standard risk notice is due, where it is not as in the rest of the category."""

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
        return self.category in RISK_NOTICE_CATEGORIES if self.notice is None else self.notice

    def overdue(self, today: date) -> bool:
        """Whether it should have been looked at again by that day."""
        return self.review_on is not None and self.review_on <= today
