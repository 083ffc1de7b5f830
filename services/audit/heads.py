"""Publishing where the chain ends: what stands elsewhere cannot be cut together with the database."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.errors import QuanfuError
from storage.repositories.audit_chain import Head

log = logging.getLogger(__name__)

_WORDS = 3
"""Of a line: when, how many entries, the seal of the last."""


@dataclass(frozen=True)
class Heads:
    """Publishes to the log and, where one is named, to a file that is only ever added to."""

    file: Path | None = None

    async def publish(self, head: Head, at: datetime) -> None:
        """Tell where the chain ends; QuanfuError where the file cannot be written."""
        log.info("the audit trail holds %d entries and ends with %s", head.place, head.seal.hex())
        if self.file is not None:
            await asyncio.to_thread(_append, self.file, f"{at.isoformat()} {written(head)}\n")


def written(head: Head) -> str:
    """A head as files and commands hold it."""
    return f"{head.place} {head.seal.hex()}"


def read(text: str) -> list[Head]:
    """The heads of a file or of a line of it; ValueError where one cannot be read."""
    return [_head(line) for line in text.splitlines() if line.strip()]


def _head(line: str) -> Head:
    words = line.split()[-(_WORDS - 1) :]
    place, seal = int(words[0]), bytes.fromhex(words[-1])
    if len(words) != _WORDS - 1 or place < 1 or len(seal) != 32:
        raise ValueError("not the head of a chain")
    return Head(place, seal)


def _append(file: Path, line: str) -> None:
    try:
        with file.open("a", encoding="utf-8") as opened:
            opened.write(line)
    except OSError as error:
        raise QuanfuError(f"the head of the audit trail cannot be written: {error.strerror}") from None
