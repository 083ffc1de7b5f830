"""Drafts that come out of the daily work: from questions nobody knew, and from what staff answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bot.errors import Conflict, Refused
from bot.vocabulary import Action, Locale, Purpose
from bot.vocabulary.knowledge import OPEN, EditionState
from services import misses
from services.knowledge.contents import Content
from services.knowledge.editions import Editions
from services.knowledge.knowledge import Knowledge
from services.knowledge.outcome import Outcome
from services.masking import numbers as masked
from services.misses import Settled
from services.staff import demand
from storage.repositories import editions as rows
from storage.repositories import replies
from storage.repositories.editions import Edition, Seen
from storage.repositories.staff import Staff
from storage.unit import Unit

CATEGORY = "service"
"""Of a new entry for which nothing came near; its writer chooses another."""


NO_QUESTION = frozenset({Outcome.PERSON, Outcome.GREETING})


@dataclass(frozen=True)
class Proposals:
    """Every proposal is a draft, to be written on, reviewed and published as any other."""

    editions: Editions

    def phrasings(self, unit: Unit, staff: Staff, settled: Settled, picked: Collection[int]) -> Edition:
        """Add the picked misses' words to the entry that is named, in its open draft or a new one; all are settled."""
        wordings = misses.wordings(misses.settle(unit, staff, settled), picked)
        found = rows.history(unit, settled.entry_id or "")
        standing = next((one for one in found if one.state in OPEN), None)
        published = next((one for one in found if one.state is EditionState.PUBLISHED), None)
        base = standing or published
        if base is None:
            raise Refused("knowledge_entry_unknown", entry=settled.entry_id or "")
        content = replace(base.content, phrasings=(*base.content.phrasings, *wordings))
        if standing is not None:
            return self.editions.edit(unit, staff, Seen(standing.id, standing.revision), content)
        return self.editions.begin(unit, staff, base.entry_id, content)

    def entry(self, unit: Unit, staff: Staff, settled: Settled, picked: Collection[int]) -> Edition:
        """Begin an entry that asks in the picked misses' words; all are settled."""
        found = misses.settle(unit, staff, settled)
        near = next((one.nearest for one in found if one.nearest), None)
        question, *others = misses.wordings(found, picked)
        content = Content(_category(unit, near), question, "", tuple(others))
        return self.editions.begin(unit, staff, new_id(settled.ids), content)

    def reply(self, unit: Unit, staff: Staff, delivery_id: int, knowledge: Knowledge) -> Edition:
        """Begin an entry from a reply of staff and the question it answered; a second one of it is a Conflict."""
        demand(staff, Action.WRITE_KNOWLEDGE)
        said = replies.said(unit, delivery_id)
        if said is None or said.purpose is not Purpose.STAFF_MESSAGE:
            raise Refused("reply_unknown")
        entry_id = reply_id(delivery_id)
        if rows.history(unit, entry_id):
            raise Conflict("reply_proposed", entry=entry_id)
        question = next(iter(misses.clean(_asked(said.heard, knowledge))), "")
        return self.editions.begin(unit, staff, entry_id, Content(CATEGORY, question, masked(said.text)))


def new_id(ids: Sequence[int]) -> str:
    """The id of an entry that comes out of these misses."""
    return f"asked-{min(ids)}"


def reply_id(delivery_id: int) -> str:
    """The id of an entry that comes out of a reply."""
    return f"said-{delivery_id}"


def _asked(heard: Sequence[str], knowledge: Knowledge) -> list[str]:
    """The latest words that may be a question, not a greeting or a wish for a person; else the latest."""
    asking = [text for text in heard if knowledge.find(text, Locale.ZH_CN).outcome not in NO_QUESTION]
    return (asking or list(heard))[:1]


def _category(unit: Unit, entry_id: str | None) -> str:
    """That of the entry which came nearest."""
    near = rows.history(unit, entry_id) if entry_id else []
    return near[0].content.category if near else CATEGORY
