"""What one client may be sent now: every purpose on every chat of theirs, by the gate's own rules, with all reasons.

Nothing is written. The words of a message are not known here: forbidden words and personal data are not judged, and
of products it is taken for granted that the material was reviewed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.clock import branch_date
from bot.vocabulary import NOTICES, PLANNED, AddressFacts, ContentFacts, GateFacts, Interest, ProductRisk, Purpose
from services import plans
from services.delivery import gate
from services.delivery.gate import Case, Outcome, Verdict
from services.delivery.means import address_facts
from services.delivery.submit import Delivery
from services.suitability.rule import Content, Day, Decision, may_receive
from storage.repositories import client_chats, facts
from storage.repositories.client_chats import ClientChat
from storage.repositories.facts import ChatFacts, Person
from storage.unit import Unit

ASKED: tuple[Purpose, ...] = tuple(purpose for purpose in Purpose if purpose is not Purpose.REPLY)
"""What is looked at: the bot's own answers go to whoever asks."""
REVIEWED = "-"
"""Stands for the number of a reviewed material."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One purpose on one chat: what objects, in the gate's order, and whether a registered form may pass its window."""

    objections: tuple[Verdict, ...]
    by_form: bool = False

    @property
    def open(self) -> bool:
        """Whether it would go out now."""
        return not self.objections

    @property
    def later(self) -> bool:
        """Whether it would wait, and go out then."""
        return bool(self.objections) and all(one.outcome is Outcome.DEFER for one in self.objections)


@dataclass(frozen=True, slots=True)
class Outlook:
    """All of it; a client without a chat has one cell a purpose, on no chat.

    `products`: ratings that may be offered; `suits`: what the rule says of the lowest. `topics`: what alone is sent
    of planned purposes, empty where everything is.
    """

    at: datetime
    chats: Sequence[ClientChat]
    rows: Mapping[Purpose, Sequence[Cell]]
    products: Sequence[ProductRisk]
    suits: Decision
    topics: frozenset[Interest]

    @property
    def rules(self) -> Mapping[str, int]:
        """Every rule that objects somewhere, with its version, in the order of the table."""
        found = (one for cells in self.rows.values() for cell in cells for one in cell.objections)
        return {one.rule: one.version for one in found if one.rule}


def outlook(unit: Unit, delivery: Delivery, client_id: int) -> Outlook:
    """What would become of messages to a client at this instant."""
    now = delivery.clock.now()
    person = facts.people(unit, [client_id], [], now)[client_id]
    live = [chat for chat in client_chats.chats(unit, client_id) if chat.gone_at is None]
    known = facts.chats(unit, [chat.id for chat in live])
    day = Day(branch_date(now), delivery.rules.elder_age)
    decisions = {risk: may_receive(person.facts, Content(Purpose.PRODUCT, risk), day) for risk in ProductRisk}
    products = [risk for risk, decision in decisions.items() if decision.allowed]
    lowest = next(iter(products), ProductRisk.R1)
    look = _Look(delivery, now, person, lowest)
    rows = {purpose: [look.cell(purpose, chat, known[chat.id]) for chat in live] for purpose in ASKED}
    if not live:
        rows = {purpose: [look.judged(purpose, _NOWHERE)] for purpose in ASKED}
    return Outlook(now, live, rows, products, decisions[lowest], _topics(person))


_NOWHERE = AddressFacts(reachable=False, personal_allowed=True)


def _topics(person: Person) -> frozenset[Interest]:
    plan = person.facts.plan
    if plan is None or not plans.packaged().of(plan.code).chosen_only:
        return frozenset()
    return plan.interests


@dataclass(frozen=True, slots=True)
class _Look:
    delivery: Delivery
    now: datetime
    person: Person
    risk: ProductRisk

    def cell(self, purpose: Purpose, chat: ClientChat, known: ChatFacts) -> Cell:
        """One purpose on one chat."""
        capabilities = self.delivery.accounts.get((chat.channel, chat.account))
        if capabilities is None:
            return self.judged(purpose, _NOWHERE)
        address = address_facts(capabilities, known, self.now)
        by_form = purpose in NOTICES and bool(capabilities.registered)
        return self.judged(purpose, address, grouped=capabilities.group is not None, by_form=by_form)

    def judged(self, purpose: Purpose, address: AddressFacts, *, grouped: bool = False, by_form: bool = False) -> Cell:
        """What the gate says."""
        offered = self.risk if purpose is Purpose.PRODUCT else None
        content = ContentFacts(
            purpose=purpose,
            text="",
            text_key="",
            product_risk=offered,
            material=REVIEWED,
            grouped=grouped and purpose in PLANNED,
        )
        known = GateFacts(self.person.facts, address, content, self.delivery.days(branch_date(self.now)))
        found = tuple(gate.objections(Case(known, self.delivery.rules, self.now)))
        return Cell(found, by_form and any(one.rule == "window" for one in found))
