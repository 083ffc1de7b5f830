"""A message of several parts, some of which may be with the client when another one fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import SendError


@contextmanager
def after(parts: int) -> Iterator[None]:
    """What fails here says whether any part went out before it."""
    try:
        yield
    except SendError as error:
        error.begun = error.begun or parts > 0
        raise
