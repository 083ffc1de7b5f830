"""What an entry says and how it is asked: its faults, what changed in it, and the entry that it becomes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar

from bot.clock import branch_date
from services.knowledge.entry import CATEGORIES, Approval, Entry, Wording
from storage.repositories.editions import Content, Edition

__all__ = ["Changed", "Content", "FaultKind", "changes", "content_of", "entry_of", "faults_of", "shared"]

PACKAGED = "quanfu"
"""Approver of what came with the product."""

LONGEST_QUESTION, LONGEST_ANSWER = 200, 2000
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

_TEXTS = {"question": LONGEST_QUESTION, "answer": LONGEST_ANSWER}
_ENGLISH = {"question_en": LONGEST_QUESTION, "answer_en": LONGEST_ANSWER}
_LISTS = ("phrasings", "phrasings_en", "not_about")

P = TypeVar("P")


class FaultKind(StrEnum):
    """What may be wrong in an entry, alone or among others."""

    UNREADABLE = "unreadable"
    UNKNOWN_FIELD = "unknown_field"
    REPEATED_FIELD = "repeated_field"
    WRONG_VALUE = "wrong_value"
    MISSING_ID = "missing_id"
    WRONG_ID = "wrong_id"
    DUPLICATE_ID = "duplicate_id"
    MISSING_FIELD = "missing_field"
    TOO_LONG = "too_long"
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_RELATED = "unknown_related"
    SHARED_PHRASING = "shared_phrasing"
    REVIEW_PAST = "review_past"
    CHANGED_MEANWHILE = "changed_meanwhile"
    BEING_WRITTEN = "being_written"


@dataclass(frozen=True, slots=True)
class Changed:
    """One field of two versions; a text is a list of one, an empty field an empty list."""

    field: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shared(Generic[P]):
    """A wording that a second entry has too, and where both stand."""

    text: str
    owner: str
    place: P
    first_owner: str
    first_place: P


def faults_of(content: Content) -> Iterator[tuple[FaultKind, str]]:
    """What keeps an entry from being released, each with the name of its field; English is all there or not at all."""
    if content.category not in CATEGORIES:
        yield FaultKind.UNKNOWN_CATEGORY, content.category
    english = any(getattr(content, name) for name in (*_ENGLISH, "phrasings_en"))
    for name, longest in (_TEXTS | _ENGLISH if english else _TEXTS).items():
        if not comparable(getattr(content, name)):
            yield FaultKind.MISSING_FIELD, name
        elif len(getattr(content, name)) > longest:
            yield FaultKind.TOO_LONG, name
    for name in _LISTS:
        if any(len(text) > LONGEST_QUESTION for text in getattr(content, name)):
            yield FaultKind.TOO_LONG, name


def comparable(text: str) -> str:
    """Letters and digits: two wordings that agree in them are the same question."""
    return "".join(sign for sign in text.lower() if sign.isalnum())


def shared(asked: Iterable[tuple[str, str, P]]) -> Iterator[Shared[P]]:
    """Wordings that two entries have, of (entry, wording, place)."""
    seen: dict[str, tuple[str, P]] = {}
    for owner, text, place in asked:
        first_owner, first_place = seen.setdefault(comparable(text), (owner, place))
        if owner != first_owner:
            yield Shared(text, owner, place, first_owner, first_place)


def wordings(content: Content) -> tuple[str, ...]:
    """All questions that an entry answers."""
    asked = (content.question, *content.phrasings, content.question_en, *content.phrasings_en)
    return tuple(text for text in asked if text)


def changes(before: Content | None, after: Content) -> list[Changed]:
    """The fields in which two versions differ, in the order of the form; all filled ones without `before`."""
    pairs = ((f.name, _shown(before, f.name), _shown(after, f.name)) for f in fields(Content))
    return [Changed(name, old, new) for name, old, new in pairs if old != new]


def _shown(content: Content | None, name: str) -> tuple[str, ...]:
    value = getattr(content, name) if content else None
    if isinstance(value, tuple):
        return value
    return (str(value).lower() if isinstance(value, bool) else str(value),) if value not in (None, "") else ()


def entry_of(edition: Edition) -> Entry:
    """The entry as clients are answered from it."""
    content, on = edition.content, edition.published_at
    english = Wording(content.question_en, content.phrasings_en, content.answer_en) if content.answer_en else None
    approver = edition.approver.number if edition.approver else PACKAGED
    return Entry(
        entry_id=edition.entry_id,
        category=content.category,
        chinese=Wording(content.question, content.phrasings, content.answer),
        english=english,
        related=content.related,
        date_check=content.date_check,
        approval=Approval(edition.version, approver, branch_date(on)) if on else Approval(edition.version),
        not_about=content.not_about,
        review_on=content.review_on,
        notice=content.risk_notice,
    )


def content_of(entry: Entry) -> Content:
    """An entry as staff write it."""
    english = entry.english or Wording("", (), "")
    return Content(
        category=entry.category,
        question=entry.chinese.question,
        answer=entry.chinese.answer,
        phrasings=entry.chinese.phrasings,
        question_en=english.question,
        answer_en=english.answer,
        phrasings_en=english.phrasings,
        not_about=entry.not_about,
        related=entry.related,
        date_check=entry.date_check,
        review_on=entry.review_on,
        risk_notice=entry.notice,
    )


def tidy(content: Content) -> Content:
    """One blank between words, no blanks around, no empty wordings and none twice; answers keep their lines."""
    return replace(content, **{f.name: _tidied(f.name, getattr(content, f.name)) for f in fields(Content)})


def _tidied(name: str, value: Any) -> Any:
    if name in ("answer", "answer_en"):
        return "\n".join(line.rstrip() for line in value.strip().splitlines())
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, tuple):
        return tuple(dict.fromkeys(filter(None, (" ".join(text.split()) for text in value))))
    return value
