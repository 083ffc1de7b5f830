"""The tables, one module per noun."""

from storage.models.base import Base
from storage.models.branch import AuditRow, BranchRow, CalendarYearRow, ChannelStateRow, JobRunRow
from storage.models.broadcasts import BroadcastRow
from storage.models.clients import (
    BindCodeRow,
    ChatAccountRow,
    ClientRow,
    ClientTagRow,
    ConsentRow,
    NoticeConsentRow,
)
from storage.models.conversations import ConversationRow, InboxRow
from storage.models.deliveries import DeliveryRow, DeliveryTryRow, PermitRow
from storage.models.knowledge import KnowledgeRow, MissRow, VersionRow
from storage.models.media import MediaRow
from storage.models.staff import DraftRow, FormKeyRow, SignInTriesRow, StaffRow, StaffSessionRow
from storage.models.tickets import IntakeRow, TicketEntryRow, TicketNumberRow, TicketRow

__all__ = [
    "AuditRow",
    "Base",
    "BindCodeRow",
    "BranchRow",
    "BroadcastRow",
    "CalendarYearRow",
    "ChannelStateRow",
    "ChatAccountRow",
    "ClientRow",
    "ClientTagRow",
    "ConsentRow",
    "ConversationRow",
    "DeliveryRow",
    "DeliveryTryRow",
    "DraftRow",
    "FormKeyRow",
    "InboxRow",
    "IntakeRow",
    "JobRunRow",
    "KnowledgeRow",
    "MediaRow",
    "MissRow",
    "NoticeConsentRow",
    "PermitRow",
    "SignInTriesRow",
    "StaffRow",
    "StaffSessionRow",
    "TicketEntryRow",
    "TicketNumberRow",
    "TicketRow",
    "VersionRow",
]
