"""Finds the texts that are no question to the knowledge base, by the rules of the seed file."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.knowledge.outcome import THANKS, Finding, Outcome, Refusal

Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Rule:
    """One kind of text: found by `any_of` unless `unless` is found too."""

    finding: Finding
    any_of: Patterns
    unless: Patterns
    firm: bool
    """Whether it holds even for a text that looks like a question to the knowledge base."""

    def fits(self, forms: Sequence[str]) -> bool:
        """Whether a text, given in its forms, is of this kind."""
        return _found(self.any_of, forms) and not _found(self.unless, forms)


@dataclass(frozen=True)
class SecurityAdvice:
    """A named security together with the wish to trade it or to hear where it goes."""

    direction: Patterns
    code: Patterns
    names: Patterns
    unless: Patterns

    def fits(self, forms: Sequence[str]) -> bool:
        """Whether a text asks for advice on a security it names by code or by name."""
        if not _found(self.direction, forms):
            return False
        return (_found(self.code, forms) or _found(self.names, forms)) and not _found(self.unless, forms)


@dataclass(frozen=True)
class Intents:
    """All rules in the order in which they are tried."""

    rules: tuple[Rule, ...]
    security: SecurityAdvice
    calm: Patterns
    """Marks of a question; a text that is only like a complaint, and holds one of them, is no complaint."""

    @classmethod
    def build(
        cls, rules: Sequence[Mapping[str, object]], security: Mapping[str, object], calm: Sequence[object]
    ) -> "Intents":
        """Of the seed file's `rules`, `security_advice` and `calm`."""
        parts = {name: _compiled(security.get(name)) for name in ("direction", "code", "names", "unless")}
        return cls(tuple(_rule(rule) for rule in rules), SecurityAdvice(**parts), _compiled(calm))

    def asks(self, text: str) -> bool:
        """Whether a cleaned text has the mark of a question."""
        return _found(self.calm, (text,))

    def find(self, text: str, likely: Outcome | None = None) -> Finding | None:
        """The finding of the first rule that fits a text: where an outcome is `likely`, a firm one or one of it."""
        forms = (text,) if text.isascii() or " " not in text else (text, text.replace(" ", ""))
        rules = (rule for rule in self.rules if rule.firm or likely in (None, rule.finding.outcome))
        hit = next((rule.finding for rule in rules if rule.fits(forms)), None)
        if hit is None and likely in (None, Outcome.REFUSED) and self.security.fits(forms):
            return Finding(Outcome.REFUSED, reason=Refusal.STOCK_ADVICE.value)
        return hit


def _rule(rule: Mapping[str, object]) -> Rule:
    outcome, given = Outcome(str(rule["outcome"])), rule.get("reason")
    reason = Refusal(str(given)).value if outcome is Outcome.REFUSED else THANKS if given == THANKS else None
    finding = Finding(outcome, reason=reason)
    return Rule(finding, _compiled(rule["any"]), _compiled(rule.get("unless")), rule.get("firm") is True)


def _compiled(patterns: object) -> Patterns:
    if patterns is None:
        return ()
    each: Iterable[object] = [patterns] if isinstance(patterns, str) else patterns  # type: ignore[assignment]
    return tuple(re.compile(str(pattern)) for pattern in each)


def _found(patterns: Patterns, forms: Sequence[str]) -> bool:
    return any(pattern.search(form) for pattern in patterns for form in forms)
