"""The entries that come with the product: published when a database begins, and brought up to date with the product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.vocabulary.knowledge import EditionState
from services import audit
from services.audit import Deed
from services.knowledge.contents import Content, content_of
from services.knowledge.evaluate import Question, read_questions
from services.knowledge.publishing import REVIEW_SPAN
from services.knowledge.seeds import SEEDS, as_of, read_entries
from storage.repositories import editions as rows
from storage.repositories import publications, versions
from storage.repositories.editions import Edition, End
from storage.repositories.publications import Change, Publication
from storage.unit import Unit

QUESTIONS = "regression.tsv"


@dataclass(frozen=True)
class Packaged:
    """What the product brings, read without fault."""

    contents: Mapping[str, Content]
    questions: Sequence[Question]


def read(folder: Path = SEEDS) -> Packaged:
    """Of a folder of seeds (a tenth of a second); what changes with time was checked on the file's day."""
    due = as_of(folder) + REVIEW_SPAN
    contents = {entry.entry_id: content_of(entry) for entry in read_entries(folder)}
    dated = {
        one: replace(content, review_on=due) if content.date_check else content for one, content in contents.items()
    }
    return Packaged(dated, read_questions(folder / QUESTIONS))


def load(unit: Unit, packaged: Packaged, now: datetime) -> int:
    """Publish the packaged entries that are new or changed; returns how many.

    What the branch has written in, or taken away, is left as it is.
    """
    publications.ask(unit, {one.text: sorted(one.expected) for one in packaged.questions}, None, now)
    known = {edition.entry_id: edition for edition in rows.in_states(unit, tuple(EditionState))}
    published = {edition.entry_id: edition for edition in rows.in_states(unit, (EditionState.PUBLISHED,))}
    known |= published
    wanted = {one: content for one, content in packaged.contents.items() if _brings(known.get(one), content)}
    if wanted:
        rows.end_published(unit, wanted, End(EditionState.REPLACED, now))
        numbers = rows.bring(unit, wanted, now)
        changes = tuple(Change(entry_id, number) for entry_id, number in numbers.items())
        version, entries = publications.latest_version(unit) + 1, len(published.keys() | wanted.keys())
        publications.add(unit, Publication(version, now, None, entries, changes))
        versions.bump(unit, versions.KNOWLEDGE)
        audit.record(unit, Deed("knowledge.publish", f"publication:{version}", now, detail={"entries": len(changes)}))
    return len(wanted)


def _brings(known: Edition | None, content: Content) -> bool:
    """Whether the product has something new: the entry is not known, or is published as the product brought it."""
    if known is None:
        return True
    ours = known.state is EditionState.PUBLISHED and not known.writers
    return ours and replace(known.content, review_on=None) != replace(content, review_on=None)
