"""Suggests the class and the severity of a complaint from its words; staff may always change both, upwards alone
without compliance."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.vocabulary import Level, Locale
from storage import seeds

_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_MYRIAD = 10_000


class _Seed(BaseModel):
    """A part of a seed file; an unknown name in it is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ComplaintClass(_Seed):
    """One class of complaints of the branch's list; `level` is where the severity starts."""

    code: str
    group: str
    name: str
    name_en: str
    level: Level
    kind: Literal["complaint", "suggestion", "whistleblowing"]
    keywords: tuple[str, ...]
    examples: tuple[str, ...] = ()


class Rule(_Seed):
    """What raises the severity; `also` must be said too, `amount` is the least sum of yuan claimed, `unless` are
    patterns whose match does not count, `positive` and `negated` are examples that tests hold it to."""

    id: str
    level: Level
    title: str
    any_of: tuple[str, ...]
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    amount: int = 0
    always: bool = False
    reply: str | None = None
    positive: tuple[str, ...] = ()
    negated: tuple[str, ...] = ()


class Amounts(_Seed):
    """How sums are written in words."""

    digits: Mapping[str, int]
    units: Mapping[str, int]

    @cached_property
    def _tokens(self) -> re.Pattern[str]:
        signs = "".join([*self.digits, *self.units])
        return re.compile(f"{_NUMBER}|[{signs}]")

    @cached_property
    def _runs(self) -> re.Pattern[str]:
        return re.compile(f"(?:{self._tokens.pattern})+")

    def largest(self, text: str) -> Decimal:
        """The largest sum named in a text, 0 where there is none."""
        return max((self._value(run.group()) for run in self._runs.finditer(text)), default=Decimal(0))

    def _value(self, run: str) -> Decimal:
        total = section = number = Decimal(0)
        for token in self._tokens.findall(run):
            unit = self.units.get(token)
            if unit is None:
                number = Decimal(self.digits[token] if token in self.digits else token.replace(",", ""))
            elif unit < _MYRIAD:
                section, number = section + (number or 1) * unit, Decimal(0)
            else:
                total, section, number = total + (section + number) * unit, Decimal(0), Decimal(0)
        return total + section + number


class _Severity(_Seed):
    unclassified: Level
    inquiry: tuple[str, ...]
    fact: tuple[str, ...]
    amounts: Amounts
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a complaint looks like; `rules` are the ids that raised it, `reply` the text to be said at once."""

    category: str | None
    kind: str
    level: Level
    rules: tuple[str, ...]
    reply: str | None


@dataclass(frozen=True)
class Triage:
    """The branch's classes and severity rules."""

    classes: tuple[ComplaintClass, ...]
    severity: _Severity

    def suggest(self, text: str) -> Suggestion:
        """Class and severity of what a client told."""
        found = self.classify(text)
        raised = [rule for rule in self.severity.rules if self.raises(rule, text)]
        start = found.level if found else self.severity.unclassified
        return Suggestion(
            category=found.code if found else None,
            kind=found.kind if found else "complaint",
            level=min([start, *(rule.level for rule in raised)]),
            rules=tuple(rule.id for rule in raised),
            reply=next((rule.reply for rule in raised if rule.reply), None),
        )

    def classify(self, text: str) -> ComplaintClass | None:
        """The class whose keywords cover most of the text; None where no keyword is said."""
        scores = [(sum(len(word) for word in each.keywords if word in text), each) for each in self.classes]
        best, found = max(scores, key=lambda scored: scored[0])
        return found if best else None

    def name_of(self, code: str, locale: Locale) -> str:
        """What a class is called; empty where the list no longer has it."""
        found = next((each for each in self.classes if each.code == code), None)
        if found is None:
            return ""
        return found.name if locale is Locale.ZH_CN else found.name_en

    def raises(self, rule: Rule, text: str) -> bool:
        """Whether a rule applies: its words are said, and not merely asked about."""
        plain = text
        for harmless in rule.unless:
            plain = re.sub(harmless, "", plain)
        if not any(word in plain for word in rule.any_of):
            return False
        if rule.also and not any(word in plain for word in rule.also):
            return False
        if rule.amount and self.severity.amounts.largest(plain) < rule.amount:
            return False
        return rule.always or not self._asks(text)

    def _asks(self, text: str) -> bool:
        if any(word in text for word in self.severity.fact):
            return False
        return any(re.search(pattern, text) for pattern in self.severity.inquiry)


@lru_cache(maxsize=1)
def packaged() -> Triage:
    """The triage of the packaged seeds."""
    classes = seeds.read("complaints/classes.yaml")["classes"]
    severity = seeds.read("complaints/severity.yaml")
    return Triage(tuple(map(ComplaintClass.model_validate, classes)), _Severity.model_validate(severity))
