"""The console's words: complete in both languages, all used, and none in templates or code."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from pathlib import Path

import pytest

from bot.errors import TextParametersWrong, TextsBroken, UnknownText
from bot.texts import TEMPLATES
from bot.texts.words import Catalogue, Words, differences
from bot.vocabulary import (
    AnswerKind,
    DeliveryState,
    Level,
    Locale,
    Owner,
    RevealPurpose,
    Role,
    StaffState,
    TicketKind,
    TicketState,
)
from bot.vocabulary.broadcasts import BroadcastState
from bot.vocabulary.knowledge import EditionState
from bot.vocabulary.rights import RequestKind
from bot.vocabulary.tickets import TicketSource
from console.entries import VIEWS
from console.navigation import ENTRIES
from services.calendar import Audience, DayKind
from services.delivery.doubts import Decision
from services.delivery.gate import RULES
from services.knowledge.contents import Content, FaultKind
from services.knowledge.entry import CATEGORIES
from services.knowledge.evaluate import Figures
from services.knowledge.outcome import Outcome, Refusal
from services.knowledge.regression import LABELS, Grade
from services.rights import keeping
from services.suitability.rule import Reason
from storage.repositories import conversation_lists, ticket_lists
from tests.house.rules import CHINESE
from tests.house.sources import ROOT

CATALOGUE = Catalogue.load("console")
PAGES = sorted((TEMPLATES / "console").glob("*.j2"))
NAMED = re.compile(r"""\b(?:t|words)\(\s*f?["']([a-z_]+\.[A-Za-z0-9_.{}]+)["']""")
FAMILY = re.compile(r"""["']([a-z_]+)\.[a-z_]*["']\s*[+~]|f["']([a-z_]+)\.[a-z_]*\{""")


def sources() -> Iterator[tuple[str, str]]:
    for path in [*PAGES, *sorted((ROOT / "console").glob("*.py"))]:
        yield path.name, path.read_text("utf-8")


def test_every_word_that_pages_name_is_there() -> None:
    known = CATALOGUE.of(Locale.EN).strings
    named = {(name, word) for name, text in sources() for word in NAMED.findall(text) if "{" not in word}
    assert len(named) > 100
    assert [each for each in sorted(named) if not each[1].endswith(("_", ".")) and each[1] not in known] == []


def test_every_word_in_the_catalogue_is_used() -> None:
    text = "\n".join(text for _, text in sources())
    families = {first or second for first, second in FAMILY.findall(text)}
    plain = set(re.findall(r"""["']([a-z_]+\.[A-Za-z0-9_]+)["']""", text))
    unused = [
        word for word in CATALOGUE.of(Locale.EN).strings if word not in plain and word.split(".")[0] not in families
    ]
    assert unused == []


def test_no_template_holds_words_of_its_own() -> None:
    for path in PAGES:
        assert not CHINESE.search(path.read_text("utf-8")), path.name


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("role", Role),
        ("staff_state", StaffState),
        ("reveal_purpose", RevealPurpose),
        ("request_kind", RequestKind),
        ("suits", Reason),
        ("delivery", DeliveryState),
        ("ticket_state", TicketState),
        ("ticket_kind", TicketKind),
        ("level", Level),
        ("owner", Owner),
        ("source", TicketSource),
        ("conversation_view", conversation_lists.View),
        ("ticket_view", ticket_lists.View),
        ("broadcast_state", BroadcastState),
        ("day_kind", DayKind),
        ("audience", Audience),
        ("edition_state", EditionState),
        ("fault", FaultKind),
        ("grade", Grade),
        ("outcome", Outcome),
        ("outcome", AnswerKind),
        ("try_outcome", Outcome),
        ("refusal", Refusal),
        ("doubts_decision", Decision),
        ("doubts_decision_words", Decision),
    ],
)
def test_every_value_has_a_name(section: str, values: type[StrEnum]) -> None:
    for value in values:
        assert CATALOGUE.of(Locale.ZH_CN)(f"{section}.{value}"), value


def test_every_category_field_and_figure_of_the_knowledge_base_has_a_name() -> None:
    known = CATALOGUE.of(Locale.EN).strings
    wanted = {f"category.{name}" for name in CATEGORIES} | {f"content.{field.name}" for field in fields(Content)}
    wanted |= {f"figure.{field.name}" for field in fields(Figures) if field.name != "n"}
    wanted |= {f"knowledge_view.{view}" for view in VIEWS} | {f"expected.{label}" for label in LABELS}
    assert wanted - known.keys() == set()


def test_every_class_of_records_has_a_name() -> None:
    known = CATALOGUE.of(Locale.EN).strings
    assert {f"keep.{keep}" for keep in keeping.classes()} - known.keys() == set()


def test_every_entry_rule_and_refusal_has_words() -> None:
    known = CATALOGUE.of(Locale.EN).strings
    refusals = re.compile(r'(?:Refused|Conflict|NotPermitted|NotFound)\("([a-z_]+)"')
    used = (
        "audit/trail",
        "chats",
        "client_record/editing",
        "client_record/notes",
        "client_record/people",
        "client_record/standing",
        "absences",
        "delivery/doubts",
        "reveals",
        "rights/copies",
        "rights/erasure",
        "rights/holds",
        "rights/merging",
        "rights/requests",
        "desk",
        "handover",
        "identity",
        "misses",
        "personnel",
        "plans",
        "second_factor",
        "proposals",
        "staff",
        "teams",
        "tickets",
    )
    rooms = [*(ROOT / "services" / f"{name}.py" for name in used), *sorted((ROOT / "console").glob("*.py"))]
    rooms += sorted((ROOT / "services" / "knowledge").glob("*.py"))
    keys = {key for path in rooms for key in refusals.findall(path.read_text("utf-8"))}
    wanted = {f"refused.{key}" for key in keys} | {
        f"{kind}.{rule.name}" for rule in RULES for kind in ("rule", "remedy")
    }
    wanted |= {f"nav.{entry.name}" for entry in ENTRIES} | {f"group.{entry.group}" for entry in ENTRIES}
    assert wanted - known.keys() == set()


def test_missing_words_and_unequal_parameters_are_found(tmp_path: Path) -> None:
    given = {
        Locale.EN: Words(Locale.EN, {"a.x": "{one}", "a.y": "y"}),
        Locale.ZH_CN: Words(Locale.ZH_CN, {"a.x": "{two}"}),
    }
    assert len(list(differences(given))) == 2
    for locale in Locale:
        (tmp_path / "locales" / locale).mkdir(parents=True)
        (tmp_path / "locales" / locale / "console.toml").write_text(f'[a]\n{locale} = "x"\n')
    with pytest.raises(TextsBroken):
        Catalogue.load("console", tmp_path)


def test_names_and_parameters_are_taken_strictly() -> None:
    words = CATALOGUE.of(Locale.EN)
    with pytest.raises(UnknownText):
        words("shell.nothing")
    with pytest.raises(TextParametersWrong):
        words("time.minutes")


NOUNS = (
    "assessment",
    "audit",
    "balance",
    "bind_code",
    "broadcast",
    "calendar",
    "chat",
    "client",
    "client_mapping",
    "client_request",
    "consent",
    "conversation",
    "delivery",
    "holding",
    "integration",
    "knowledge",
    "media",
    "miss",
    "product",
    "questionnaire",
    "segment",
    "staff",
    "suitability",
    "ticket",
    "trade",
)
DEED = re.compile(rf'"((?:{"|".join(NOUNS)})\.[a-z_]+)"')


def test_every_deed_of_the_audit_trail_has_words() -> None:
    named = {name for file in Path("services").rglob("*.py") for name in DEED.findall(file.read_text("utf-8"))}
    assert "broadcast.approve" in named
    words = Catalogue.load("console").of(Locale.ZH_CN)
    assert sorted(name for name in named if not words.get(f"deed.{name}", "")) == []


def names_told(tree: ast.AST) -> Iterator[str]:
    """By which names deeds are told in detail: in a variable called so, or where the deed is made."""
    for node in ast.walk(tree):
        parts: list[ast.expr | None] = []
        if isinstance(node, ast.AnnAssign | ast.Assign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            parts = [node.value] if isinstance(target, ast.Name) and target.id in ("detail", "chosen") else []
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            parts = [*node.args, *(given.value for given in node.keywords)] if name in MAKERS else []
            yield from (given.arg for given in node.keywords if given.arg and name in ("deed", "_note"))
        for found in (each for part in parts if part for each in ast.walk(part) if isinstance(each, ast.Dict)):
            yield from (key.value for key in found.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


MAKERS = ("Deed", "deed", "_note", "approved")


def test_every_name_in_the_audit_trail_s_details_has_words() -> None:
    named = {name for file in Path("services").rglob("*.py") for name in names_told(ast.parse(file.read_text("utf-8")))}
    assert {"before", "hash", "fields", "channel", "granted"} <= named
    known = CATALOGUE.of(Locale.ZH_CN)
    assert sorted(name for name in named - {"reason"} if not known.get(f"audit_name.{name}", "")) == []


def test_every_greeting_has_a_word() -> None:
    """The page of care names what went out today."""
    texts = {folder.name for folder in (TEMPLATES / "messages").glob("care_*")}
    named = {key.removeprefix("greeting.") for key in CATALOGUE.of(Locale.EN).strings if key.startswith("greeting.")}
    assert texts == named
