"""From a key and parameters to the text a client reads on one channel, and what the gate must know of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from bot.errors import TextError
from bot.messages import Form, Option, ShownOption
from bot.splitting import split
from bot.texts import Texts
from bot.texts.fragments import Fragments
from bot.vocabulary import Locale, Purpose
from services.wording import Decision, Wording

SALUTATION = "salutation"
ANONYMOUS = "salutation_anonymous"
UNHEARD = "_unheard"
"""The end of the name of a text, a notice or a parameter that takes another's place where clients are not heard."""

APPROVED = frozenset({Purpose.REPLY, Purpose.TICKET_UPDATE})
"""Purposes whose texts were approved before; others with wording in need of a release must name their material."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be said and where; `salutation` is the client's own, None where it is not known.

    `heard`: what the client writes there reaches us.
    """

    text_key: str
    parameters: Mapping[str, object]
    locale: Locale
    channel: str
    personal_allowed: bool
    personal: frozenset[str] = frozenset()
    quoted: frozenset[str] = frozenset()
    notice: str | None = None
    salutation: str | None = None
    heard: bool = True


@dataclass(frozen=True, slots=True)
class Composed:
    """The text; `text_key` is the neutral variant where that was needed; `judged` is what wording is checked on."""

    text: str
    text_key: str
    judged: str
    neutral_exists: bool


class _Form(NamedTuple):
    """Which words: a text in one language as one channel has it, with its notice."""

    key: str
    locale: Locale
    channel: str
    notice: str | None


class Composer:
    """Renders texts and checks their wording; remembers both, as a broadcast is one text many times."""

    def __init__(self, texts: Texts, wording: Wording) -> None:
        self._texts = texts
        self._wording = wording
        self._fragments = Fragments(texts.formats)
        self._judge = lru_cache(maxsize=2048)(self._check)
        self._repeated = lru_cache(maxsize=1024)(self._once)

    def has_neutral(self, text_key: str, personal: frozenset[str]) -> bool:
        """Whether it can be said without personal data; a salutation alone has an anonymous form."""
        return f"{text_key}_neutral" in self._texts.messages or personal <= {SALUTATION}

    def compose(self, wanted: Wanted) -> Composed:
        """Render; TextError where the key or its parameters are wrong."""
        neutral_key = f"{wanted.text_key}_neutral"
        neutral_exists = self.has_neutral(wanted.text_key, wanted.personal)
        plain = bool(wanted.personal) and not wanted.personal_allowed and neutral_exists
        key = neutral_key if plain and neutral_key in self._texts.messages else wanted.text_key
        parameters = _fitting(wanted.parameters, heard=wanted.heard)
        if SALUTATION in wanted.personal:
            own = None if plain else parameters.get(SALUTATION, wanted.salutation)
            parameters[SALUTATION] = own or self._texts.render(ANONYMOUS, wanted.locale, {})
        if key == neutral_key:
            parameters = {name: value for name, value in parameters.items() if name not in wanted.personal}
        text = self._render(key, wanted, parameters)
        return Composed(text, key, self._judged(key, wanted, parameters, text), neutral_exists)

    def _render(self, key: str, wanted: Wanted, parameters: Mapping[str, object]) -> str:
        """The text with its notice below. Only words are looked up among those rendered before: 1 equals True."""
        if not wanted.heard and f"{key}{UNHEARD}" in self._texts.messages:
            key = f"{key}{UNHEARD}"
        form = _Form(key, wanted.locale, wanted.channel, wanted.notice)
        if all(type(value) is str for value in parameters.values()):
            return self._repeated(form, tuple(parameters.items()))
        return self._once(form, tuple(parameters.items()))

    def _once(self, form: "_Form", given: tuple[tuple[str, object], ...]) -> str:
        """What only the notice takes is kept from the text."""
        parameters = dict(given)
        if form.notice is None:
            return self._texts.render(form.key, form.locale, parameters, channel=form.channel)
        needed = self._texts.notice_parameters(form.notice)
        surplus = needed - self._texts.parameters(form.key)
        own = {name: value for name, value in parameters.items() if name not in surplus}
        text = self._texts.render(form.key, form.locale, own, channel=form.channel)
        below = {name: value for name, value in parameters.items() if name in needed}
        return f"{text}\n{self._texts.notice(form.notice, form.locale, below)}"

    def _judged(self, key: str, wanted: Wanted, parameters: Mapping[str, object], text: str) -> str:
        """The text without the client's own words and name, which are not ours to weigh."""
        foreign = (wanted.quoted | {SALUTATION}) & parameters.keys()
        if not foreign:
            return text
        try:
            return self._render(key, wanted, dict(parameters) | dict.fromkeys(foreign, ""))
        except TextError:  # a quoted date or amount can't be left out
            return text

    def forbidden(self, judged: str, purpose: Purpose, material: str | None) -> str | None:
        """The category of wording that keeps a text from going out, if any."""
        return self._judge(judged, purpose, purpose in APPROVED or bool(material))

    def _check(self, text: str, purpose: Purpose, released: bool) -> str | None:
        verdict = self._wording.check(text, purpose=purpose)
        passes = verdict.decision is Decision.PASS or (released and verdict.decision is Decision.RELEASE)
        return None if passes else verdict.category

    def options(self, options: Sequence[Option], locale: Locale) -> tuple[ShownOption, ...]:
        """Options with their labels in the client's language."""
        return tuple(
            ShownOption(option.value, option.label or self._texts.label(option.label_key, locale)) for option in options
        )

    def with_list(self, text: str, shown: Sequence[ShownOption], buttons: int, locale: Locale) -> str:
        """The text as it stands on a channel with so many buttons: a numbered list where they don't fit."""
        if not shown or len(shown) <= buttons:
            return text
        return f"{text}\n{self._texts.options(locale, [option.label for option in shown])}"

    def form(
        self, text_key: str, patterns: Mapping[str, str], locale: Locale, parameters: Mapping[str, object]
    ) -> Form:
        """A text as a platform's form; TextError where a field can't be filled in."""
        fields = {name: self._fragments.render(pattern, locale, parameters) for name, pattern in patterns.items()}
        return Form(text_key, fields)

    def parts(self, text: str, longest: int, locale: Locale) -> list[str]:
        """A text that is too long for one message: as much as fits, then parts so short that an answer fits beside.

        Each but the last says that more comes with the client's next message.
        """
        hint = self._texts.label("more_follows", locale)
        room = longest - len(hint.encode()) - 1
        first = split(text, room)[0]
        rest = split(text.removeprefix(first), min(room, longest // 2))
        return [*(f"{part}\n{hint}" for part in [first, *rest[:-1]]), *rest[-1:]]


def _fitting(parameters: Mapping[str, object], *, heard: bool) -> dict[str, object]:
    others = {name: value for name, value in parameters.items() if name.endswith(UNHEARD)}
    if not others:
        return dict(parameters)
    plain = {name: value for name, value in parameters.items() if name not in others}
    return plain if heard else plain | {name.removesuffix(UNHEARD): value for name, value in others.items()}


def storable(parameters: Mapping[str, object]) -> dict[str, object]:
    """Parameters as JSON holds them: instants and dates in ISO 8601, amounts as decimal strings."""
    return {name: _storable(value) for name, value in parameters.items()}


def _storable(value: object) -> object:
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
