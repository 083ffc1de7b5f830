"""Enums and value objects of the field; standard library only."""

from bot.vocabulary.answers import OFFERED, UNDONE, AnswerKind, Settlement
from bot.vocabulary.channels import Addressee, ChannelKind, EventKind, MessageKind
from bot.vocabulary.clients import (
    AssetBand,
    Birthday,
    ClientKind,
    ClientState,
    ConsentPurpose,
    Duty,
    Gender,
    Interest,
    LinkKind,
    ProductRisk,
    RiskLevel,
)
from bot.vocabulary.delivery import DIALOGUE, ESSENTIAL, NOTICES, PLANNED, PRIORITY, DeliveryState, Purpose
from bot.vocabulary.facts import AddressFacts, ClientFacts, ContentFacts, DayFacts, GateFacts, PlanFacts
from bot.vocabulary.holdings import AssetClass, Market, Side, TableKind, UploadState
from bot.vocabulary.integrations import Scope
from bot.vocabulary.locale import Locale
from bot.vocabulary.media import FETCHED, MEDIA_TYPES, MediaRefusal, MediaState
from bot.vocabulary.staff import PERMISSIONS, Action, PersonalField, Reach, RevealPurpose, Role, StaffState
from bot.vocabulary.suitability import AnsweredBy, AssessmentState, CheckAction
from bot.vocabulary.tickets import (
    EntryKind,
    IntakeState,
    IntakeStep,
    Level,
    Owner,
    TicketKind,
    TicketSource,
    TicketState,
)

__all__ = [
    "DIALOGUE",
    "ESSENTIAL",
    "FETCHED",
    "MEDIA_TYPES",
    "NOTICES",
    "OFFERED",
    "PERMISSIONS",
    "PLANNED",
    "PRIORITY",
    "UNDONE",
    "Action",
    "AddressFacts",
    "Addressee",
    "AnswerKind",
    "AnsweredBy",
    "AssessmentState",
    "AssetBand",
    "AssetClass",
    "Birthday",
    "ChannelKind",
    "CheckAction",
    "ClientFacts",
    "ClientKind",
    "ClientState",
    "ConsentPurpose",
    "ContentFacts",
    "DayFacts",
    "DeliveryState",
    "Duty",
    "EntryKind",
    "EventKind",
    "GateFacts",
    "Gender",
    "IntakeState",
    "IntakeStep",
    "Interest",
    "Level",
    "LinkKind",
    "Locale",
    "Market",
    "MediaRefusal",
    "MediaState",
    "MessageKind",
    "Owner",
    "PersonalField",
    "PlanFacts",
    "ProductRisk",
    "Purpose",
    "Reach",
    "RevealPurpose",
    "RiskLevel",
    "Role",
    "Scope",
    "Settlement",
    "Side",
    "StaffState",
    "TableKind",
    "TicketKind",
    "TicketSource",
    "TicketState",
    "UploadState",
]
