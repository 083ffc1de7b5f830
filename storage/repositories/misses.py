"""Writing questions that found no certain answer."""

from dataclasses import dataclass
from datetime import datetime

from bot.vocabulary import Locale
from storage.models import MissRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Miss:
    """A question the curators should see; `nearest` is the entry that came closest, with its score."""

    question: str
    locale: Locale
    outcome: str
    channel: str
    conversation_id: int | None
    at: datetime
    nearest: str | None = None
    score: float | None = None


def add(unit: Unit, miss: Miss) -> None:
    """Keep a miss."""
    unit.session.add(
        MissRow(
            question=miss.question,
            locale=miss.locale,
            outcome=miss.outcome,
            channel=miss.channel,
            conversation_id=miss.conversation_id,
            nearest=miss.nearest,
            score=miss.score,
            at=miss.at,
        )
    )
    unit.flush()
