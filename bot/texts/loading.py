"""Reads and compiles the templates, and says what is wrong with them."""

import tomllib
from collections.abc import Collection, Mapping, Set
from pathlib import Path

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.errors import TextsBroken
from bot.texts.documents import Document, Form, Written
from bot.texts.formats import PATTERNS, Formats
from bot.vocabulary import ChannelKind, Locale


class Loader:
    """Reads a folder of templates and gathers every fault before it complains."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._faults: list[str] = []
        self.formats: Mapping[Locale, Formats] = {locale: self._formats(locale) for locale in Locale}
        self._environments = {locale: environment_of(self.formats[locale]) for locale in Locale}

    def labels(self) -> Mapping[Locale, Mapping[str, str]]:
        """The names of enum values and options."""
        labels = {locale: _strings(self._table(locale, "labels.toml")) for locale in Locale}
        self._expect_equal("labels", labels)
        return labels

    def documents(self, kind: str) -> Mapping[str, Document]:
        """All documents of `messages` or `notices` by their key."""
        root = self._folder / kind
        folders = sorted({path.parent for path in root.rglob("*.j2")})
        if not folders:
            self._faults.append(f"{kind}: no templates")
        return {key: self._document(root, key) for key in (folder.relative_to(root).as_posix() for folder in folders)}

    def check(self) -> None:
        """Raise `TextsBroken` if anything that was read is incomplete."""
        if self._faults:
            raise TextsBroken(sorted(self._faults))

    def _table(self, locale: Locale, name: str) -> Mapping[str, object]:
        try:
            return tomllib.loads((self._folder / "locales" / locale / name).read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            self._faults.append(f"locales/{locale}/{name}: {type(error).__name__}")
            return {}

    def _formats(self, locale: Locale) -> Formats:
        table = self._table(locale, "formats.toml")
        months = table.get("months")
        names = tuple(str(month) for month in months) if isinstance(months, list) else ()
        if table and (len(names) != 12 or table.keys() - {"months"} != PATTERNS):
            self._faults.append(f"locales/{locale}/formats.toml: needs 12 months and {', '.join(sorted(PATTERNS))}")
        return Formats(patterns=_strings(table), months=names)

    def _document(self, root: Path, key: str) -> Document:
        forms: dict[Form, Written] = {}
        names: dict[Form, Set[str]] = {}
        for path in sorted((root / key).glob("*.j2")):
            if form := self._form(path):
                forms[form], names[form] = self._read(path, self._environments[form[0]])
        for channel in {channel for _, channel in forms} | {None}:
            taken = {locale: names[locale, channel] for locale in Locale if (locale, channel) in names}
            self._expect_equal(f"{root.name}/{key} ({channel or 'every channel'})", taken)
        return Document(key, frozenset().union(*names.values()), forms)

    def _form(self, path: Path) -> Form | None:
        locale, _, channel = path.stem.partition(".")
        if locale in list(Locale) and channel in ["", *ChannelKind]:
            return Locale(locale), channel or None
        self._faults.append(f"{path.relative_to(self._folder)}: is not named <locale>.j2 or <locale>.<channel>.j2")
        return None

    def _read(self, path: Path, environment: Environment) -> tuple[Written, Set[str]]:
        try:
            text = path.read_text("utf-8")
            tree = environment.parse(text)
            names = meta.find_undeclared_variables(tree) if "{" in text else frozenset()
        except TemplateSyntaxError as error:
            self._faults.append(f"{path.relative_to(self._folder)}: line {error.lineno}: {error.message}")
            return Written(environment, "", str(path)), frozenset()
        return Written(environment, text, str(path)), names

    def _expect_equal(self, what: str, names: Mapping[Locale, Collection[str]]) -> None:
        """Every locale is there and all of them have the same names."""
        for locale in set(Locale) - names.keys():
            self._faults.append(f"{what}: no {locale}")
        everything = set().union(*names.values())
        for locale, own in names.items():
            if lacking := everything - set(own):
                self._faults.append(f"{what}: {locale} lacks {', '.join(sorted(lacking))}")


def environment_of(formats: Formats) -> ImmutableSandboxedEnvironment:
    """Sandboxed; no escaping, as chat texts are no HTML; no globals, so that every name is a parameter."""
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    environment.filters.update(formats.filters())
    return environment


def _strings(table: Mapping[str, object]) -> Mapping[str, str]:
    return {name: value for name, value in table.items() if isinstance(value, str)}
