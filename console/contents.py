"""The form of an entry: its fields as texts, read back into content, and the differences of two versions marked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from starlette.datastructures import FormData

from bot.errors import Refused
from services.knowledge.contents import Changed, Content

LISTS = ("phrasings", "phrasings_en", "not_about", "related")
TEXTS = ("question", "answer", "question_en", "answer_en")
FIELDS = (*TEXTS, *LISTS)
"""What is typed, and kept while it is typed."""

NOTICES: Mapping[str, bool | None] = {"": None, "yes": True, "no": False}
LONGEST_FIELD = 20_000


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch of a text: the same in both versions, taken out, or put in."""

    kind: str
    text: str


def texts_of(content: Content) -> dict[str, str]:
    """The fields as the form shows them; lists have an item on each line."""
    notice = next(name for name, value in NOTICES.items() if value is content.risk_notice)
    return {
        **{name: getattr(content, name) for name in TEXTS},
        **{name: "\n".join(getattr(content, name)) for name in LISTS},
        "category": content.category,
        "date_check": "1" if content.date_check else "",
        "review_on": content.review_on.isoformat() if content.review_on else "",
        "risk_notice": notice,
    }


def typed(form: FormData) -> dict[str, str]:
    """The fields as they were sent."""
    names = (*FIELDS, "category", "date_check", "review_on", "risk_notice")
    return {name: str(form.get(name, "")).replace("\r\n", "\n")[:LONGEST_FIELD] for name in names}


def content_of(fields: Mapping[str, str]) -> Content:
    """Content of the fields; Refused where a date is none."""
    return Content(
        category=fields["category"],
        question=fields["question"],
        answer=fields["answer"],
        question_en=fields["question_en"],
        answer_en=fields["answer_en"],
        **{name: tuple(fields[name].splitlines()) for name in LISTS},
        date_check=bool(fields["date_check"]),
        review_on=day(fields["review_on"]),
        risk_notice=NOTICES.get(fields["risk_notice"]),
    )


def day(text: str) -> date | None:
    """A day as forms send it; Refused where it is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("date_unreadable") from None


def marked(change: Changed) -> list[Marked]:
    """One field of two versions as one text: what went and what came; items of lists go and come whole."""
    if change.field in LISTS:
        gone = [Marked("gone", text) for text in change.before if text not in change.after]
        return gone + [Marked("new", text) for text in change.after if text not in change.before]
    return list(_within("".join(change.before), "".join(change.after)))


def _within(before: str, after: str) -> Iterator[Marked]:
    for kind, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Marked("same", before[start:end])
            continue
        if end > start:
            yield Marked("gone", before[start:end])
        if last > first:
            yield Marked("new", after[first:last])
