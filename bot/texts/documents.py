"""One text in all its locales and forms."""

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Template

from bot.errors import TextParametersWrong
from bot.vocabulary import Locale

Form = tuple[Locale, str | None]


@dataclass(frozen=True, slots=True)
class Document:
    """One approved text in all its locales and forms."""

    key: str
    parameters: frozenset[str]
    forms: Mapping[Form, Template]

    def render(self, locale: Locale, parameters: Mapping[str, object], channel: str | None) -> str:
        """The text; None counts as missing, an empty string stands for a part left out."""
        if parameters.keys() != self.parameters or None in parameters.values():
            raise self._wrong(parameters)
        form = self.forms.get((locale, channel)) or self.forms[(locale, None)]
        try:
            return form.render(parameters)
        except TextParametersWrong as error:
            raise TextParametersWrong(f"{self.key}: {error}") from error

    def _wrong(self, parameters: Mapping[str, object]) -> TextParametersWrong:
        given = {name for name, value in parameters.items() if value is not None}
        missing = ", ".join(sorted(self.parameters - given)) or "-"
        surplus = ", ".join(sorted(parameters.keys() - self.parameters)) or "-"
        return TextParametersWrong(f"{self.key}: missing {missing}; surplus {surplus}")
