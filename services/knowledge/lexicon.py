"""The words of the field beside the entries, as one object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.knowledge.decision import Fusion, Group, Thresholds
from services.knowledge.features import Concepts
from services.knowledge.intents import Intents
from services.knowledge.kinds import Signs
from services.knowledge.plain import Plain, lists, read_plain, table, texts
from services.knowledge.ranking import Reader
from services.knowledge.seeds import SEEDS
from services.knowledge.text import Normaliser
from services.knowledge.writers import Writer, read_writers


@dataclass(frozen=True)
class Lexicon:
    """How texts are read, what is no question, example texts of each such kind, and the fitted thresholds."""

    reader: Reader
    intents: Intents
    signs: Signs
    examples: Mapping[str, tuple[str, ...]]
    thresholds: Thresholds
    groups: tuple[Group, ...] = ()
    fusion: Fusion | None = None
    writers: tuple[Writer, ...] = ()
    """Whose texts stand among the examples and phrasings."""

    @classmethod
    def read(cls, folder: Path = SEEDS, *, learning: bool = True) -> "Lexicon":
        """Of the seed files of a folder; without `learning` no examples, which only what learns from them needs."""
        words = read_plain(folder / "lexicon_zh.yaml")
        rules = read_plain(folder / "intents_zh.yaml")
        writers = read_writers(folder) if learning else ()
        examples = _examples(folder, writers) if learning else {}
        fitted = read_plain(folder / "thresholds.yaml")
        listed = words["one_word_decides"]
        groups = tuple(map(_group, listed if isinstance(listed, list) else []))
        thresholds = thresholds_of(table(fitted["thresholds"]))
        reader, intents = _reader(words), _intents(rules)
        signs = Signs(reader.concepts, _concepts(reader.normaliser, rules["cues"]), intents.asks)
        return cls(reader, intents, signs, examples, thresholds, groups, fusion_of(fitted.get("fusion")), writers)


def _examples(folder: Path, writers: Sequence[Writer]) -> dict[str, tuple[str, ...]]:
    """All by their kind: those of no writer first, then those of each."""
    plain = lists(read_plain(folder / "examples_zh.yaml")["examples"])
    return {kind: sum((writer.examples.get(kind, ()) for writer in writers), own) for kind, own in plain.items()}


def _reader(words: Mapping[str, Plain]) -> Reader:
    rewrite = {str(spoken): str(common) for spoken, common in table(words["rewrite"]).items()}
    normaliser = Normaliser.build(str(words["traditional"]), rewrite)
    return Reader(normaliser, _concepts(normaliser, words["concepts"]), texts(words["stop"]))


def _concepts(normaliser: Normaliser, listed: Plain) -> Concepts:
    return Concepts.build({name: map(normaliser.clean, words) for name, words in lists(listed).items()})


def _intents(rules: Mapping[str, Plain]) -> Intents:
    listed = rules["rules"]
    each = [table(rule) for rule in listed] if isinstance(listed, list) else []
    return Intents.build(each, table(rules["security_advice"]), texts(rules["calm"]))


def thresholds_of(fitted: Mapping[str, Plain]) -> Thresholds:
    """Of a table as it is stored."""
    rows = fitted["sides"]
    sides = tuple(map(_weights, rows if isinstance(rows, list) else []))
    return Thresholds(_weights(fitted["sure"]), sides, float(str(fitted["answer"])))


def _weights(listed: Plain) -> tuple[float, ...]:
    return tuple(map(float, texts(listed)))


def _group(listed: Plain) -> Group:
    names = lists(listed)
    return Group(frozenset(names["entries"]), frozenset(names["concepts"]), names["words"])


def fusion_of(fitted: Plain) -> Fusion | None:
    """Fitted weights and thresholds as they are stored; None where none were fitted."""
    values = table(fitted)
    if not values:
        return None
    own, vector = (float(str(values[name])) for name in ("own", "vector"))
    return Fusion(own, vector, thresholds_of(values))
