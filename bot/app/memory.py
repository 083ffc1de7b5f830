"""Python's search for garbage, told what stays, and memory that nobody uses, given back."""

import ctypes
import gc

FIRST, SECOND, THIRD = 10_000, 20, 20
"""New objects after which the newest are looked through, and how often before the older ones are."""


def starting() -> None:
    """Until all is loaded nothing is searched: a start makes little garbage, and a look through it all takes 0.2 s."""
    gc.disable()


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
    """What reading the knowledge base needed for a moment, some 30 MB; only GNU's C library has to be asked."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
