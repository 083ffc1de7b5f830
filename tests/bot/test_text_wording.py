"""What compliance and taste ask of every text: length, voice, and no forbidden word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.texts import TEMPLATES, Texts
from bot.vocabulary import ChannelKind, Locale
from tests import packaged

SEEDS = TEMPLATES.parent / "storage" / "seeds"
CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
INSTANTS = frozenset(
    {"by", "contact_by", "deadline", "decide_by", "due", "promise", "reply_by", "time", "until", "when"}
)
DATES = frozenset({"closed_from", "closed_to", "date", "reopen_on", "valid_until"})
AMOUNTS = frozenset({"line", "price", "ratio", "years"})


@dataclass(frozen=True)
class Forbidden:
    """Words nobody may write, and the words beside them that turn them into a warning."""

    pattern: re.Pattern[str]
    markers: tuple[str, ...]

    def found_in(self, text: str) -> str | None:
        hit = self.pattern.search(text)
        return hit.group() if hit and not any(marker in text for marker in self.markers) else None


def word_list() -> dict[str, Any]:
    (source,) = SEEDS.rglob("forbidden_words*.yaml")
    listed: dict[str, Any] = yaml.safe_load(source.read_text("utf-8"))
    return listed


def forbidden_words() -> Iterator[Forbidden]:
    listed = word_list()
    for category in listed["categories"]:
        if category["severity"] == "block":
            words = [re.escape(word) for word in category["words"] + category["variants"]]
            allowed = [listed["contexts"][name]["markers"] for name in category["allowed_contexts"]]
            yield Forbidden(re.compile("|".join(words + category["patterns"])), tuple(chain.from_iterable(allowed)))


def approved_keys() -> set[str]:
    """Texts that compliance has passed word by word; the list names them by their group."""
    listed = word_list()["preapproved_replies"]
    return {name.removeprefix("notice.").replace(".", "_") for name in listed}


def sample(name: str) -> object:
    """A value of the kind that a parameter of this name takes."""
    if name in INSTANTS:
        return datetime(2026, 10, 1, 6, 5, tzinfo=UTC)
    if name in DATES:
        return "2026-10-01"
    if name in AMOUNTS:
        return 3
    return "22:00" if name in {"start", "end"} else f"<{name}>"


def files() -> list[Path]:
    return sorted(path for kind in ("messages", "notices") for path in (TEMPLATES / kind).rglob("*.j2"))


def wording(path: Path) -> str:
    return PLACEHOLDER.sub("", path.read_text("utf-8")).strip()


def is_care(path: Path) -> bool:
    return any(part.startswith("care_") for part in path.parts)


def longest(path: Path) -> int | None:
    """Characters that a text may have besides its parameters."""
    if is_care(path):
        return 120
    return 100 if path.name.startswith(Locale.ZH_CN) else None


@pytest.fixture(scope="module")
def texts() -> Texts:
    return packaged.texts()


def rendered(texts: Texts, locale: Locale) -> Iterator[tuple[str, str]]:
    for key in sorted(texts.keys()):
        parameters = {name: sample(name) for name in texts.parameters(key)}
        for channel in ChannelKind:
            yield key, texts.render(key, locale, parameters, channel=channel)
    for key in sorted(texts.notices):
        yield key, texts.notice(key, locale, {name: sample(name) for name in texts.notice_parameters(key)})


@pytest.mark.parametrize("locale", Locale)
def test_every_text_renders_on_every_channel(texts: Texts, locale: Locale) -> None:
    unclean = {key for key, text in rendered(texts, locale) if not text or text != text.strip() or "{{" in text}
    assert unclean == set()


@pytest.mark.parametrize("locale", Locale)
def test_every_parameter_is_said_in_some_form(texts: Texts, locale: Locale) -> None:
    """A parameter that only decides would hide from those who approve the text."""
    said: dict[str, str] = {}
    for key, text in rendered(texts, locale):
        said[key] = said.get(key, "") + text
    plain = {key: [name for name in texts.parameters(key) if sample(name) == f"<{name}>"] for key in texts.messages}
    assert [(key, name) for key, names in plain.items() for name in names if f"<{name}>" not in said[key]] == []


def test_no_text_is_longer_than_a_message_should_be() -> None:
    limits = {path: longest(path) for path in files()}
    too_long = {
        str(path.relative_to(TEMPLATES)): len(wording(path))
        for path, limit in limits.items()
        if limit and len(wording(path)) > limit
    }
    assert too_long == {}


def test_no_text_holds_a_forbidden_word() -> None:
    rules = list(forbidden_words())
    hits = {(path.parent.name, rule.found_in(wording(path))) for path in files() for rule in rules}
    assert {(key, hit) for key, hit in hits if hit and key not in approved_keys()} == set()
    assert approved_keys() <= {path.parent.name for path in files()}


def test_the_forbidden_words_are_found_where_they_stand() -> None:
    hits = [rule.found_in("新年祝您财源滚滚，跟着我们稳赚不赔") for rule in forbidden_words()]
    assert {hit for hit in hits if hit} == {"财源滚滚", "稳赚"}


def test_chinese_texts_are_polite_and_calm() -> None:
    chinese = [path for path in files() if path.name.startswith(Locale.ZH_CN)]
    rude = [path for path in chinese if re.search("你|亲[，,～~]|亲爱的", wording(path))]
    loud = [path for path in chinese if "！" in wording(path) and not is_care(path)]
    assert (rude, loud) == ([], [])


def test_english_texts_are_english_and_calm() -> None:
    english = [path for path in files() if path.name.startswith(Locale.EN)]
    mixed = [path for path in english if CJK.search(wording(path))]
    loud = [path for path in english if "!" in wording(path) and not is_care(path)]
    assert (mixed, loud) == ([], [])


def test_texts_leave_the_numbering_of_options_to_the_channel() -> None:
    numbered = re.compile(r"1\s?[^\d:至to]+[,，、 ]\s?2\s?\D")
    assert [path for path in files() if numbered.search(wording(path))] == []
