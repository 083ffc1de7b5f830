"""How a state looks: a tone and an icon, the same for all nouns; the word stands in the catalogue."""

from dataclasses import dataclass

from bot.vocabulary import DeliveryState, Level, Owner, TicketState, UploadState
from bot.vocabulary.broadcasts import BroadcastState
from bot.vocabulary.health import Verdict
from bot.vocabulary.knowledge import EditionState
from services.knowledge.regression import Grade


@dataclass(frozen=True, slots=True)
class Look:
    """A tone of the style sheet and the icon that always stands with it."""

    tone: str
    icon: str


WAITING = Look("idle", "clock")
WORKING = Look("info", "circle-dot")
OTHERS = Look("wait", "hourglass")
STOPPED = Look("warn", "player-pause")
GOOD = Look("done", "circle-check")
BAD = Look("error", "circle-x")
RULED = Look("rule", "shield-check")
UNSURE = Look("warn", "help-circle")
OVER = Look("idle", "minus")

OUTLOOK = {"open": GOOD, "later": WAITING, "shut": RULED}
"""What may become of a message to a client."""

DELIVERY = {
    DeliveryState.PENDING: WAITING,
    DeliveryState.SENDING: WORKING,
    DeliveryState.SENT: Look("info", "check"),
    DeliveryState.DELIVERED: GOOD,
    DeliveryState.READ: Look("done", "checks"),
    DeliveryState.AWAITING_STAFF: OTHERS,
    DeliveryState.SUPPRESSED: RULED,
    DeliveryState.UNCERTAIN: UNSURE,
    DeliveryState.FAILED: BAD,
    DeliveryState.EXPIRED: OVER,
    DeliveryState.CANCELLED: OVER,
}
TICKET = {
    TicketState.REGISTERED: WAITING,
    TicketState.ACCEPTED: WORKING,
    TicketState.INVESTIGATING: WORKING,
    TicketState.WAITING_CLIENT: OTHERS,
    TicketState.PROPOSED: OTHERS,
    TicketState.RESOLVED: GOOD,
    TicketState.REJECTED: OVER,
    TicketState.WITHDRAWN: OVER,
    TicketState.ARCHIVED: OVER,
}
UPLOAD = {
    UploadState.UPLOADED: WAITING,
    UploadState.CHECKING: WORKING,
    UploadState.CHECKED: OTHERS,
    UploadState.TAKING: WORKING,
    UploadState.TAKEN: GOOD,
    UploadState.STOPPED: BAD,
}
OWNER = {
    Owner.BOT: Look("idle", "robot"),
    Owner.WAITING: Look("warn", "hourglass"),
    Owner.STAFF: Look("info", "headset"),
}
LEVEL = {
    Level.P1: Look("p1", "urgent"),
    Level.P2: Look("p2", "alert-triangle"),
    Level.P3: Look("p3", "info-circle"),
    Level.P4: Look("p4", "minus"),
}
BROADCAST = {
    BroadcastState.DRAFT: WAITING,
    BroadcastState.SUBMITTED: OTHERS,
    BroadcastState.APPROVED: OTHERS,
    BroadcastState.SENDING: WORKING,
    BroadcastState.PAUSED: STOPPED,
    BroadcastState.DONE: GOOD,
    BroadcastState.KILLED: OVER,
    BroadcastState.EXPIRED: OVER,
}

EDITION = {
    EditionState.DRAFT: WAITING,
    EditionState.REVIEWED: OTHERS,
    EditionState.PUBLISHED: GOOD,
    EditionState.REPLACED: OVER,
    EditionState.RETIRED: OVER,
}

GRADE = {Grade.RIGHT: GOOD, Grade.MISSED: UNSURE, Grade.WRONG: BAD}

VERDICT = {Verdict.OK: GOOD, Verdict.WARN: UNSURE, Verdict.FAULT: BAD}

CHANNEL_ICONS = {
    "wechat": "brand-wechat",
    "wecom": "building",
    "telegram": "brand-telegram",
    "webchat": "world",
    "recording": "player-record",
}
