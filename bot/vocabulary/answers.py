"""What a reply made of a question, as it is counted."""

from enum import StrEnum


class AnswerKind(StrEnum):
    """Kept with the delivery; `picked` answers what was chosen from candidates that were counted before."""

    ANSWERED = "answered"
    CANDIDATES = "candidates"
    CLARIFY = "clarify"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    PICKED = "picked"


class Settlement(StrEnum):
    """What a curator made of a question that had no certain answer."""

    PHRASING = "phrasing"
    ENTRY = "entry"
    REFUSED = "refused"
    DISMISSED = "dismissed"


UNDONE = frozenset({Settlement.REFUSED, Settlement.DISMISSED})
"""What may be taken back: of the others a draft has come."""


OFFERED = frozenset({AnswerKind.CANDIDATES, AnswerKind.CLARIFY})
"""Replies that ask the client which question was meant."""
