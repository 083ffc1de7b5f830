"""Answers: how right and how quick ours are, beside an edit distance and BM25 over the same wordings.

Run as `python -m benchmarks.answers ENGINE ENTRIES [EACH]`: ENGINE as in ENGINES, so many entries made from the
packaged ones (see many_entries). Prints one line of JSON. Each in a process of its own: the memory is its own too.
"""

import asyncio
import importlib
import json
import resource
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter, process_time

from benchmarks.figures import at, resident
from benchmarks.many_entries import many
from benchmarks.peers.edit_distance import Ask
from bot.clock import SystemClock
from bot.vocabulary import Locale
from services.knowledge.entry import Entry
from services.knowledge.evaluate import Question, read_questions
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon
from services.knowledge.meaning.packaged import PackagedEmbedder, installed
from services.knowledge.meaning.sense import Sense
from services.knowledge.meaning.vectors import Vectors
from services.knowledge.ranking import wordings
from services.knowledge.seeds import SEEDS, read_entries

QUESTIONS = SEEDS.parents[2] / "tests" / "services" / "knowledge" / "questions_held.tsv"
ROUNDS = 4
PATIENCE = 60.0
"""Seconds after which no further question is asked; who is slow is asked fewer."""
ENOUGH = 100
"""Questions from which on a share says something."""
SEMANTIC = "quanfu-semantic"
"""Measured where the extra `semantic` is installed, with so many entries at most:"""
VECTORS = 1000
MEMORY = 4096
"""MB that a process may take, as on the smallest machine of a branch."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of 1 (absent where too few were asked), milliseconds for a question, seconds to build, MB.

    A question's time is the best of its rounds: p99 tells of the questions and not of what else the machine does.
    `p99_work` and `build_work` are processor time, which a busy machine hardly changes.
    """

    entries: int
    wordings: int
    asked: int
    top1: float | None
    top3: float | None
    p50: float
    p99: float
    p99_work: float
    build: float
    build_work: float
    memory: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the ids that came back, best first, after how many seconds and how many of processor time."""

    question: Question
    found: Sequence[str]
    seconds: float
    work: float


def _shown(entries: Sequence[Entry]) -> Ask:
    knowledge = Knowledge.build(entries, Lexicon.read())
    return lambda question: _ids(knowledge, question)


def _semantic(entries: Sequence[Entry]) -> Ask:
    """Every wording gets its vector while this is built, as after a publication where none is kept yet."""
    knowledge = Knowledge.build(entries, Lexicon.read())
    loop, sense = asyncio.new_event_loop(), Sense(Vectors(PackagedEmbedder()), SystemClock(), PATIENCE)
    loop.run_until_complete(sense.learn(knowledge))
    return lambda question: _ids(loop.run_until_complete(sense.sensed(knowledge, question)), question)


def _ids(knowledge: Knowledge, question: str) -> list[str]:
    return [scored.entry_id for scored in knowledge.find(question, Locale.ZH_CN).entries]


def _ranked(entries: Sequence[Entry]) -> Ask:
    knowledge = Knowledge.build(entries, Lexicon.read())
    return lambda question: [entry_id for entry_id, _ in knowledge.rank(question).entries]


def _peer(module: str) -> Callable[[Sequence[Entry]], Ask]:
    """Another engine, imported only where it is measured: it need not be installed for the others."""

    def build(entries: Sequence[Entry]) -> Ask:
        made: Ask = importlib.import_module(module).build([(e.entry_id, text) for e in entries for text in wordings(e)])
        return made

    return build


ENGINES: Mapping[str, Callable[[Sequence[Entry]], Ask]] = {
    "quanfu": _shown,
    SEMANTIC: _semantic,
    "ranking": _ranked,
    "edit-distance": _peer("benchmarks.peers.edit_distance"),
    "bm25": _peer("benchmarks.peers.jieba_bm25"),
}


def engines(count: int) -> list[str]:
    """Those that are measured with so many entries: vectors of many thousand wordings would take hours."""
    semantic = installed() and count <= VECTORS
    return [name for name in ENGINES if semantic or name != SEMANTIC]


def goal(engine: str, plain: str) -> str:
    """What an engine has to reach; `plain` is ours without an embedder, and the others only stand beside it."""
    return {"quanfu": plain, SEMANTIC: "p99 ≤ 30 ms"}.get(engine, "")


def measure(engine: str, entries: Sequence[Entry]) -> Figures:
    """Build from the entries, then ask."""
    questions = [question for question in read_questions(QUESTIONS) if question.answerable]
    start, worked = perf_counter(), process_time()
    ask = ENGINES[engine](entries)
    built, worked = perf_counter() - start, process_time() - worked
    asked = answered(ask, questions)
    first = asked[: len(questions)]
    enough = len(first) >= ENOUGH
    rounds = [asked[place :: len(questions)] for place in range(len(first))]
    best = [min(each.seconds for each in one) for one in rounds]
    return Figures(
        entries=len(entries),
        wordings=sum(len(wordings(entry)) for entry in entries),
        asked=len(first),
        top1=share(first, 1) if enough else None,
        top3=share(first, 3) if enough else None,
        p50=at(best, 50),
        p99=at(best, 99),
        p99_work=at([min(each.work for each in one) for one in rounds], 99),
        build=round(built, 1),
        build_work=round(worked, 1),
        memory=round(resident()),
    )


def answered(ask: Ask, questions: Sequence[Question], patience: float = PATIENCE) -> list[Asked]:
    """All questions in several rounds, as far as the patience reaches, but one at least.

    Each round puts a further blank behind them, so that no engine answers by looking up the same signs.
    """
    asked: list[Asked] = []
    end = perf_counter() + patience
    for place, question in enumerate([*questions] * ROUNDS):
        text = question.text + " " * (place // len(questions))
        start, worked = perf_counter(), process_time()
        found = ask(text)
        asked.append(Asked(question, found, perf_counter() - start, process_time() - worked))
        if perf_counter() >= end:
            break
    return asked


def share(asked: Sequence[Asked], places: int) -> float:
    """Of the questions that have a right entry in so many first places."""
    return round(sum(not each.question.expected.isdisjoint(each.found[:places]) for each in asked) / len(asked), 3)


def main(engine: str, count: int, each: int | None) -> None:
    """Measure and print the figures; none where the memory does not suffice."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY << 20, MEMORY << 20))
    try:
        print(json.dumps(asdict(measure(engine, many(read_entries(), count, each)))))
    except MemoryError:
        print(json.dumps({}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
