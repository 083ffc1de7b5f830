"""One text in all its locales and forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from jinja2 import Environment, Template

from bot.errors import TextParametersWrong
from bot.vocabulary import Locale

Form = tuple[Locale, str | None]


@dataclass(frozen=True)
class Written:
    """One template file, read and checked; compiled when it is first needed, as most are not in one process's life.

    Until then its text is kept: the parsed trees of all texts would take 2 MB.
    """

    environment: Environment
    text: str
    file: str

    @cached_property
    def template(self) -> Template:
        """Ready to render."""
        return Template.from_code(self.environment, self.environment.compile(self.text, filename=self.file), {})


@dataclass(frozen=True, slots=True)
class Document:
    """One approved text in all its locales and forms."""

    key: str
    parameters: frozenset[str]
    forms: Mapping[Form, Written]

    def render(self, locale: Locale, parameters: Mapping[str, object], channel: str | None) -> str:
        """The text; None counts as missing, an empty string stands for a part left out."""
        if parameters.keys() != self.parameters or None in parameters.values():
            raise self._wrong(parameters)
        form = self.forms.get((locale, channel)) or self.forms[(locale, None)]
        try:
            return form.template.render(parameters)
        except TextParametersWrong as error:
            raise TextParametersWrong(f"{self.key}: {error}") from error

    def _wrong(self, parameters: Mapping[str, object]) -> TextParametersWrong:
        given = {name for name, value in parameters.items() if value is not None}
        missing = ", ".join(sorted(self.parameters - given)) or "-"
        surplus = ", ".join(sorted(parameters.keys() - self.parameters)) or "-"
        return TextParametersWrong(f"{self.key}: missing {missing}; surplus {surplus}")
