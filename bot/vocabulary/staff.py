"""Who works at the branch and what they may do."""

from enum import StrEnum


class Role(StrEnum):
    """A duty of a member of staff; one person may hold several."""

    RM = "rm"
    SERVICE = "service"
    ADVISER = "adviser"
    COMPLIANCE = "compliance"
    HEAD = "head"
    ADMIN = "admin"
    VISITOR = "visitor"


class StaffState(StrEnum):
    """Whether a member of staff may sign in."""

    ACTIVE = "active"
    DISABLED = "disabled"


class Action(StrEnum):
    """What the service checks before it does something for a member of staff."""

    READ_CONVERSATIONS = "read_conversations"
    REPLY = "reply"
    READ_TICKETS = "read_tickets"
    WORK_TICKETS = "work_tickets"
    REASSIGN = "reassign"
    CLOSE_SERIOUS = "close_serious"
    READ_CLIENTS = "read_clients"
    REVEAL = "reveal"
    IMPORT_CLIENTS = "import_clients"
    EXPORT_CLIENT = "export_client"
    ERASE_CLIENT = "erase_client"
    HOLD_CLIENT = "hold_client"
    MERGE_CLIENTS = "merge_clients"
    ISSUE_BIND_CODE = "issue_bind_code"
    UNBIND_CHAT = "unbind_chat"
    EDIT_PREFERENCES = "edit_preferences"
    NOTE_CLIENTS = "note_clients"
    SET_CLIENT_STATE = "set_client_state"
    ASSIGN_CLIENTS = "assign_clients"
    ASK_ASSESSMENT = "ask_assessment"
    SETTLE_ASSESSMENT = "settle_assessment"
    BUILD_SEGMENTS = "build_segments"
    WRITE_BROADCAST = "write_broadcast"
    APPROVE_BROADCAST = "approve_broadcast"
    STOP_BROADCAST = "stop_broadcast"
    READ_CARE = "read_care"
    READ_MISSES = "read_misses"
    READ_KNOWLEDGE = "read_knowledge"
    WRITE_KNOWLEDGE = "write_knowledge"
    APPROVE_KNOWLEDGE = "approve_knowledge"
    READ_AUDIT = "read_audit"
    EXPORT_AUDIT = "export_audit"
    READ_CHANNELS = "read_channels"
    READ_STAFF = "read_staff"
    MANAGE_STAFF = "manage_staff"
    PLAN_ABSENCES = "plan_absences"
    MANAGE_SETTINGS = "manage_settings"


class PersonalField(StrEnum):
    """A sealed field of a client that staff may see in clear, one at a time."""

    NAME = "name"
    PHONE = "phone"
    IDENTITY = "identity"
    EMAIL = "email"
    FUND_ACCOUNT = "fund_account"


class RevealPurpose(StrEnum):
    """What a field is seen in clear for."""

    CONTACT = "contact"
    IDENTITY = "identity"
    COMPLAINT = "complaint"
    OTHER = "other"


class Reach(StrEnum):
    """How far a permission goes."""

    NONE = "none"
    OWN = "own"
    ALL = "all"


_ROWS: dict[Action, str] = {
    # rm service adviser compliance head admin visitor: a = all, o = own clients or items, - = no
    Action.READ_CONVERSATIONS: "oaoaa--",
    Action.REPLY: "oao-a--",
    Action.READ_TICKETS: "oaoaa--",
    Action.WORK_TICKETS: "oaoaa--",
    Action.REASSIGN: "----a--",
    Action.CLOSE_SERIOUS: "---a---",
    Action.READ_CLIENTS: "oaoaa-o",
    Action.REVEAL: "oaoaa-o",
    Action.IMPORT_CLIENTS: "----a--",
    Action.EXPORT_CLIENT: "---aa--",
    Action.ERASE_CLIENT: "---aa--",
    Action.HOLD_CLIENT: "---a---",
    Action.MERGE_CLIENTS: "---aa--",
    Action.ISSUE_BIND_CODE: "oa--a--",
    Action.UNBIND_CHAT: "oa--a--",
    Action.EDIT_PREFERENCES: "oao-a--",
    Action.NOTE_CLIENTS: "oaoaa--",
    Action.SET_CLIENT_STATE: "oaoaa--",
    Action.ASSIGN_CLIENTS: "----a--",
    Action.ASK_ASSESSMENT: "oao-a--",
    Action.SETTLE_ASSESSMENT: "---aa--",
    Action.BUILD_SEGMENTS: "oaoaa--",
    Action.WRITE_BROADCAST: "oaa-a--",
    Action.APPROVE_BROADCAST: "---aa--",
    Action.STOP_BROADCAST: "oaaaaa-",
    Action.READ_CARE: "oaaaa--",
    Action.READ_MISSES: "-aaaa--",
    Action.READ_KNOWLEDGE: "aaaaa--",
    Action.WRITE_KNOWLEDGE: "-aaaa--",
    Action.APPROVE_KNOWLEDGE: "---aa--",
    Action.READ_AUDIT: "---aao-",
    Action.EXPORT_AUDIT: "---aa--",
    Action.READ_CHANNELS: "---aaa-",
    Action.READ_STAFF: "---aaa-",
    Action.MANAGE_STAFF: "-----a-",
    Action.PLAN_ABSENCES: "o-o-aa-",
    Action.MANAGE_SETTINGS: "-----a-",
}
_REACH = {"a": Reach.ALL, "o": Reach.OWN, "-": Reach.NONE}

PERMISSIONS: dict[Action, dict[Role, Reach]] = {
    action: {role: _REACH[sign] for role, sign in zip(Role, row, strict=True)} for action, row in _ROWS.items()
}
"""What each role may do (the console's matrix)."""

_CLEAR: dict[PersonalField, str] = {
    # rm service adviser compliance head admin visitor: x = may see it in clear, of clients whom REVEAL reaches
    PersonalField.NAME: "xxxxx-x",
    PersonalField.PHONE: "xxxxx-x",
    PersonalField.IDENTITY: "xxxxx--",
    PersonalField.EMAIL: "xxxxx--",
    PersonalField.FUND_ACCOUNT: "xxxxx--",
}

REVEALED: dict[PersonalField, frozenset[Role]] = {
    field: frozenset(role for role, sign in zip(Role, row, strict=True) if sign == "x") for field, row in _CLEAR.items()
}
"""Which roles may see a field in clear: whoever calls clients back needs no id number."""
