"""Every word a client reads: key, locale and parameters become a text.

A document is one folder, `templates/messages/<key>/` (notices: `templates/notices/<key>/`), with one file per
locale, `<locale>.j2`, and `<locale>.<channel>.j2` only where a channel needs another form. Texts of which one is
picked, such as greetings, are documents of their own inside a family folder, `care_birthday_solar/standard_1`, so
that each is approved by itself and its key tells which one was sent.
"""

import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.clock import branch_time
from bot.errors import TextParametersWrong, TextsBroken, UnknownText
from bot.vocabulary import ChannelKind, Locale

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


@dataclass(frozen=True, slots=True)
class Formats:
    """How one locale writes dates and amounts. Values may be as JSON holds them: ISO 8601 and decimal strings."""

    patterns: Mapping[str, str]
    months: tuple[str, ...]

    def filters(self) -> dict[str, Callable[[object], str]]:
        """The filters that templates use, by name."""
        return {
            "day": lambda value: self._write_date("day", value),
            "date": lambda value: self._write_date("date", value),
            "instant": self.instant,
            "time": self.time,
            "money": lambda value: self.patterns["money"].format(amount=_amount(value)),
            "number": lambda value: self.patterns["number"].format(amount=_amount(value)),
            "percent": self.percent,
        }

    def instant(self, value: object) -> str:
        """Day and branch time of an aware instant; a mere date is written as its day."""
        moment = _moment(value)
        if not isinstance(moment, datetime):
            return self._write_date("day", moment)
        clock = {"hour": moment.hour, "minute": moment.minute}
        return self.patterns["instant"].format(**self._calendar(moment), **clock)

    def time(self, value: object) -> str:
        """The branch time of an aware instant, or a time of day."""
        moment = _time_of_day(value)
        return self.patterns["time"].format(hour=moment.hour, minute=moment.minute)

    def percent(self, value: object) -> str:
        """A ratio (1.3 is 130 %), rounded to two decimals, without trailing zeros."""
        rounded = f"{_amount(value) * 100:.2f}"
        return self.patterns["percent"].format(amount=rounded.rstrip("0").rstrip("."))

    def option(self, number: int, label: str) -> str:
        """One line of a numbered list."""
        return self.patterns["option"].format(number=number, label=label)

    def _write_date(self, pattern: str, value: object) -> str:
        return self.patterns[pattern].format(**self._calendar(_moment(value)))

    def _calendar(self, moment: date) -> dict[str, object]:
        names: dict[str, object] = {"year": moment.year, "month": moment.month, "day": moment.day}
        return names | {"month_name": self.months[moment.month - 1]}


def _wrong_kind(value: object, wanted: str) -> TextParametersWrong:
    return TextParametersWrong(f"a parameter of type {type(value).__name__} is not {wanted}")


def _moment(value: object) -> date | datetime:
    """A date, or an aware instant as the branch's wall clock shows it."""
    try:
        parsed = _parsed_moment(value) if isinstance(value, str) else value
    except ValueError:
        raise _wrong_kind(value, "a date or an instant") from None
    if isinstance(parsed, datetime) and parsed.tzinfo is not None:
        return branch_time(parsed)
    if isinstance(parsed, date) and not isinstance(parsed, datetime):
        return parsed
    raise _wrong_kind(value, "a date or an aware instant")


def _parsed_moment(value: str) -> date | datetime:
    return date.fromisoformat(value) if len(value) == len("2026-10-01") else datetime.fromisoformat(value)


def _time_of_day(value: object) -> time:
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        moment = _moment(value)
    if isinstance(moment, datetime):
        return moment.time()
    raise _wrong_kind(value, "a time of day or an aware instant")


def _amount(value: object) -> Decimal:
    """Exact amounts only: binary fractions are refused."""
    if not isinstance(value, int | Decimal | str) or isinstance(value, bool):
        raise _wrong_kind(value, "an exact amount")
    try:
        return Decimal(value)
    except InvalidOperation:
        raise _wrong_kind(value, "an exact amount") from None


@dataclass(frozen=True, slots=True)
class Document:
    """One approved text in all its locales and forms."""

    key: str
    parameters: frozenset[str]
    forms: Mapping[tuple[Locale, str | None], Template]

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


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts, compiled once; strict about keys and parameters."""

    messages: Mapping[str, Document]
    notices: Mapping[str, Document]
    labels: Mapping[Locale, Mapping[str, str]]
    formats: Mapping[Locale, Formats]

    @classmethod
    def load(cls, folder: Path | None = None) -> "Texts":
        """Compile everything under `folder` (the packaged templates); raises `TextsBroken` with every fault."""
        return _Loader(folder or TEMPLATES).texts()

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


PATTERNS = frozenset({"day", "date", "time", "instant", "money", "number", "percent", "option"})
Form = tuple[Locale, str | None]


class _Loader:
    """Reads a folder of templates and gathers every fault before it complains."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._faults: list[str] = []

    def texts(self) -> Texts:
        formats = {locale: self._formats(locale) for locale in Locale}
        labels = {locale: self._table(locale, "labels.toml") for locale in Locale}
        self._expect_equal("labels", labels)
        environments = {locale: _environment(formats[locale]) for locale in Locale}
        loaded = Texts(
            messages=self._documents("messages", environments),
            notices=self._documents("notices", environments),
            labels=MappingProxyType({locale: _strings(table) for locale, table in labels.items()}),
            formats=MappingProxyType(formats),
        )
        if self._faults:
            raise TextsBroken(sorted(self._faults))
        return loaded

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

    def _documents(self, kind: str, environments: Mapping[Locale, Environment]) -> Mapping[str, Document]:
        root = self._folder / kind
        folders = sorted({path.parent for path in root.rglob("*.j2")})
        keys = {folder: folder.relative_to(root).as_posix() for folder in folders}
        return MappingProxyType({key: self._document(folder, key, environments) for folder, key in keys.items()})

    def _document(self, folder: Path, key: str, environments: Mapping[Locale, Environment]) -> Document:
        forms: dict[Form, Template] = {}
        names: dict[Form, Set[str]] = {}
        for path in sorted(folder.glob("*.j2")):
            form = self._form(path)
            if form:
                forms[form], names[form] = self._compiled(path, environments[form[0]])
        for channel in {channel for _, channel in forms} | {None}:
            taken = {locale: names[locale, channel] for locale in Locale if (locale, channel) in names}
            self._expect_equal(f"{key}[{channel or 'all channels'}]", taken)
        return Document(key, frozenset().union(*names.values()), MappingProxyType(forms))

    def _form(self, path: Path) -> Form | None:
        locale, _, channel = path.stem.partition(".")
        if locale in list(Locale) and channel in ["", *ChannelKind]:
            return Locale(locale), channel or None
        self._faults.append(f"{path.relative_to(self._folder)}: is not named <locale>.j2 or <locale>.<channel>.j2")
        return None

    def _compiled(self, path: Path, environment: Environment) -> tuple[Template, Set[str]]:
        try:
            tree = environment.parse(path.read_text("utf-8"))
            names = meta.find_undeclared_variables(tree)
            code = environment.compile(tree, filename=str(path))
        except TemplateSyntaxError as error:
            self._faults.append(f"{path.relative_to(self._folder)}: line {error.lineno}: {error.message}")
            return environment.from_string(""), frozenset()
        return Template.from_code(environment, code, {}), names

    def _expect_equal(self, what: str, names: Mapping[Locale, Collection[str]]) -> None:
        """Every locale is there and all of them have the same names."""
        for locale in set(Locale) - names.keys():
            self._faults.append(f"{what}: no {locale}")
        everything = set().union(*names.values())
        for locale, own in names.items():
            if lacking := everything - set(own):
                self._faults.append(f"{what}: {locale} lacks {', '.join(sorted(lacking))}")


def _environment(formats: Formats) -> Environment:
    """Sandboxed, and without escaping: chat texts are plain text, no HTML."""
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.filters.update(formats.filters())
    return environment


def _strings(table: Mapping[str, object]) -> Mapping[str, str]:
    return MappingProxyType({name: value for name, value in table.items() if isinstance(value, str)})
