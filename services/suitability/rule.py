"""The one rule: may this client receive this product or content today, and if not, for which reasons.

The gate asks it for every message, the console and the command for those who wonder. What is not known is held
against offering: without an assessment that holds a client gets service, education and risk warnings, no product.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.vocabulary import ClientFacts, ClientKind, ProductRisk, Purpose
from services.suitability.matrix import Matrix, packaged


class Reason(StrEnum):
    """What stands against it."""

    UNKNOWN_CLIENT = "unknown_client"
    NOT_RATED = "not_rated"
    NOT_ON_OFFER = "not_on_offer"
    NOT_ASSESSED = "not_assessed"
    EXPIRED = "expired"
    TOO_RISKY = "too_risky"
    AGE_UNKNOWN = "age_unknown"
    ELDER = "elder"


OF_AGE = frozenset({Reason.AGE_UNKNOWN, Reason.ELDER})
"""Reasons that have nothing to do with the level."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be received: why it is said, and the rating of the product in it, where one is in it.

    A product that was taken off the offer is not `on_offer`.
    """

    purpose: Purpose
    product_risk: ProductRisk | None = None
    on_offer: bool = True

    @property
    def offers_product(self) -> bool:
        """Whether it promotes a product."""
        return self.purpose is Purpose.PRODUCT or self.product_risk is not None


@dataclass(frozen=True, slots=True)
class Day:
    """The branch's day, and the age from which it offers no products."""

    today: date
    elder_age: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer with the version of the table it rests on and what was looked at; no age stands in it."""

    reasons: tuple[Reason, ...]
    version: str
    inputs: Mapping[str, str | None]

    @property
    def allowed(self) -> bool:
        """Whether nothing stands against it."""
        return not self.reasons

    @property
    def unsuitable(self) -> bool:
        """Whether the client's level stands against it."""
        return any(reason not in OF_AGE for reason in self.reasons)

    @property
    def elder(self) -> bool:
        """Whether the client's age stands against it."""
        return any(reason in OF_AGE for reason in self.reasons)

    def kept(self) -> dict[str, object]:
        """The decision as it is stored."""
        return {"version": self.version, "reasons": [str(reason) for reason in self.reasons], **self.inputs}


def may_receive(client: ClientFacts | None, content: Content, day: Day, matrix: Matrix | None = None) -> Decision:
    """Whether a client may receive it, with every reason why not."""
    table = matrix or packaged()
    reasons = (*_of_level(client, content, day, table), *_of_age(client, content, day))
    return Decision(reasons, table.version, _inputs(client, content))


def _of_level(client: ClientFacts | None, content: Content, day: Day, table: Matrix) -> tuple[Reason, ...]:
    if not table.needs_assessment(content.purpose, offers_product=content.offers_product):
        return ()
    if client is None:
        return (Reason.UNKNOWN_CLIENT,)
    rating = (Reason.NOT_RATED,) if content.offers_product and content.product_risk is None else ()
    rating = rating if content.on_offer else (*rating, Reason.NOT_ON_OFFER)
    standing = _of_assessment(client, day)
    if rating or standing or not content.offers_product:
        return (*rating, *standing)
    return () if table.allows(client.kind, client.risk_level, content.product_risk) else (Reason.TOO_RISKY,)


def _of_assessment(client: ClientFacts, day: Day) -> tuple[Reason, ...]:
    """Professional investors need no assessment; on its last day one still holds."""
    if client.kind is ClientKind.PROFESSIONAL:
        return ()
    if client.risk_level is None or client.risk_valid_until is None:
        return (Reason.NOT_ASSESSED,)
    return (Reason.EXPIRED,) if client.risk_valid_until < day.today else ()


def _of_age(client: ClientFacts | None, content: Content, day: Day) -> tuple[Reason, ...]:
    if not content.offers_product:
        return ()
    if client is None or client.age is None:
        return (Reason.AGE_UNKNOWN,)
    return (Reason.ELDER,) if client.age >= day.elder_age else ()


def _inputs(client: ClientFacts | None, content: Content) -> dict[str, str | None]:
    """What the decision looked at, save the age."""
    until = client.risk_valid_until if client else None
    return {
        "purpose": content.purpose.value,
        "product": content.product_risk.value if content.product_risk else None,
        "kind": client.kind.value if client else None,
        "level": client.risk_level.value if client and client.risk_level else None,
        "valid_until": until.isoformat() if until else None,
    }
