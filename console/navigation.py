"""Which pages there are, who may open them, and where each role begins."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.vocabulary import Action, Reach, Role
from services.staff import reach
from storage.repositories.staff import Staff


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the navigation; `action` None: open to everybody who is signed in."""

    name: str
    icon: str
    address: str
    action: Action | None
    group: str


ENTRIES = (
    Entry("home", "home", "/console", None, "work"),
    Entry("conversations", "messages", "/console/conversations", Action.READ_CONVERSATIONS, "work"),
    Entry("tickets", "message-report", "/console/tickets", Action.READ_TICKETS, "work"),
    Entry("doubts", "help-circle", "/console/doubts", Action.WORK_TICKETS, "work"),
    Entry("clients", "users", "/console/clients", Action.READ_CLIENTS, "clients"),
    Entry("requests", "shield-check", "/console/requests", Action.ERASE_CLIENT, "clients"),
    Entry("segments", "filter-cog", "/console/segments", Action.BUILD_SEGMENTS, "clients"),
    Entry("imports", "file-text", "/console/imports", Action.IMPORT_CLIENTS, "clients"),
    Entry("broadcasts", "speakerphone", "/console/broadcasts", Action.STOP_BROADCAST, "outreach"),
    Entry("care", "heart-handshake", "/console/care", Action.READ_CARE, "outreach"),
    Entry("knowledge", "books", "/console/knowledge", Action.READ_KNOWLEDGE, "knowledge"),
    Entry("misses", "message-question", "/console/knowledge/misses", Action.READ_MISSES, "knowledge"),
    Entry("reports", "chart-histogram", "/console/reports/knowledge", Action.READ_MISSES, "insight"),
    Entry("audit", "shield-check", "/console/audit", Action.READ_AUDIT, "insight"),
    Entry("staff", "user-check", "/console/staff", Action.READ_STAFF, "system"),
    Entry("channels", "plug-connected", "/console/channels", Action.READ_CHANNELS, "system"),
)
"""In the order of the navigation."""

FIRST = {
    Role.HEAD: "/console",
    Role.COMPLIANCE: "/console/tickets",
    Role.SERVICE: "/console/conversations",
    Role.RM: "/console",
    Role.ADVISER: "/console/conversations",
    Role.ADMIN: "/console/channels",
    Role.VISITOR: "/console",
}
"""Where a role begins; of several roles the first in this order."""


def permitted(staff: Staff) -> Sequence[Entry]:
    """The pages that a person may open."""
    return [entry for entry in ENTRIES if entry.action is None or reach(staff, entry.action) is not Reach.NONE]


def first_page(staff: Staff) -> str:
    """Where a person begins after signing in."""
    return next((address for role, address in FIRST.items() if role in staff.roles), "/console")
