"""The words of the field beside the entries, as one object."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.knowledge.decision import Fusion, Group, Thresholds
from services.knowledge.features import Concepts
from services.knowledge.intents import Intents
from services.knowledge.kinds import Signs
from services.knowledge.ranking import Reader
from services.knowledge.seeds import SEEDS, Plain, read_plain
from services.knowledge.text import Normaliser


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

    @classmethod
    def read(cls, folder: Path = SEEDS) -> "Lexicon":
        """Of the seed files of a folder."""
        words = read_plain(folder / "lexicon_zh.yaml")
        rules = read_plain(folder / "intents_zh.yaml")
        examples = _lists(read_plain(folder / "examples_zh.yaml")["examples"])
        fitted = read_plain(folder / "thresholds.yaml")
        listed = words["one_word_decides"]
        groups = tuple(map(_group, listed if isinstance(listed, list) else []))
        thresholds = thresholds_of(_table(fitted["thresholds"]))
        reader, intents = _reader(words), _intents(rules)
        signs = Signs(reader.concepts, _concepts(reader.normaliser, rules["cues"]), intents.asks)
        return cls(reader, intents, signs, examples, thresholds, groups, fusion_of(fitted.get("fusion")))


def _reader(words: Mapping[str, Plain]) -> Reader:
    rewrite = {str(spoken): str(common) for spoken, common in _table(words["rewrite"]).items()}
    normaliser = Normaliser.build(str(words["traditional"]), rewrite)
    return Reader(normaliser, _concepts(normaliser, words["concepts"]), _texts(words["stop"]))


def _concepts(normaliser: Normaliser, listed: Plain) -> Concepts:
    return Concepts.build({name: map(normaliser.clean, texts) for name, texts in _lists(listed).items()})


def _intents(rules: Mapping[str, Plain]) -> Intents:
    listed = rules["rules"]
    each = [_table(rule) for rule in listed] if isinstance(listed, list) else []
    return Intents.build(each, _table(rules["security_advice"]), _texts(rules["calm"]))


def thresholds_of(fitted: Mapping[str, Plain]) -> Thresholds:
    """Of a table as it is stored."""
    sure, relevant = (tuple(map(float, _texts(fitted[name]))) for name in ("sure", "relevant"))
    answer, candidates, label = (float(str(fitted[name])) for name in ("answer", "candidates", "label"))
    return Thresholds(sure, relevant, answer, candidates, label)


def _group(listed: Plain) -> Group:
    names = _lists(listed)
    return Group(frozenset(names["entries"]), frozenset(names["concepts"]), names["words"])


def fusion_of(fitted: Plain) -> Fusion | None:
    """Fitted weights and thresholds as they are stored; None where none were fitted."""
    values = _table(fitted)
    if not values:
        return None
    own, vector = (float(str(values[name])) for name in ("own", "vector"))
    return Fusion(own, vector, thresholds_of(values))


def _table(value: Plain) -> Mapping[str, Plain]:
    return value if isinstance(value, dict) else {}


def _texts(value: Plain) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _lists(value: Plain) -> dict[str, tuple[str, ...]]:
    return {name: _texts(texts) for name, texts in _table(value).items()}
