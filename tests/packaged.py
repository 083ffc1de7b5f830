"""What the product ships, read and compiled once for all tests of a process; nothing of it changes."""

from functools import cache

from bot.texts import Texts
from bot.texts.words import Catalogue
from console.assets import Assets
from services.knowledge.knowledge import Knowledge


@cache
def words(file: str) -> Catalogue:
    """The packaged words of the console, of remarks and of sentences, each by the name of its file."""
    return Catalogue.load(file)


@cache
def assets() -> Assets:
    """The packaged files of the console."""
    return Assets.load()


@cache
def texts() -> Texts:
    """The packaged texts."""
    return Texts.load()


@cache
def knowledge() -> Knowledge:
    """The packaged knowledge base."""
    return Knowledge.from_seeds()
