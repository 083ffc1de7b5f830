"""How a client's tolerance of risk becomes known."""

from enum import StrEnum


class AssessmentState(StrEnum):
    """Where an assessment stands; only a confirmed one changes what the client may be offered."""

    RUNNING = "running"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFERRED = "referred"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class AnsweredBy(StrEnum):
    """Who answered: the client, or whoever may act for them by law."""

    CLIENT = "client"
    GUARDIAN = "guardian"


class CheckAction(StrEnum):
    """What follows where answers do not fit together, or not what the branch knows."""

    ASK_AGAIN = "ask_again"
    TO_STAFF = "to_staff"
