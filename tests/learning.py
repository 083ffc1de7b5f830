"""Training gives the same for the same entries and examples, so one run of the tests trains each of them once."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from services.knowledge import kept
from services.knowledge.entry import Entry
from services.knowledge.knowledge import Learned
from services.knowledge.lexicon import Lexicon
from tests.once import once

AFRESH = Learned.of
"""Trains now, whatever was trained before."""

KNOWN: dict[str, Learned] = {}


def remember(patch: pytest.MonkeyPatch) -> None:
    """Let this process take what it or another one of the run has trained."""
    patch.setattr(Learned, "of", staticmethod(learned))


def learned(entries: Sequence[Entry], lexicon: Lexicon) -> Learned:
    """What is trained from these, by whichever process came first."""
    name = kept.digest_of(entries).hex() + sha256(repr(lexicon.examples).encode()).hexdigest()
    if name not in KNOWN:
        KNOWN[name] = _taken(name, entries, lexicon)
    return KNOWN[name]


def _taken(name: str, entries: Sequence[Entry], lexicon: Lexicon) -> Learned:
    made: list[Learned] = []

    def make(folder: Path) -> None:
        made.append(AFRESH(entries, lexicon))
        data = kept.packed(made[0])
        if data is not None:
            (folder / "learned").write_bytes(data)

    file = once(name, make) / "learned"
    if made:
        return made[0]
    return kept.unpacked(file.read_bytes(), lexicon) if file.exists() else AFRESH(entries, lexicon)
