"""Tells a question on the client's own record from one on the matter itself, by the rules of the seed file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from services.knowledge.outcome import Matter
from services.knowledge.plain import Plain, read_plain, table
from services.knowledge.seeds import SEEDS

LONGEST = 30
"""Signs of a text that asks of one's own record; a longer one tells a story."""


@dataclass(frozen=True)
class Personal:
    """For each matter what asks of it, and what does not though it looks so; `others` are other people."""

    others: re.Pattern[str]
    rules: Mapping[Matter, tuple[re.Pattern[str], re.Pattern[str]]]

    @classmethod
    def read(cls, folder: Path = SEEDS) -> "Personal":
        """Of the seed file of a folder."""
        seed = read_plain(folder / "personal_zh.yaml")
        matters = table(seed["matters"]).items()
        return cls(_joined(seed["others"]), {Matter(name): _rule(table(rule)) for name, rule in matters})

    def matter(self, cleaned: str) -> Matter | None:
        """The matter of one's own record that a cleaned text asks for."""
        if (len(cleaned) > LONGEST and not cleaned.isascii()) or self.others.search(cleaned):
            return None
        rules = self.rules.items()
        return next(
            (name for name, (asks, unless) in rules if asks.search(cleaned) and not unless.search(cleaned)), None
        )


@lru_cache(maxsize=1)
def packaged() -> Personal:
    """The packaged rules."""
    return Personal.read()


def _rule(rule: Mapping[str, Plain]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return _joined(rule["any"]), _joined(rule["unless"])


def _joined(patterns: Plain) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in (patterns if isinstance(patterns, list) else [])))
