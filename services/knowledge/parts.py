"""Several questions in one message: where they part, and what answers each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.messages import Topic
from bot.vocabulary import Locale
from services.knowledge import gist
from services.knowledge.decision import SHOWN
from services.knowledge.gist import Gist, Phrases
from services.knowledge.knowledge import Knowledge
from services.knowledge.outcome import Finding, Outcome, Scored
from services.knowledge.references import References

CERTAIN = 0.65
"""Score from which a part is answered beside others; one that leans on the part before it is rarer and looser."""

WHOLE = 0.995
"""Score from which a message that a pause divides is one question after all, where its last part finds the same."""

COURTESY = Outcome.GREETING
DECIDING = frozenset({Outcome.CRISIS, Outcome.COMPLAINT, Outcome.PERSON, Outcome.REFUSED})
"""What one part may be so that the whole message is it."""

ASKING = frozenset(
    {"how", "why", "what", "diff", "when", "howlong", "howmuch", "can", "where", "condition", "documents"}
)
"""Concepts by which a part asks something."""

MOST = 5
"""Parts, with greetings and thanks, of a message that is looked at part by part."""

LONGEST = 120
"""Signs of a message that is looked at part by part; a longer one tells a story."""


@dataclass(frozen=True)
class Part:
    """A part of a message, cleaned; `own` says that a sentence's end or a connecting word sets it apart."""

    text: str
    own: bool


def split(text: str, knowledge: Knowledge, phrases: Phrases) -> list[Part]:
    """The parts of a message: at ends of sentences and connecting words, or else at blanks and commas."""
    clean = knowledge.ranker.reader.clean
    for patterns, own in (((phrases.sentences, phrases.joints), True), ((phrases.pauses,), False)):
        pieces = [text]
        for pattern in patterns:
            pieces = [piece for each in pieces for piece in pattern.split(each) if piece]
        if len(pieces) > 1 and (own or not text.isascii()):
            parts = [Part(cleaned, own) for cleaned in map(clean, pieces) if cleaned]
            if len(parts) > 1:
                return parts
    return []


def find(knowledge: Knowledge, text: str, locale: Locale, whole: Finding) -> Finding | None:
    """What answers a message of two or three questions, or what one of its parts makes of all; None: take it whole.

    `whole` is what the message is as one question: a pause in it does not part what belongs together.
    """
    if len(text) > LONGEST:
        return None
    phrases = gist.packaged()
    parts = split(text, knowledge, phrases)
    if not 1 < len(parts) <= MOST:
        return None
    found = [(part, knowledge.find(part.text, locale)) for part in parts]
    deciding = next((each for part, each in found if part.own and each.ruled and each.outcome in DECIDING), None)
    if deciding is not None:
        return deciding
    asked = [(part, each) for part, each in found if each.outcome is not COURTESY]
    if not 1 < len(asked) <= SHOWN:
        return None
    answers = list(_answers(knowledge, phrases, asked))
    if len(answers) < len(asked) or len({each.entry_id for each in answers}) < len(answers):
        return None
    one = whole.outcome is Outcome.ANSWERED and whole.entries[0].score >= WHOLE
    return (
        None
        if one and whole.entries[0].entry_id == answers[-1].entry_id and not parts[0].own
        else Finding(Outcome.ANSWERED, tuple(answers), several=True)
    )


def _answers(knowledge: Knowledge, phrases: Phrases, asked: Sequence[tuple[Part, Finding]]) -> Iterator[Scored]:
    """The certain answer of each part, up to the first that has none."""
    before: Topic | None = None
    for part, finding in asked:
        read = phrases.gist(part.text, knowledge.ranker.reader.concepts)
        if before is not None and read.leans:
            finding = References.of(knowledge).resolve(part.text, before) or finding
        if not _certain(knowledge, part, read, finding):
            return
        before = Topic(part.text, (finding.entries[0].entry_id,), given=True)
        yield finding.entries[0]


def _certain(knowledge: Knowledge, part: Part, read: Gist, finding: Finding) -> bool:
    """Whether a part is a question with one answer, by itself or with the part before it."""
    if finding.outcome is not Outcome.ANSWERED or finding.entries[0].score < CERTAIN:
        return False
    asks = bool(read.names & ASKING) or knowledge.intents.asks(part.text)
    return asks and (bool(read.things) or bool(read.strange) or finding.asked is not None)
