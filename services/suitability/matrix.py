"""The table of the rule: which level may be offered which products. It is data of the branch's, with a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bot.vocabulary import ClientKind, ProductRisk, Purpose, RiskLevel
from storage import seeds

FILE = "suitability/matrix.yaml"


@dataclass(frozen=True, slots=True)
class Matrix:
    """What each level may be offered; `free` are the purposes that need no assessment where no product is in it."""

    version: str
    levels: Mapping[RiskLevel, frozenset[ProductRisk]]
    professional: frozenset[ProductRisk]
    free: frozenset[Purpose]

    def fit(self, risk: ProductRisk | None) -> frozenset[RiskLevel]:
        """The levels that a product of this risk may be offered to; without a rating nobody's."""
        return frozenset(level for level, allowed in self.levels.items() if risk in allowed)

    def needs_assessment(self, purpose: Purpose, *, offers_product: bool) -> bool:
        """Whether only clients with an assessment that holds may get it."""
        return offers_product or purpose not in self.free

    def allows(self, kind: ClientKind, level: RiskLevel | None, risk: ProductRisk | None) -> bool:
        """Whether the table has a place for it."""
        if kind is ClientKind.PROFESSIONAL:
            return risk in self.professional
        return level is not None and risk in self.levels[level]


@cache
def packaged() -> Matrix:
    """The table that came with the branch; one that leaves out a level is an error at once."""
    seed = seeds.read(FILE)
    return Matrix(
        version=str(seed["version"]),
        levels={level: frozenset(map(ProductRisk, seed["levels"][level.value])) for level in RiskLevel},
        professional=frozenset(map(ProductRisk, seed["professional"])),
        free=frozenset(map(Purpose, seed["without_assessment"])),
    )
