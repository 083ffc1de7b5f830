"""Fields of forms that a platform has registered: short patterns with a text's own parameters and filters."""

from collections.abc import Mapping

from jinja2 import Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.errors import TextParametersWrong
from bot.texts.formats import Formats
from bot.texts.loading import environment_of
from bot.vocabulary import Locale


class Fragments:
    """Renders patterns such as `{{ due|instant }}`, each compiled once."""

    def __init__(self, formats: Mapping[Locale, Formats]) -> None:
        self._environments = {locale: environment_of(known) for locale, known in formats.items()}
        self._compiled: dict[tuple[Locale, str], Template] = {}

    def render(self, pattern: str, locale: Locale, parameters: Mapping[str, object]) -> str:
        """The field's text; TextParametersWrong where a parameter is missing or of a wrong kind."""
        known = self._compiled.get((locale, pattern))
        if known is None:
            known = self._compiled[locale, pattern] = self._environments[locale].from_string(pattern)
        try:
            return known.render(parameters)
        except TemplateError as error:
            raise TextParametersWrong(f"a field of a form: {type(error).__name__}") from None

    def names(self, pattern: str) -> frozenset[str] | None:
        """The parameters that a pattern takes; None where it can't be read."""
        environment: ImmutableSandboxedEnvironment = self._environments[Locale.ZH_CN]
        try:
            environment.from_string(pattern)
            return frozenset(meta.find_undeclared_variables(environment.parse(pattern)))
        except TemplateError:
            return None
