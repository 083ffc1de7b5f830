"""How long each class of records is kept: data, in `storage/seeds/retention.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from bot.clock import branch_date
from storage import seeds


@dataclass(frozen=True, slots=True)
class Kept:
    """One class: for how many years, and by which law or rule."""

    years: int
    because: str


@cache
def classes() -> Mapping[str, Kept]:
    """Every class by its name, in the order in which they are told."""
    return {name: Kept(int(each["years"]), str(each["because"])) for name, each in seeds.read("retention.yaml").items()}


def before(keep: str, now: datetime) -> datetime | None:
    """Records of a class from before this instant may go; None where all may."""
    years = classes()[keep].years
    return _moved(now, -years) if years else None


def until(keep: str, at: datetime) -> date:
    """The first day on which a record of a class may go."""
    return branch_date(_moved(at, classes()[keep].years))


def _moved(at: datetime, years: int) -> datetime:
    """So many years on; of 29 February 1 March, so that nothing goes too early."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, month=3, day=1)
