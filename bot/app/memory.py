"""Python's search for garbage, told what stays, and memory that nobody uses, given back."""

import ctypes
import gc

FIRST, SECOND, THIRD = 10_000, 20, 20
"""New objects after which the newest are looked through, and how often before the older ones are."""
LARGE = 128 * 1024
"""Bytes from which a block of memory is the system's own."""
_M_MMAP_THRESHOLD = -3


def starting() -> None:
    """Until all is loaded nothing is searched: a start makes little garbage, and a look through it all takes 0.2 s.

    Large blocks go back to the system one by one; otherwise holes of 9 MB stay where a start needed them.
    """
    gc.disable()
    _tell("mallopt", _M_MMAP_THRESHOLD, LARGE)


def started() -> None:
    """What is loaded by now stays; only what comes later is searched."""
    gc.freeze()
    gc.set_threshold(FIRST, SECOND, THIRD)
    gc.enable()
    _give_back()


def keep() -> None:
    """What is loaded by now stays, and is not looked through again until this is called once more.

    Texts, tables and knowledge are some 200,000 objects: a look through them all stops the event loop for 0.1 s, and
    sending a few thousand messages led to several.
    """
    gc.unfreeze()
    gc.collect()
    started()


def _give_back() -> None:
    """What reading the knowledge base needed for a moment, some 30 MB."""
    _tell("malloc_trim", 0)


def _tell(function: str, *values: int) -> None:
    """GNU's C library; others need not be told."""
    found = getattr(ctypes.CDLL(None), function, None)
    if found is not None:
        found(*values)
