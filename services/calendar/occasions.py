"""The days of the year on which the branch greets or teaches, and those on which it keeps still."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, time
from enum import StrEnum
from functools import cache
from itertools import chain

from pydantic import TypeAdapter

from bot.vocabulary import Purpose
from services.calendar.lunar import LunarDate, lunar_of, solar_term_on
from storage import seeds


class Audience(StrEnum):
    """Which clients an occasion is for, by what is registered of them."""

    ALL = "all"
    FEMALE = "female"
    OVER_60 = "over_60"


@dataclass(frozen=True, slots=True)
class NthWeekday:
    """The nth Monday (1) to Sunday (7) of a month."""

    month: int
    nth: int
    weekday: int

    def falls_on(self, day: date) -> bool:
        """Whether this day is the one."""
        nth = (day.day - 1) // 7 + 1
        return (day.month, nth, day.isoweekday()) == (self.month, self.nth, self.weekday)


@dataclass(frozen=True, slots=True)
class Rule:
    """When an occasion falls; exactly one is set. `solar` and `lunar` are MM-DD, `solar_term` its Chinese name."""

    solar: str | None = None
    lunar: str | None = None
    solar_term: str | None = None
    nth_weekday: NthWeekday | None = None

    def __post_init__(self) -> None:
        if sum(each is not None for each in (self.solar, self.lunar, self.solar_term, self.nth_weekday)) != 1:
            raise ValueError("an occasion has exactly one rule")

    def falls_on(self, day: date) -> bool:
        """Whether the occasion is on this day; a lunar one never in a leap month, so once a year."""
        if self.solar is not None:
            return f"{day:%m-%d}" == self.solar
        if self.lunar is not None:
            month, _, number = self.lunar.partition("-")
            return lunar_of(day).date == LunarDate(int(month), int(number))
        if self.nth_weekday is not None:
            return self.nth_weekday.falls_on(day)
        return solar_term_on(day) == self.solar_term


@dataclass(frozen=True, slots=True)
class Occasion:
    """One occasion. `template` is None while it has no approved wording; `closure`: its text states when the
    market is closed; `statutory`: by law a day off; `yields_to`: not sent when one of these is on the same day."""

    id: str
    name: str
    rule: Rule
    purpose: Purpose
    default_on: bool
    template: str | None
    audience: Audience = Audience.ALL
    closure: bool = False
    statutory: bool = False
    forbid: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()

    def taboo_in(self, text: str) -> str | None:
        """The first word that the text must not have, or lacks; None where the text is fit."""
        present = (word for word in self.forbid if word in text)
        absent = (word for word in self.require if word not in text)
        return next(chain(present, absent), None)


@dataclass(frozen=True, slots=True)
class MourningDay:
    """A day of national mourning: every year (`solar`, MM-DD) or one date."""

    name: str
    solar: str | None = None
    on: date | None = None

    def __post_init__(self) -> None:
        if (self.solar is None) == (self.on is None):
            raise ValueError("a mourning day is yearly or one date")

    def falls_on(self, day: date) -> bool:
        """Whether the branch keeps still on this day."""
        return day == self.on or f"{day:%m-%d}" == self.solar


@dataclass(frozen=True)
class Occasions:
    """All occasions in order of precedence: a client gets at most one greeting a day, the first."""

    send_from: time
    send_until: time
    occasions: tuple[Occasion, ...]
    mourning: tuple[MourningDay, ...] = ()

    @classmethod
    def from_seed(cls) -> "Occasions":
        """The packaged ones."""
        return _packaged()

    @property
    def default_on(self) -> frozenset[str]:
        """The ids that are on unless the branch decides otherwise."""
        return frozenset(each.id for each in self.occasions if each.default_on)

    def on(self, day: date) -> tuple[Occasion, ...]:
        """Every occasion of the day, whether switched on or not."""
        return tuple(each for each in self.occasions if each.rule.falls_on(day))

    def due_on(self, day: date, switched_on: Collection[str]) -> tuple[Occasion, ...]:
        """The day's occasions that are switched on and yield to no other such; none on a mourning day."""
        if self.mourning_on(day):
            return ()
        present = [each for each in self.on(day) if each.id in switched_on]
        ids = {each.id for each in present}
        return tuple(each for each in present if ids.isdisjoint(each.yields_to))

    def mourning_on(self, day: date) -> MourningDay | None:
        """The mourning day that holds today."""
        return next((each for each in self.mourning if each.falls_on(day)), None)

    def with_mourning(self, *days: MourningDay) -> "Occasions":
        """The same, keeping still on these days too."""
        return replace(self, mourning=(*self.mourning, *days))


def occasions_on(day: date) -> tuple[Occasion, ...]:
    """Every packaged occasion of the day."""
    return Occasions.from_seed().on(day)


@cache
def _packaged() -> Occasions:
    return TypeAdapter(Occasions).validate_python(seeds.read("calendar/occasions.yaml"), extra="forbid")
