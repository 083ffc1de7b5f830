"""What commands print exists in every language with the same values, also every refusal of outreach."""

import ast
import tomllib
from string import Template

import pytest

from bot.commands.tables import width
from bot.vocabulary import DeliveryState, Locale
from bot.vocabulary.broadcasts import BroadcastState
from services.calendar import FaultKind, Occasions
from services.delivery.gate import RULES
from tests.house.sources import ROOT, python_files

TELLERS = {"tell", "word", "Refused", "Conflict", "NotPermitted"}
PLACES = (
    "bot/commands/",
    "services/audit/",
    "services/broadcasts/",
    "services/care.py",
    "services/code_lists.py",
    "services/identity.py",
    "services/integrations/register.py",
    "services/personnel.py",
    "services/rights/",
    "services/second_factor.py",
    "services/segments/",
    "services/staff.py",
)


def words(locale: Locale) -> dict[str, str]:
    return tomllib.loads((ROOT / "templates" / "locales" / locale / "commands.toml").read_text("utf-8"))


def needed() -> set[str]:
    """Every key that commands and the services behind them name literally."""
    calls = [
        node
        for source in python_files("bot", "services")
        if source.path.startswith(PLACES)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in TELLERS and node.args
    ]
    keys = [call.args[0] for call in calls]
    return {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}


def test_every_language_has_the_same_lines_with_the_same_values() -> None:
    chinese, english = words(Locale.ZH_CN), words(Locale.EN)
    assert chinese.keys() == english.keys()
    for key in chinese:
        assert set(Template(chinese[key]).get_identifiers()) == set(Template(english[key]).get_identifiers()), key


def test_every_line_that_code_names_exists() -> None:
    found = needed()
    assert {"no_server", "broadcast_own", "care_too_late", "staff_locked"} <= found
    assert found - words(Locale.EN).keys() == set()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("broadcast_state", list(BroadcastState)),
        ("delivery", list(DeliveryState)),
        ("rule", [rule.name for rule in RULES]),
        ("calendar_fault", list(FaultKind)),
        ("occasion", [each.id for each in Occasions.from_seed().occasions if each.template]),
    ],
)
def test_every_value_has_a_word(kind: str, values: list[str]) -> None:
    assert {f"{kind}_{value}" for value in values} - words(Locale.EN).keys() == set()


def test_a_chinese_sign_is_two_letters_wide() -> None:
    assert (width("王**"), width("abc"), width("")) == (4, 3, 0)
