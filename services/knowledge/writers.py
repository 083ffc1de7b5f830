"""How kinds of clients write: each writer's texts are kept together, so that they can be held out together.

Texts of one hand resemble each other. Only what a whole hand wrote, when nothing of it was learned, tells how strangers
will be understood.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.knowledge.plain import lists, read_plain
from services.knowledge.seeds import WRITERS


@dataclass(frozen=True)
class Writer:
    """Texts of one manner of writing."""

    name: str
    examples: Mapping[str, tuple[str, ...]]
    """Kind → texts that are no question to the knowledge base, or only look as if they were none."""
    phrasings: Mapping[str, tuple[str, ...]]
    """Entry id → ways to ask for it."""


def read_writers(folder: Path) -> tuple[Writer, ...]:
    """Of a folder of seeds, by name; none where it has no such files."""
    return tuple(map(_writer, sorted((folder / WRITERS).glob("*.yaml"))))


def _writer(path: Path) -> Writer:
    read = read_plain(path)
    return Writer(path.stem, lists(read["examples"]), lists(read["phrasings"]))
