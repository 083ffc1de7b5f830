"""What the product ships, read and compiled once for all tests of a process; nothing of it changes."""

from functools import cache

from bot.texts import Texts
from services.knowledge.knowledge import Knowledge


@cache
def texts() -> Texts:
    """The packaged texts."""
    return Texts.load()


@cache
def knowledge() -> Knowledge:
    """The packaged knowledge base."""
    return Knowledge.from_seeds()
