"""What stood in a file already, kept beside the memory: files have millions of rows."""

import sqlite3
from hashlib import blake2b
from types import TracebackType

_KEPT = -8_000
"""Kilobytes of it that stay in memory, as SQLite wants to be told."""


class Seen:
    """Eight bytes of each text's hash; that two of five million share them happens once in a million files.

    They lie in a file without a name, in the machine's folder for such, that goes when it is left; it holds nothing of
    the texts. One thread at a time may use it.
    """

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in (f"cache_size={_KEPT}", "journal_mode=OFF", "synchronous=OFF"):
            self._file.execute(f"PRAGMA {pragma}")
        self._file.execute("CREATE TABLE seen (mark INTEGER PRIMARY KEY)")
        self._file.execute("BEGIN")

    def add(self, text: str) -> bool:
        """Whether the text is new."""
        mark = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)
        return self._file.execute("INSERT OR IGNORE INTO seen VALUES (?)", (mark,)).rowcount > 0

    def __enter__(self) -> "Seen":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
