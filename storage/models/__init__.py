"""The tables, one module per noun."""

from storage.models.answers import AnswerSumRow, TallyRow, VoteRow
from storage.models.base import Base
from storage.models.branch import AuditHeadRow, AuditRow, BranchRow, CalendarYearRow, ChannelStateRow, JobRunRow
from storage.models.broadcasts import BroadcastRow
from storage.models.client_record import ClientAssignmentRow, ClientChangeRow, ClientLinkRow, ClientNoteRow
from storage.models.clients import (
    BindCodeRow,
    ChatAccountRow,
    ClientInterestRow,
    ClientPlanRow,
    ClientRow,
    ClientTagRow,
    ConsentRow,
    NoticeConsentRow,
)
from storage.models.conversations import ConversationRow, InboxRow
from storage.models.deliveries import DeliveryRow, DeliveryTryRow, PermitRow
from storage.models.figures import (
    ChatDayCountRow,
    ChatDayRow,
    ClientClassRow,
    ClientDayRow,
    ClientFiguresRow,
    FiguresDueRow,
)
from storage.models.holdings import (
    BalanceRow,
    HoldingClientDayRow,
    HoldingDayRow,
    HoldingRow,
    InstrumentRow,
    TradeRow,
)
from storage.models.imports import ImportFileRow, ImportMappingRow, ImportRow
from storage.models.integrations import ApiAnswerRow, IntegrationRow
from storage.models.knowledge import (
    EditionRow,
    MissRow,
    PublicationRow,
    RankerRow,
    RegressionRow,
    VectorRow,
    VersionRow,
)
from storage.models.lessons import LessonCompletionRow
from storage.models.media import MediaRow
from storage.models.rights import ClientKeyRow, ClientRequestRow, LegalHoldRow
from storage.models.segments import SegmentCountRow, SegmentMemberRow, SegmentRow, SegmentVersionRow
from storage.models.staff import (
    AbsenceRow,
    DraftRow,
    FormKeyRow,
    SecondFactorRow,
    SignInTriesRow,
    StaffRecoveryRow,
    StaffRow,
    StaffSessionRow,
    TeamMemberRow,
    TeamRow,
)
from storage.models.suitability import AssessmentRow, ProductRow, QuestionnaireRow
from storage.models.tickets import IntakeRow, TicketEntryRow, TicketNumberRow, TicketRow

__all__ = [
    "AbsenceRow",
    "AnswerSumRow",
    "ApiAnswerRow",
    "AssessmentRow",
    "AuditHeadRow",
    "AuditRow",
    "BalanceRow",
    "Base",
    "BindCodeRow",
    "BranchRow",
    "BroadcastRow",
    "CalendarYearRow",
    "ChannelStateRow",
    "ChatAccountRow",
    "ChatDayCountRow",
    "ChatDayRow",
    "ClientAssignmentRow",
    "ClientChangeRow",
    "ClientClassRow",
    "ClientDayRow",
    "ClientFiguresRow",
    "ClientInterestRow",
    "ClientKeyRow",
    "ClientLinkRow",
    "ClientNoteRow",
    "ClientPlanRow",
    "ClientRequestRow",
    "ClientRow",
    "ClientTagRow",
    "ConsentRow",
    "ConversationRow",
    "DeliveryRow",
    "DeliveryTryRow",
    "DraftRow",
    "EditionRow",
    "FiguresDueRow",
    "FormKeyRow",
    "HoldingClientDayRow",
    "HoldingDayRow",
    "HoldingRow",
    "ImportFileRow",
    "ImportMappingRow",
    "ImportRow",
    "InboxRow",
    "InstrumentRow",
    "IntakeRow",
    "IntegrationRow",
    "JobRunRow",
    "LegalHoldRow",
    "LessonCompletionRow",
    "MediaRow",
    "MissRow",
    "NoticeConsentRow",
    "PermitRow",
    "ProductRow",
    "PublicationRow",
    "QuestionnaireRow",
    "RankerRow",
    "RegressionRow",
    "SecondFactorRow",
    "SegmentCountRow",
    "SegmentMemberRow",
    "SegmentRow",
    "SegmentVersionRow",
    "SignInTriesRow",
    "StaffRecoveryRow",
    "StaffRow",
    "StaffSessionRow",
    "TallyRow",
    "TeamMemberRow",
    "TeamRow",
    "TicketEntryRow",
    "TicketNumberRow",
    "TicketRow",
    "TradeRow",
    "VectorRow",
    "VersionRow",
    "VoteRow",
]
