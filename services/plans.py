"""Content plans: how much a client is sent a week, about what, and by which channel.

Subjects are the client's interests and the channel is their preferred one, both theirs to change in the dialogue
of preferences; the gate holds every education, product and broadcast message against plan and subjects.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from bot.errors import Refused
from bot.vocabulary import Action, ChannelKind, Interest, Locale
from services import audit
from services.audit import Deed
from services.staff import demand
from storage import seeds
from storage.repositories import client_chats, clients, facts, preferences
from storage.repositories import plans as rows
from storage.repositories.staff import Staff
from storage.unit import Unit

STANDARD = "standard"
MOST = 14
"""Messages a week that a client can agree to."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`weekly`: messages in 7 days, None: no number of its own; `chosen_only`: nothing but what the client chose."""

    code: str
    name: str
    name_en: str
    weekly: int | None
    chosen_only: bool

    def called(self, locale: Locale) -> str:
        """Its name in a language."""
        return self.name_en if locale is Locale.EN else self.name


@dataclass(frozen=True, slots=True)
class Plans:
    """The branch's plans by code."""

    version: str
    every: Mapping[str, Plan]

    def of(self, code: str) -> Plan:
        """The plan; one that is no longer offered is the standard one."""
        return self.every.get(code, self.every[STANDARD])


@dataclass(frozen=True, slots=True)
class Standing:
    """A client's plan with the number a week (None: only the house's caps), and what was sent in 7 days.

    `own`: a number agreed with this client.
    """

    plan: Plan
    weekly: int | None
    own: int | None
    interests: tuple[Interest, ...]
    channel: ChannelKind | None
    sent: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What a client agreed to; `weekly` None: as the plan says."""

    client_id: int
    plan: str
    weekly: int | None
    at: datetime


@cache
def packaged() -> Plans:
    """The plans that came with the branch; without a standard one, or where that has limits, an error at once."""
    seed = seeds.read("content_plans.yaml")
    every = {one["code"]: Plan(**one) for one in seed["plans"]}
    if every[STANDARD].weekly is not None or every[STANDARD].chosen_only:
        raise ValueError("the standard plan has no limits of its own: the rules of sending hold for everybody")
    return Plans(str(seed["version"]), every)


def standing(unit: Unit, client_id: int, now: datetime) -> Standing:
    """How a client's plan stands."""
    own = facts.plans(unit, [client_id], now).get(client_id)
    plan = packaged().of(own.code if own else STANDARD)
    agreed = own.weekly if own else None
    weekly = plan.weekly if agreed is None else agreed
    liked, channel = preferences.of(unit, client_id).interests, client_chats.preferred(unit, client_id)
    return Standing(plan, weekly, agreed, liked, channel, own.sent if own else 0)


def choose(unit: Unit, by: Staff, wanted: Choice) -> None:
    """Enter at the client's word what they want to be sent; Refused where there is no such plan or number."""
    client = clients.by_id(unit, wanted.client_id)
    demand(by, Action.EDIT_PREFERENCES, own=client is not None and by.has(*client.keepers))
    if client is None:
        raise Refused("client_unknown")
    if wanted.plan not in packaged().every:
        raise Refused("plan_unknown")
    standard = wanted.plan == STANDARD
    if wanted.weekly is not None and (standard or not 0 <= wanted.weekly <= MOST):
        raise Refused("plan_weekly", most=MOST)
    if standard:
        rows.drop(unit, client.id)
    else:
        rows.put(unit, client.id, wanted.plan, wanted.weekly, wanted.at)
    detail = {"plan": wanted.plan, "weekly": wanted.weekly}
    audit.record(unit, Deed("client.plan", f"client:{client.id}", wanted.at, by.id, detail))
