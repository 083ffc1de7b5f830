"""The forbidden words as data: the form of storage/seeds/wording/forbidden_words_zh.yaml."""

from enum import StrEnum
from functools import cache
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from bot.vocabulary import Purpose
from storage import seeds


class Decision(StrEnum):
    """What becomes of a text; the strictest of its hits decides."""

    PASS = "pass"  # noqa: S105, a decision and not a secret
    RELEASE = "release"
    BLOCK = "block"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Context(_Part):
    """A kind of text in which forbidden words are warned of; its markers say that it is one."""

    name: str
    markers: tuple[str, ...]


class Category(_Part):
    """Forbidden words of one kind."""

    id: str
    name: str
    severity: Decision
    allowed_contexts: tuple[str, ...]
    words: tuple[str, ...]
    variants: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


class RiskNotice(_Part):
    """The sentence, one of several, that messages of some purposes must carry."""

    purposes: frozenset[Purpose]
    any_of: tuple[str, ...]


class StockAndDirection(_Part):
    """A stock, and a word for buying or selling, in one sentence."""

    codes: str
    names: tuple[str, ...]
    directions: tuple[str, ...]


class Case(_Part):
    """An example that the lexicon must decide as stated."""

    text: str
    expect: Decision
    category: str | None = None


class Lexicon(_Part):
    """The whole seed; its prose fields are for the people who keep it."""

    version: int
    as_of: str
    language: str
    decisions: dict[Decision, str]
    normalisation: str
    rules: tuple[str, ...]
    contexts: dict[str, Context]
    categories: tuple[Category, ...]
    separators: str
    sentence_ends: str
    risk_notice: RiskNotice
    stock_and_direction: StockAndDirection
    preapproved_replies: tuple[str, ...]
    preapproved_passages: dict[str, tuple[str, ...]]
    tests: tuple[Case, ...]

    @model_validator(mode="after")
    def _refers_to_itself(self) -> Self:
        unknown = {name for each in self.categories for name in each.allowed_contexts} - set(self.contexts)
        if unknown or set(self.preapproved_replies) != set(self.preapproved_passages):
            raise ValueError(f"unknown contexts {unknown}, or a preapproved reply without its passages")
        return self


@cache
def packaged_lexicon() -> Lexicon:
    """The seed that ships with the product."""
    return Lexicon.model_validate(seeds.read("wording/forbidden_words_zh.yaml"))
