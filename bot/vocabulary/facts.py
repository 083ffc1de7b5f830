"""What the gate reads before anything goes out."""

from dataclasses import dataclass, field
from datetime import date, datetime, time

from bot.vocabulary.clients import ClientKind, ClientState, ConsentPurpose, Interest, ProductRisk, RiskLevel
from bot.vocabulary.delivery import Purpose


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A client's own content plan: its code, their own number a week if one was agreed, and what they like to read.

    `sent`: messages of the last 7 days that count against it.
    """

    code: str
    weekly: int | None = None
    interests: frozenset[Interest] = frozenset()
    sent: int = 0


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """A client as the gate sees them; `age` in full years, None where the year of birth is unknown.

    `plan` is None for the standard plan.
    """

    client_id: int
    state: ClientState
    kind: ClientKind = ClientKind.ORDINARY
    opted_out: bool = False
    consents: frozenset[ConsentPurpose] = frozenset()
    risk_level: RiskLevel | None = None
    risk_valid_until: date | None = None
    age: int | None = None
    open_complaint: bool = False
    quiet: tuple[time, time] | None = None
    sent_today: int = 0
    sent_week: dict[Purpose, int] = field(default_factory=dict)
    plan: PlanFacts | None = None


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """The chosen chat as the gate sees it; `window_until` is None where the platform has no window.

    Of `window_left` messages `window_kept` are there for a person's answer only. `month_left`
    messages by group may still reach it this month. `needs_staff`: a member of staff has to confirm what goes there.
    """

    reachable: bool
    personal_allowed: bool
    has_window: bool = False
    window_until: datetime | None = None
    window_left: int | None = None
    window_kept: int = 0
    month_left: int = 0
    needs_staff: bool = False


@dataclass(frozen=True, slots=True)
class ContentFacts:
    """What is about to be said; `registered` where it may go as a form outside a window, `grouped` by group."""

    purpose: Purpose
    text: str
    text_key: str
    personal: bool = False
    neutral_exists: bool = False
    essential: bool = False
    product_risk: ProductRisk | None = None
    topic: Interest | None = None
    material: str | None = None
    registered: bool = False
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What holds for everybody at the branch today."""

    mourning: bool = False
    quiet: tuple[time, time] = (time(21, 0), time(8, 30))


@dataclass(frozen=True, slots=True)
class GateFacts:
    """All a rule may look at; `client` is None for an unbound chat."""

    client: ClientFacts | None
    address: AddressFacts
    content: ContentFacts
    day: DayFacts
