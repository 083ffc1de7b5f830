"""What requests with a one-time key were answered, so that a repeat gets the same."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.models import ApiAnswerRow
from storage.unit import Unit

BODY = "api_answers.body"
"""Place under which answers are sealed: they may hold personal data and bind codes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request by whose it is and its key; `digest` is of all that it asks."""

    integration_id: int
    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's status and body."""

    status: int
    body: str


def former(unit: Unit, asked: Asked, since: datetime) -> tuple[bytes, Answer] | None:
    """The digest of the request that used the key since an instant, and what it was answered."""
    row = ApiAnswerRow
    mine = (row.integration_id == asked.integration_id, row.key == asked.key, row.at > since)
    found = unit.session.scalars(select(row).where(*mine)).one_or_none()
    if found is None:
        return None
    return found.digest, Answer(found.status, unit.vault.open(BODY, found.body_sealed))


def keep(unit: Unit, asked: Asked, answer: Answer, now: datetime) -> None:
    """Remember an answer, over one that was forgotten."""
    unit.session.merge(
        ApiAnswerRow(
            integration_id=asked.integration_id,
            key=asked.key,
            digest=asked.digest,
            status=answer.status,
            body_sealed=unit.vault.seal(BODY, answer.body),
            at=now,
        )
    )
    unit.flush()
