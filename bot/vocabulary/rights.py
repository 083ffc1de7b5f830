"""What becomes of a record when the person behind it asks for their rights."""

from enum import StrEnum


class Gone(StrEnum):
    """Why nobody works with a client's record any more."""

    ERASED = "erased"
    MERGED = "merged"


class RequestKind(StrEnum):
    """What one asks for and another approves."""

    ERASE = "erase"
    MERGE = "merge"
    COPY = "copy"


class RequestState(StrEnum):
    """How far a request has come; what is done may still have a rest that waits for its day."""

    ASKED = "asked"
    DECLINED = "declined"
    DONE = "done"
