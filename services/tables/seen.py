"""What stood in a file already, at some 25 bytes for each: files have millions of rows."""

from array import array
from hashlib import blake2b

_FEWEST = 1 << 12
_FREE = 0


class Seen:
    """Eight bytes of each text's hash; that two of five million share them happens once in a million files."""

    def __init__(self) -> None:
        self._slots = _empty(_FEWEST)
        self._taken = 0

    def add(self, text: str) -> bool:
        """Whether the text is new."""
        mark = int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) or 1
        place = self._place(mark)
        if self._slots[place] == mark:
            return False
        self._slots[place] = mark
        self._taken += 1
        if self._taken * 3 > len(self._slots) * 2:
            self._grow()
        return True

    def _place(self, mark: int) -> int:
        """Where the mark stands, or the free slot where it should."""
        slots, last = self._slots, len(self._slots) - 1
        place = mark & last
        while slots[place] not in (mark, _FREE):
            place = (place + 1) & last
        return place

    def _grow(self) -> None:
        marks, self._slots = self._slots, _empty(2 * len(self._slots))
        for mark in marks:
            if mark != _FREE:
                self._slots[self._place(mark)] = mark


def _empty(size: int) -> "array[int]":
    return array("Q", bytes(8 * size))
