"""What the branch knows of a client."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ClientState(StrEnum):
    """Standing of the client relation."""

    NORMAL = "normal"
    DORMANT = "dormant"
    FROZEN = "frozen"
    CLOSED = "closed"
    DECEASED = "deceased"


class ClientKind(StrEnum):
    """Ordinary or professional investor."""

    ORDINARY = "ordinary"
    PROFESSIONAL = "professional"


class Style(StrEnum):
    """How a client says they like to invest; it opens nothing that the risk level does not."""

    CONSERVATIVE = "conservative"
    STEADY = "steady"
    AGGRESSIVE = "aggressive"


class Duty(StrEnum):
    """What a member of staff is to a client."""

    MANAGER = "manager"
    ADVISER = "adviser"


class LinkKind(StrEnum):
    """How two clients belong together."""

    HOUSEHOLD = "household"
    REFERRER = "referrer"


class Gender(StrEnum):
    """As registered; decides the salutation only."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class RiskLevel(StrEnum):
    """Risk tolerance of a client; C1_MIN is the lowest class inside C1."""

    C1_MIN = "C1_MIN"
    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"


class ProductRisk(StrEnum):
    """Risk of a product."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
    R5 = "R5"


class AssetBand(StrEnum):
    """Assets at the branch, in yuan: lower bound in the name, in ten thousands."""

    UNKNOWN = "unknown"
    UNDER_5 = "under_5"
    FROM_5 = "from_5"
    FROM_20 = "from_20"
    FROM_50 = "from_50"
    FROM_100 = "from_100"
    FROM_300 = "from_300"
    FROM_500 = "from_500"


ASSET_BOUNDS: Mapping[AssetBand, int] = {
    AssetBand.UNDER_5: 0,
    AssetBand.FROM_5: 50_000,
    AssetBand.FROM_20: 200_000,
    AssetBand.FROM_50: 500_000,
    AssetBand.FROM_100: 1_000_000,
    AssetBand.FROM_300: 3_000_000,
    AssetBand.FROM_500: 5_000_000,
}
"""From how many yuan each band goes, in rising order."""


class ConsentPurpose(StrEnum):
    """What a client may agree to, one by one."""

    SERVICE = "service"
    EDUCATION = "education"
    RISK_ALERT = "risk_alert"
    PRODUCT = "product"
    CARE = "care"
    FOLLOW_UP = "follow_up"


class Interest(StrEnum):
    """What a client likes to read about."""

    SHARES = "shares"
    FUNDS = "funds"
    BONDS = "bonds"
    NEW_SHARES = "new_shares"
    RETIREMENT = "retirement"
    FRAUD = "fraud"


@dataclass(frozen=True, slots=True)
class Birthday:
    """A solar or lunar birthday; `leap` marks a leap lunar month, `year` may be unknown."""

    month: int
    day: int
    year: int | None = None
    lunar: bool = False
    leap: bool = False
