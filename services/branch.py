"""How the branch presents itself: its name, address, telephones and hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.vocabulary import Locale
from storage import seeds
from storage.repositories import branch as rows
from storage.unit import Unit


class Fact(StrEnum):
    """What clients may be told about the branch."""

    NAME = "name"
    ADDRESS = "address"
    PHONE = "phone"
    COMPLAINT_PHONE = "complaint_phone"
    SECURITY_PHONE = "security_phone"
    HOURS = "hours"
    CRISIS_HOTLINE = "crisis_hotline"


@dataclass(frozen=True, slots=True)
class Branch:
    """The branch's facts; a fact that reads differently in English has a twin named `<fact>_en`."""

    facts: Mapping[str, str]

    def say(self, fact: Fact, locale: Locale) -> str:
        """A fact in the reader's language, or in Chinese where it has no English."""
        english = self.facts.get(f"{fact}_en") if locale is Locale.EN else None
        return english or self.facts[fact]


def present(unit: Unit) -> Branch:
    """The branch as it stands; what its own facts leave out is taken from the seed."""
    return Branch({**seeded(), **(rows.facts(unit) or {})})


def demo(unit: Unit) -> bool:
    """Whether everything here is fictional."""
    return rows.demo(unit)


def seed(unit: Unit) -> None:
    """Write the general facts where there are none yet."""
    if rows.facts(unit) is None:
        rows.save(unit, seeded(), demo=False)


def replace(unit: Unit, facts: Mapping[str, str], *, demo: bool = False) -> None:
    """Take over a branch's own facts; names that are not facts are left out."""
    known = {name for fact in Fact for name in (fact.value, f"{fact}_en")}
    rows.save(unit, {name: value for name, value in facts.items() if name in known and value}, demo=demo)


def seeded() -> dict[str, str]:
    """The facts of a branch that has not told us its own."""
    return dict(seeds.read("branch/branch.yaml"))
