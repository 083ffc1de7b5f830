"""Why something is said, and what became of it."""

from enum import StrEnum


class Purpose(StrEnum):
    """Why a message goes out; decides which rules of the gate apply and what goes first."""

    REPLY = "reply"
    STAFF_MESSAGE = "staff_message"
    TICKET_UPDATE = "ticket_update"
    ALERT = "alert"
    SERVICE_NOTICE = "service_notice"
    FOLLOWUP = "followup"
    PRODUCT = "product"
    EDUCATION = "education"
    BROADCAST = "broadcast"
    CARE = "care"


PRIORITY: dict[Purpose, int] = {
    Purpose.REPLY: 0,
    Purpose.STAFF_MESSAGE: 0,
    Purpose.TICKET_UPDATE: 1,
    Purpose.ALERT: 2,
    Purpose.SERVICE_NOTICE: 3,
    Purpose.FOLLOWUP: 4,
    Purpose.PRODUCT: 5,
    Purpose.EDUCATION: 5,
    Purpose.BROADCAST: 5,
    Purpose.CARE: 6,
}
"""Lower goes out first."""

DIALOGUE = frozenset({Purpose.REPLY, Purpose.STAFF_MESSAGE, Purpose.TICKET_UPDATE})
"""Purposes that answer a client; they go to the conversation's own account."""

PLANNED = frozenset({Purpose.PRODUCT, Purpose.EDUCATION, Purpose.BROADCAST})
"""What a content plan says how much of, and about what."""

NOTICES = frozenset({Purpose.TICKET_UPDATE, Purpose.ALERT, Purpose.SERVICE_NOTICE})
"""Purposes that may use a form which a platform has registered for notices of service."""

ESSENTIAL = DIALOGUE | {Purpose.ALERT, Purpose.SERVICE_NOTICE}
"""Purposes that count against no frequency cap."""


class DeliveryState(StrEnum):
    """What became of one delivery."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    AWAITING_STAFF = "awaiting_staff"
    SUPPRESSED = "suppressed"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


FINAL = frozenset(
    {
        DeliveryState.READ,
        DeliveryState.SUPPRESSED,
        DeliveryState.FAILED,
        DeliveryState.EXPIRED,
        DeliveryState.CANCELLED,
    }
)
"""States that nothing leaves."""

TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.PENDING: frozenset(
        {
            DeliveryState.SENDING,
            DeliveryState.SUPPRESSED,
            DeliveryState.EXPIRED,
            DeliveryState.CANCELLED,
            DeliveryState.FAILED,
        }
    ),
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.PENDING,
            DeliveryState.SENT,
            DeliveryState.DELIVERED,
            DeliveryState.AWAITING_STAFF,
            DeliveryState.UNCERTAIN,
            DeliveryState.FAILED,
        }
    ),
    DeliveryState.AWAITING_STAFF: frozenset(
        {
            DeliveryState.PENDING,
            DeliveryState.SENT,
            DeliveryState.DELIVERED,
            DeliveryState.FAILED,
            DeliveryState.EXPIRED,
            DeliveryState.CANCELLED,
        }
    ),
    DeliveryState.UNCERTAIN: frozenset(
        {
            DeliveryState.PENDING,
            DeliveryState.SENT,
            DeliveryState.DELIVERED,
            DeliveryState.FAILED,
            DeliveryState.CANCELLED,
        }
    ),
    DeliveryState.SENT: frozenset(
        {DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.FAILED}
    ),
    DeliveryState.DELIVERED: frozenset({DeliveryState.READ}),
} | {state: frozenset() for state in FINAL}
"""Which state may follow which."""
