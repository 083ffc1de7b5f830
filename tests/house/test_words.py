"""Texts: every key in every locale with equal parameters, and every key that code names is there with just its own."""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

from bot.vocabulary import Locale
from tests.house.sources import ROOMS, ROOT, Source, python_files

TEMPLATES = ROOT / "templates"
PLACES = {"key": "messages", "notice": "notices", "label_key": "labels"}
SAYERS = {"say", "Reply", "Option"}
NOT_PARAMETERS = {"key", "notice", "options", "personal", "parameters"}


def parameters(file: Path) -> frozenset[str]:
    """What a template needs to be told."""
    environment = Environment(autoescape=True)
    tree = environment.parse(file.read_text("utf-8"))
    environment.filters.update({used.name: str for used in tree.find_all(nodes.Filter)})
    return frozenset(meta.find_undeclared_variables(tree))


def documents(kind: str, root: Path = TEMPLATES) -> dict[str, dict[str, frozenset[str]]]:
    """key → locale (with form) → parameters."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for file in sorted((root / kind).rglob("*.j2")):
        found.setdefault(file.parent.relative_to(root / kind).as_posix(), {})[file.stem] = parameters(file)
    return found


def labels() -> dict[str, dict[str, frozenset[str]]]:
    """key → locale → no parameters."""
    files = {locale: TEMPLATES / "locales" / locale / "labels.toml" for locale in Locale}
    tables = {locale: tomllib.loads(file.read_text("utf-8")) for locale, file in files.items()}
    keys = set().union(*tables.values())
    return {key: {locale: frozenset() for locale in Locale if key in tables[locale]} for key in keys}


def differences(found: dict[str, dict[str, frozenset[str]]]) -> Iterator[str]:
    """Keys that lack a locale, or whose locales take different parameters."""
    for key, forms in found.items():
        if lacking := set(Locale) - forms.keys():
            yield f"{key}: no {', '.join(sorted(lacking))}"
        plain = {forms[locale] for locale in Locale if locale in forms}
        if len(plain) > 1:
            yield f"{key}: the locales take different parameters: {sorted(map(sorted, plain))}"


@pytest.mark.parametrize("kind", ["messages", "notices"])
def test_every_key_is_there_in_every_locale_with_equal_parameters(kind: str) -> None:
    found = documents(kind)
    assert found
    assert list(differences(found)) == []


def test_every_label_is_there_in_every_locale() -> None:
    found = labels()
    assert found
    assert list(differences(found)) == []


def test_a_missing_locale_and_unequal_parameters_are_found(tmp_path: Path) -> None:
    for name, text in {"a/en": "{{ x }}", "a/zh_CN": "{{ y }}", "b/en": "words"}.items():
        (tmp_path / "messages" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "messages" / f"{name}.j2").write_text(text)
    faults = list(differences(documents("messages", tmp_path)))
    assert [fault.split(" ")[0] for fault in faults] == ["a:", "b:"]


@dataclass(frozen=True)
class Use:
    """A text that code names literally; `parameters` is None where they cannot be read from the code."""

    line: int
    place: str
    key: str
    parameters: frozenset[str] | None


def uses(source: Source) -> Iterator[Use]:
    """Every literal key in `say(...)`, `Reply(...)` and `Option(...)`."""
    for call in (node for node in ast.walk(source.tree) if isinstance(node, ast.Call)):
        sayer = ast.unparse(call.func).split(".")[-1]
        if sayer in SAYERS:
            named = {word.arg: word.value for word in call.keywords if word.arg}
            if call.args and sayer != "Option":
                named["key"] = call.args[0]
            for word in PLACES.keys() & named.keys():
                yield from _literal(call, word, named[word], sayer)


def _literal(call: ast.Call, word: str, value: ast.expr, sayer: str) -> Iterator[Use]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
        given = _given(call, sayer) if word == "key" else None
        yield Use(call.lineno, PLACES[word], value.value, given)


def _given(call: ast.Call, sayer: str) -> frozenset[str] | None:
    names = [word.arg for word in call.keywords]
    if sayer == "say":
        return None if None in names else frozenset(filter(None, names)) - NOT_PARAMETERS
    mapping = next((word.value for word in call.keywords if word.arg == "parameters"), None)
    mapping = call.args[1] if len(call.args) > 1 else mapping
    if mapping is None:
        return frozenset()
    keys = mapping.keys if isinstance(mapping, ast.Dict) else [None]
    if not all(isinstance(key, ast.Constant) for key in keys):
        return None
    return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))


Catalogue = dict[str, dict[str, dict[str, frozenset[str]]]]


def misuses(source: Source, catalogue: Catalogue) -> Iterator[str]:
    """Keys that do not exist, and parameters that are not the key's."""
    for use in uses(source):
        forms = catalogue[use.place].get(use.key)
        if forms is None:
            yield f"{source.path}:{use.line}: no {use.place} {use.key}"
        elif use.parameters is not None and use.parameters != (wanted := frozenset().union(*forms.values())):
            yield f"{source.path}:{use.line}: {use.key} takes {sorted(wanted)}, not {sorted(use.parameters)}"


def test_code_names_only_texts_that_exist_and_gives_what_they_need() -> None:
    catalogue = {"messages": documents("messages"), "notices": documents("notices"), "labels": labels()}
    assert [fault for source in python_files(*ROOMS) for fault in misuses(source, catalogue)] == []


KNOWN: Catalogue = {
    "messages": {"answer": {"en": frozenset({"text"})}},
    "notices": {"risk": {"en": frozenset()}},
    "labels": {"option_yes": {"en": frozenset()}},
}


@pytest.mark.parametrize(
    "code",
    [
        'say("anwser", text=text)',
        'say("answer")',
        'messages.say("answer", text=text, title=title)',
        'Reply("answer", {"title": title})',
        'Reply(key="answer")',
        'say("answer", text=text, notice="riks")',
        'Option("1", label_key="option_no")',
    ],
)
def test_a_wrong_key_or_parameter_is_found(code: str) -> None:
    assert len(list(misuses(Source("handlers/questions.py", code), KNOWN))) == 1


@pytest.mark.parametrize(
    "code",
    [
        'say("answer", text=text, options=(Option("1", label_key="option_yes"),), notice="risk")',
        'Reply("answer", {"text": text}, personal=frozenset({"text"}))',
        'say("answer", **found)',
        "say(key)",
    ],
)
def test_right_use_passes(code: str) -> None:
    assert list(misuses(Source("handlers/questions.py", code), KNOWN)) == []
