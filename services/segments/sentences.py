"""A condition as a sentence that staff read before they send by it; its words stand in the catalogue `segments`."""

from dataclasses import dataclass

from bot.texts import Texts
from bot.texts.words import Catalogue, Words
from bot.vocabulary import Locale
from bot.vocabulary.conditions import All, AnyOf, Condition, InSegment, Not, Test
from bot.vocabulary.fields import FIELDS, FieldType, Operator
from services.segments.choices import titles

CATALOGUE = "segments"
KINDS = {
    "preferred_channel": "channel",
    "complaint_level": "level",
    "holds_class": "asset_class",
    "prefers": "asset_class",
}
"""Fields whose values are named after another noun."""

_OWN_PHRASE = (FieldType.SET, FieldType.FLAG)


def catalogue() -> Catalogue:
    """The words in every language; TextsBroken where the languages differ."""
    return Catalogue.load(CATALOGUE)


@dataclass(frozen=True)
class Sentences:
    """Says conditions in the reader's language."""

    words: Catalogue
    texts: Texts

    def say(self, condition: Condition, locale: Locale) -> str:
        """The whole condition, groups in brackets."""
        return self._tree(condition, locale)

    def value(self, field: str, value: str | int, locale: Locale) -> str:
        """One value of a field as it is read."""
        if not FIELDS[field].choices:
            return titles(field).get(str(value), str(value))
        name = f"{KINDS.get(field, field)}_{str(value).lower()}"
        return self.words.of(locale).get(f"value.{name}", "") or self.texts.label(name, locale)

    def _tree(self, condition: Condition, locale: Locale) -> str:
        words = self.words.of(locale)
        if isinstance(condition, All | AnyOf):
            return self._joined(condition, locale)
        if isinstance(condition, Not):
            return words("tree.not", words=self._tree(condition.part, locale))
        if isinstance(condition, InSegment):
            return words("tree.segment", name=condition.name)
        return self._test(condition, words)

    def _joined(self, condition: All | AnyOf, locale: Locale) -> str:
        every, words = isinstance(condition, All), self.words.of(locale)
        if not condition.parts:
            return words("tree.everybody" if every else "tree.nobody")
        if len(condition.parts) == 1:
            return self._tree(condition.parts[0], locale)
        return words("tree.and" if every else "tree.or").join(self._part(part, locale) for part in condition.parts)

    def _part(self, condition: Condition, locale: Locale) -> str:
        """In brackets where it has parts of its own."""
        said = self._tree(condition, locale)
        return self.words.of(locale)("tree.group", words=said) if _has_parts(condition) else said

    def _test(self, test: Test, words: Words) -> str:
        field = FIELDS[test.field]
        if test.operator is Operator.KNOWN or field.type is FieldType.FLAG:
            return words(f"phrase.{_kind(test)}{str(bool(test.value)).lower()}", **_named(test, words))
        name = f"phrase.{_kind(test)}{test.operator}"
        if not isinstance(test.value, tuple):
            return words(name, value=self._said(test, test.value, words), **_named(test, words))
        each = [self._said(test, one, words) for one in test.value]
        if test.operator is Operator.BETWEEN:
            return words(name, low=each[0], high=each[-1], **_named(test, words))
        return words(name, value=words("tree.value_or").join(each), **_named(test, words))

    def _said(self, test: Test, value: str | int, words: Words) -> str:
        return self.value(test.field, value, words.locale)


def _has_parts(condition: Condition) -> bool:
    """Whether it is said as several things joined."""
    if isinstance(condition, Not):
        return False
    return isinstance(condition, All | AnyOf) and (
        len(condition.parts) > 1 or (len(condition.parts) == 1 and _has_parts(condition.parts[0]))
    )


def _kind(test: Test) -> str:
    """With what the name of the phrase begins: fields of some types have phrases of their own."""
    kind = FIELDS[test.field].type
    if kind in _OWN_PHRASE:
        return f"{test.field}_"
    begin = "instant_" if kind is FieldType.INSTANT else ""
    if test.operator is Operator.KNOWN:
        return f"{begin}known_"
    if kind is FieldType.LADDER and test.operator in (Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN):
        return "ladder_"
    dated = kind is FieldType.DATE and test.operator in (Operator.AT_LEAST, Operator.AT_MOST)
    return "date_" if dated else begin


def _named(test: Test, words: Words) -> dict[str, str]:
    return {"field": words(f"field.{test.field}")}
