"""Every word a client reads: key, locale and parameters become a text.

A document is one folder, `templates/messages/<key>/` (notices: `templates/notices/<key>/`), with one file per
locale, `<locale>.j2`, and `<locale>.<channel>.j2` only where a channel needs another form. Texts of which one is
picked, such as greetings, are documents of their own inside a family folder, `care_birthday_solar/standard_1`, so
that each is approved by itself and its key tells which one was sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import UnknownText
from bot.texts.documents import Document
from bot.texts.formats import Formats
from bot.texts.loading import Loader
from bot.vocabulary import Locale

__all__ = ["TEMPLATES", "Texts"]

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@dataclass(frozen=True, slots=True, repr=False)
class Texts:
    """All texts, compiled once; strict about keys and parameters."""

    messages: Mapping[str, Document]
    notices: Mapping[str, Document]
    labels: Mapping[Locale, Mapping[str, str]]
    formats: Mapping[Locale, Formats]

    @classmethod
    def load(cls, folder: Path | None = None) -> "Texts":
        """Compile everything under `folder` (the packaged templates); raises `TextsBroken` with every fault."""
        loader = Loader(folder or TEMPLATES)
        texts = cls(loader.documents("messages"), loader.documents("notices"), loader.labels(), loader.formats)
        loader.check()
        return texts

    def render(self, key: str, locale: Locale, parameters: Mapping[str, object], *, channel: str | None = None) -> str:
        """A message in the form of `channel` where it has one of its own."""
        return _found(self.messages, key).render(locale, parameters, channel)

    def notice(self, key: str, locale: Locale, parameters: Mapping[str, object]) -> str:
        """A risk notice, an opt-out line or a signature."""
        return _found(self.notices, key).render(locale, parameters, None)

    def parameters(self, key: str) -> frozenset[str]:
        """What a message takes: the same names in every locale, and those of all its channel forms together."""
        return _found(self.messages, key).parameters

    def notice_parameters(self, key: str) -> frozenset[str]:
        """What a notice takes."""
        return _found(self.notices, key).parameters

    def keys(self) -> frozenset[str]:
        """The keys of all messages, family members included."""
        return frozenset(self.messages)

    def variants(self, family: str, tone: str | None = None) -> tuple[str, ...]:
        """The keys of a family's texts in order, all or those of one tone (`standard`, `premium`)."""
        start = f"{family}/{tone}_" if tone else f"{family}/"
        found = tuple(sorted(key for key in self.messages if key.startswith(start)))
        if not found:
            raise UnknownText(start)
        return found

    def label(self, name: str, locale: Locale) -> str:
        """A name for a value of an enum or for an option, such as `level_p1`."""
        try:
            return self.labels[locale][name]
        except KeyError:
            raise UnknownText(name) from None

    def options(self, locale: Locale, labels: Sequence[str]) -> str:
        """The numbered list that channels without buttons set below a text."""
        formats = self.formats[locale]
        return "\n".join(formats.option(number, label) for number, label in enumerate(labels, 1))


def _found(documents: Mapping[str, Document], key: str) -> Document:
    try:
        return documents[key]
    except KeyError:
        raise UnknownText(key) from None
