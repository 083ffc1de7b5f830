"""The answer engine in a conversation: a message alone, or together with what was spoken of before it."""

from dataclasses import replace

import numpy as np

from bot.messages import Topic
from bot.vocabulary import Locale
from services.knowledge import gist, parts, personal
from services.knowledge.decision import SHOWN
from services.knowledge.knowledge import Knowledge
from services.knowledge.outcome import THANKS, Finding, Outcome
from services.knowledge.references import References
from services.knowledge.text import units

OPEN = frozenset({Outcome.ANSWERED, Outcome.CANDIDATES, Outcome.CLARIFY, Outcome.UNKNOWN})
"""Outcomes of a message alone that what was said before may change."""

LIKENESSES = frozenset({Outcome.REFUSED, Outcome.PERSON})

WORTH_SHOWING = 0.001
"""Share from which an entry is offered once the better ones were turned down; a right one seldom has less."""


BRIEF = 7
"""Units of half a question that says too little to be sure of."""

LOST = 0.3
"""Score below which what a message is like by itself tells less than what was spoken of."""

PLAIN = 0.8
"""Score from which a message after a list asks plainly for what the list does not hold."""

LONGEST_LINE = 80
"""Signs of a line that sums up which the next message may lean on."""

WORTH_LEANING_ON = 0.45
"""Share from which an entry is what such a line is about: it tells what was done, and resembles many a little."""


def handed(knowledge: Knowledge, line: str) -> Topic | None:
    """What a conversation is about that a person hands back with this line; None where no entry fits it."""
    found = knowledge.find(line, Locale.EN if line.isascii() else Locale.ZH_CN)
    if found.outcome not in OPEN or not found.entries or found.entries[0].score < WORTH_LEANING_ON:
        return None
    return Topic(line[:LONGEST_LINE], (found.entries[0].entry_id,), given=True, handed=True)


def find(knowledge: Knowledge, text: str, locale: Locale, topic: Topic | None = None) -> Finding:
    """What a message of any kind is; never raises.

    What it is by itself comes first: a complaint, a wish for a person or a refusal is never read as anything else.
    """
    alone = knowledge.find(text, locale)
    if alone.ruled:
        return alone
    cleaned = knowledge.ranker.reader.clean(text)
    if topic is not None and not topic.handed and gist.packaged().turns_down(cleaned):
        return Finding(Outcome.REJECTED)
    if topic is not None and (topic.given or not topic.entries) and gist.packaged().ends(cleaned):
        return Finding(Outcome.GREETING, reason=THANKS)
    if not _open(alone, cleaned):
        return alone
    if topic is not None and not topic.entries and _same_again(knowledge, cleaned):
        return knowledge.find(topic.text, locale)
    matter = personal.packaged().matter(cleaned)
    if matter is not None:
        return replace(alone, matter=matter)
    if _itself(knowledge, cleaned, alone):
        return alone
    leaning = _leaning(knowledge, cleaned, topic, alone) if topic else None
    return leaning or parts.find(knowledge, text, locale, alone) or _doubted(knowledge, cleaned, alone)


def _itself(knowledge: Knowledge, cleaned: str, alone: Finding) -> bool:
    """Whether a text is an entry's own words and complete; a brief phrasing, "the fee?", is half a question too."""
    if alone.outcome is not Outcome.ANSWERED or cleaned not in knowledge.spoken:
        return False
    question = knowledge.entry(alone.entries[0].entry_id).question
    return len(units(cleaned)) > BRIEF or cleaned == knowledge.ranker.reader.clean(question)


def _doubted(knowledge: Knowledge, cleaned: str, alone: Finding) -> Finding:
    """Half a question that leans on nothing is not surely about anything: what it may be about is offered."""
    if alone.outcome is not Outcome.ANSWERED or len(units(cleaned)) > BRIEF or cleaned in knowledge.spoken:
        return alone
    leans = gist.packaged().gist(cleaned, knowledge.ranker.reader.concepts).leans
    return replace(alone, outcome=Outcome.CANDIDATES) if leans else alone


def _same_again(knowledge: Knowledge, cleaned: str) -> bool:
    """Whether a text only puts something nobody can place into what was refused before: "and what about that one?"."""
    read = gist.packaged().gist(cleaned, knowledge.ranker.reader.concepts)
    return read.marked and not read.things and not read.sides and len(cleaned) <= gist.LONGEST


def further(knowledge: Knowledge, topic: Topic) -> tuple[str, ...]:
    """The next entries that a question may mean, once those shown were turned down; at most three, best first."""
    shares = knowledge.ranker.shares(knowledge.ranker.reader.clean(topic.text))
    best = np.argsort(-shares, kind="stable")[: SHOWN + len(topic.shown)].tolist()
    worth = [knowledge.ranker.labels[place] for place in best if shares[place] >= WORTH_SHOWING]
    return tuple(name for name in worth if name not in topic.shown)[:SHOWN]


def _open(alone: Finding, cleaned: str) -> bool:
    """Whether it may lean on the topic: also where it only resembles a refusal or a wish, as half a question does."""
    return bool(cleaned) and (alone.outcome in OPEN or alone.outcome in LIKENESSES)


def _leaning(knowledge: Knowledge, cleaned: str, topic: Topic, alone: Finding) -> Finding | None:
    """What a text means together with the topic.

    What resembles small talk and holds strange words is only offered, and so is what only the line of a person tells,
    for what that is about is a likeness too.
    """
    found = References.of(knowledge).resolve(cleaned, topic, lost=_lost(alone, topic))
    if found is None or found.outcome is not Outcome.ANSWERED or _picked(found, topic):
        return found
    if not topic.given and _turns_away(alone, found, topic):
        return None
    if topic.handed and not _agree(found, alone):
        return replace(found, outcome=Outcome.CANDIDATES)
    if alone.outcome not in LIKENESSES:
        return found
    read = gist.packaged().gist(cleaned, knowledge.ranker.reader.concepts)
    return replace(found, outcome=Outcome.CANDIDATES) if read.strange and not read.marked else found


def _lost(alone: Finding, topic: Topic) -> bool:
    """Whether a text tells little by itself, or comes nearest to what was answered anyway."""
    if alone.outcome is not Outcome.CANDIDATES:
        return False
    best = alone.entries[0]
    return best.score < LOST or (topic.given and best.entry_id in topic.entries)


def _turns_away(alone: Finding, found: Finding, topic: Topic) -> bool:
    """Whether a text surely asks by itself for what was not offered, and only leans on the list by likeness."""
    if alone.outcome is not Outcome.ANSWERED:
        return False
    return alone.entries[0].score >= PLAIN and alone.entries[0].entry_id not in topic.entries


def _picked(found: Finding, topic: Topic) -> bool:
    """Whether a text names an entry of the list outright, whatever else it resembles."""
    return found.entries[0].entry_id in topic.entries and found.entries[0].score == 1.0


def _agree(found: Finding, alone: Finding) -> bool:
    """Whether a text says by itself what it was found to mean."""
    return bool(alone.entries) and found.entries[0].entry_id == alone.entries[0].entry_id
