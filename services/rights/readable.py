"""The page on which a person reads what is held of them: the columns that mean something to them, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.clock import branch_time
from bot.texts import TEMPLATES
from bot.texts.loading import Loader
from bot.texts.words import Catalogue, Words
from bot.vocabulary import BETWEEN_CLASSES, Locale
from services.branch import Branch, Fact
from services.lessons import library
from storage.repositories.person_rows import Record, Value

SHOWN: Mapping[str, Sequence[str]] = {
    "clients": (
        *("number", "name", "salutation", "gender", "phone", "email", "identity", "fund_account", "locale", "state"),
        *("kind", "style", "prefers", "asset_band", "risk_level", "risk_valid_until", "birth_year", "birth_month"),
        *("birth_day", "birth_lunar", "opened_on", "branch", "occupation", "region", "manager"),
        *("preferred_channel", "quiet_from", "quiet_to", "opted_out_at", "created_at", "updated_at"),
    ),
    "client_tags": ("tag",),
    "client_interests": ("interest", "at"),
    "segment_members": ("segment",),
    "chat_accounts": ("channel", "address", "bound_at", "last_inbound_at", "gone_at"),
    "bind_codes": ("issued_at", "expires_at", "used_at"),
    "notice_consents": ("form", "left", "changed_at"),
    "consents": ("at", "purpose", "granted", "version", "channel"),
    "assessments": ("started_at", "version", "state", "answers", "score", "level", "valid_until"),
    "client_plans": ("plan", "weekly", "at"),
    "client_notes": ("at", "text"),
    "client_changes": ("at", "field", "before", "after", "reason"),
    "client_assignments": ("duty", "begun_at", "ended_at"),
    "client_links": ("kind", "at"),
    "holdings": ("on", "instrument", "quantity", "cost_fen", "price", "value_fen"),
    "trades": ("on", "instrument", "side", "quantity", "price", "value_fen"),
    "balances": ("on", "cash_fen", "margin_ratio"),
    "holding_client_days": ("on",),
    "client_days": ("on", "securities_fen", "cash_fen", "assets_fen"),
    "client_figures": ("on", "assets_fen", "mean_fen", "concentration", "drawdown", "turnover", "margin_ratio"),
    "client_classes": ("asset_class", "value_fen"),
    "chat_days": ("on",),
    "lesson_completions": ("completed_at", "lesson", "score", "questions"),
    "figures_due": ("since",),
    "tickets": ("number", "kind", "state", "opened_at", "closed_at", "summary", "details"),
    "ticket_entries": ("at", "text"),
    "intakes": ("started_at", "state", "answers"),
    "conversations": ("created_at", "last_inbound_at", "locale"),
    "inbox": ("received_at", "channel", "text"),
    "deliveries": ("created_at", "purpose", "channel", "state", "text"),
    "delivery_tries": ("ended_at", "channel", "address"),
    "media": ("wanted_at", "type", "size", "state"),
    "votes": ("at", "entry_id", "helpful"),
    "misses": ("at", "question"),
}
"""By table, in the order of the page."""

_FAMILIES = {
    ("consents", "purpose"): "consent",
    ("deliveries", "purpose"): "purpose",
    ("tickets", "kind"): "ticket_kind",
    ("tickets", "state"): "ticket_state",
    ("clients", "risk_level"): "risk_level",
    ("assessments", "level"): "risk_level",
    ("clients", "asset_band"): "asset_band",
    ("clients", "style"): "style",
    ("clients", "prefers"): "asset_class",
    ("client_classes", "asset_class"): "asset_class",
    ("clients", "preferred_channel"): "channel",
}
"""Under which labels values are named, besides every `channel`."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is put on the page, of which branch, when and in which language."""

    tables: Mapping[str, Sequence[Record]]
    branch: Branch
    at: datetime
    locale: Locale


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    columns: Sequence[str]
    lines: Sequence[Sequence[str]]


def page(wanted: Wanted) -> str:
    """The page as HTML; tables without a row are left out."""
    words = _catalogue().of(wanted.locale)
    sections = [_section(name, wanted, words) for name in SHOWN if wanted.tables.get(name)]
    return (
        _environment()
        .get_template("person.html.j2")
        .render(t=words, sections=sections, at=_moment(wanted.at), branch=wanted.branch.say(Fact.NAME, wanted.locale))
    )


def _section(name: str, wanted: Wanted, words: Words) -> _Section:
    columns = SHOWN[name]
    labels = _labels()[wanted.locale]
    lines = [[_cell(row.get(each), (name, each), words, labels) for each in columns] for row in wanted.tables[name]]
    return _Section(name, columns, lines)


def _cell(value: Value, place: tuple[str, str], words: Words, labels: Mapping[str, str]) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return words("value.yes" if value else "value.no")
    if isinstance(value, dict | list):
        return _listed(value)
    if place == ("lesson_completions", "lesson"):
        return library.title(str(value))
    family = "channel" if place[1] == "channel" else _FAMILIES.get(place)
    if family is not None:
        return "; ".join(labels.get(f"{family}_{one.lower()}", one) for one in str(value).split(BETWEEN_CLASSES))
    return _moment(datetime.fromisoformat(str(value))) if place[1].endswith("at") else str(value)


def _listed(value: Mapping[str, object] | Sequence[object]) -> str:
    pairs = [f"{name}: {one}" for name, one in value.items()] if isinstance(value, Mapping) else map(str, value)
    return "; ".join(pairs)


def _moment(at: datetime) -> str:
    return f"{branch_time(at):%Y-%m-%d %H:%M}"


@cache
def _catalogue() -> Catalogue:
    return Catalogue.load("rights")


@cache
def _labels() -> Mapping[Locale, Mapping[str, str]]:
    return Loader(TEMPLATES).labels()


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES / "rights"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
