"""How a locale writes dates, times and amounts; its patterns stand in `templates/locales/<locale>/formats.toml`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from bot.clock import branch_time
from bot.errors import TextParametersWrong

PATTERNS = frozenset({"day", "date", "time", "instant", "money", "number", "percent", "option"})


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
