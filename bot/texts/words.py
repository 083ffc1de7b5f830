"""Words of pages and tables: `templates/locales/<locale>/<file>.toml`, named `section.word`."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from bot.errors import TextParametersWrong, TextsBroken, UnknownText
from bot.texts import TEMPLATES
from bot.vocabulary import Locale

LANG = {Locale.ZH_CN: "zh-CN", Locale.EN: "en"}
"""How HTML names a language; with a mere `zh` browsers draw Japanese shapes."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words in one language; called with a name and the word's parameters."""

    locale: Locale
    strings: Mapping[str, str]

    def __call__(self, name: str, /, **parameters: object) -> str:
        """The words under a name; strict about missing names and parameters."""
        text = self.strings.get(name)
        if text is None:
            raise UnknownText(name)
        try:
            return text.format(**parameters)
        except KeyError as error:
            raise TextParametersWrong(f"{name}: missing {error}") from None

    @property
    def lang(self) -> str:
        """The language as HTML names it."""
        return LANG[self.locale]

    def get(self, name: str, fallback: str) -> str:
        """The words under a name that comes from stored data, or the fallback where nothing is named so."""
        return self.strings.get(name, fallback)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words in every language."""

    languages: Mapping[Locale, Words]

    @classmethod
    def load(cls, file: str, folder: Path = TEMPLATES) -> "Catalogue":
        """Read a file in all languages; TextsBroken where they differ in names or parameters."""
        languages = {locale: Words(locale, read(folder / "locales" / locale / f"{file}.toml")) for locale in Locale}
        if faults := sorted(differences(languages)):
            raise TextsBroken(faults)
        return cls(languages)

    def of(self, locale: Locale) -> Words:
        """The words in one language."""
        return self.languages[locale]


def read(file: Path) -> dict[str, str]:
    """The words of one file by `section.name`."""
    sections = tomllib.loads(file.read_text("utf-8"))
    return {f"{section}.{name}": str(text) for section, words in sections.items() for name, text in words.items()}


def differences(languages: Mapping[Locale, Words]) -> Iterator[str]:
    """What one language has and another lacks, and words that take different parameters."""
    names = {name for words in languages.values() for name in words.strings}
    for name in names:
        lacking = [locale for locale, words in languages.items() if name not in words.strings]
        yield from (f"{name}: no {locale}" for locale in lacking)
        if not lacking and len({parameters(words.strings[name]) for words in languages.values()}) > 1:
            yield f"{name}: the languages take different parameters"


def parameters(text: str) -> frozenset[str]:
    """The parameters that a text takes."""
    return frozenset(field for _, field, _, _ in Formatter().parse(text) if field)
