"""What stood in a file already, in few bytes: files have millions of rows."""

from array import array
from hashlib import blake2b

_FEWEST = 1 << 12
_FREE = 0


class Seen:
    """Eight bytes of each text's hash, at some 25 bytes for each.

    That two of five million share them happens once in a million files.
    """

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


class Numbers:
    """A set of ids from one on, at a bit for each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, number: int) -> None:
        """Put an id in."""
        place, bit = divmod(number, 8)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        self._bits[place] |= 1 << bit

    def __contains__(self, number: int) -> bool:
        place, bit = divmod(number, 8)
        return place < len(self._bits) and bool(self._bits[place] >> bit & 1)


def _empty(size: int) -> "array[int]":
    return array("Q", bytes(8 * size))
