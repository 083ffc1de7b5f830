"""What was learned, as bytes: training costs a second, which every start and every process would spend anew."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.knowledge.entry import Entry
from services.knowledge.kinds import Kinds
from services.knowledge.knowledge import Learned
from services.knowledge.learning import Classifier
from services.knowledge.lexicon import Lexicon
from services.knowledge.neighbours import Neighbours
from services.knowledge.ranking import Ranker, wordings
from services.knowledge.seeds import SEEDS
from services.knowledge.sparse import Postings, Vocabulary
from services.knowledge.spelling import Spelling

POSTINGS = ("phrasings", "answers", "wholes", "elsewhere")
PLACES = ("starts", "rows", "weights")

Arrays = dict[str, NDArray[np.generic]]


def digest_of(entries: Sequence[Entry]) -> bytes:
    """Of all that decides what is learned: the texts of the entries, the words of the field, and this code."""
    digest = sha256()
    for part in _parts(entries):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def packed(learned: Learned) -> bytes | None:
    """What was learned, without how texts are read; None where that costs more to keep than to make."""
    ranker, kinds = learned.ranker, learned.kinds
    if not isinstance(ranker.classifier, Classifier):
        return None
    arrays: Arrays = {
        **_vocabulary_in("ranker", ranker.vocabulary),
        **_vocabulary_in("kinds", kinds.vocabulary),
        "pairs": _lines(ranker.spelling.pairs),
        "counts": np.fromiter(ranker.spelling.pairs.values(), np.int32),
        **_classifier_in("ranker", ranker.classifier),
        **_classifier_in("kinds", kinds.classifier),
        **_postings_in("neighbours", kinds.neighbours.texts),
        "neighbours.labels": kinds.neighbours.labels,
        "ranker.labels": _lines(ranker.labels),
        "kinds.labels": _lines(kinds.labels),
        "spoken": _lines(sorted(learned.spoken)),
        "firsts": ranker.firsts,
        "excluded": ranker.excluded,
    }
    for name in POSTINGS:
        arrays |= _postings_in(name, getattr(ranker, name))
    file = BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def unpacked(data: bytes, lexicon: Lexicon) -> Learned:
    """What was learned, reading texts as it did then."""
    with np.load(BytesIO(data), allow_pickle=False) as arrays:
        shared: dict[str, str] = {}
        pairs = zip(_texts(arrays["pairs"]), arrays["counts"].tolist(), strict=False)  # no pair: one empty line
        ranker = Ranker(
            reader=lexicon.reader,
            spelling=Spelling.of(dict(pairs)),
            vocabulary=_vocabulary_of("ranker", arrays, shared),
            firsts=arrays["firsts"],
            excluded=arrays["excluded"],
            classifier=_classifier("ranker", arrays),
            labels=tuple(_texts(arrays["ranker.labels"])),
            **{name: _postings(arrays, name) for name in POSTINGS},
        )
        classifier, labels = _classifier("kinds", arrays), tuple(_texts(arrays["kinds.labels"]))
        neighbours = Neighbours(_postings(arrays, "neighbours"), arrays["neighbours.labels"])
        kinds = Kinds(lexicon.signs, _vocabulary_of("kinds", arrays, shared), classifier, neighbours, labels)
        return Learned(ranker, kinds, frozenset(_texts(arrays["spoken"])))


def _classifier_in(of: str, classifier: Classifier) -> Arrays:
    return {f"{of}.weights": classifier.weights, f"{of}.scales": classifier.scales}


def _classifier(of: str, arrays: "np.lib.npyio.NpzFile") -> Classifier:
    return Classifier(arrays[f"{of}.weights"], arrays[f"{of}.scales"])


def _vocabulary_in(of: str, vocabulary: Vocabulary) -> Arrays:
    unseen = np.array(vocabulary.unseen)
    return {f"{of}.names": _lines(vocabulary.columns), f"{of}.rarity": vocabulary.rarity, f"{of}.unseen": unseen}


def _vocabulary_of(of: str, arrays: "np.lib.npyio.NpzFile", shared: dict[str, str]) -> Vocabulary:
    """A vocabulary; names that another one has too are the same objects."""
    columns = {shared.setdefault(name, name): place for place, name in enumerate(_texts(arrays[f"{of}.names"]))}
    return Vocabulary(columns, arrays[f"{of}.rarity"], float(arrays[f"{of}.unseen"]))


def _postings_in(name: str, postings: Postings) -> Arrays:
    return {f"{name}.{place}": getattr(postings, place) for place in (*PLACES, "count")}


def _postings(arrays: "np.lib.npyio.NpzFile", name: str) -> Postings:
    starts, rows, weights = (arrays[f"{name}.{place}"] for place in PLACES)
    return Postings(starts, rows, weights, int(arrays[f"{name}.count"]))


def _parts(entries: Sequence[Entry]) -> Iterator[bytes]:
    for entry in entries:
        yield "\0".join((entry.entry_id, entry.answer, *wordings(entry))).encode()
        yield "\0".join(entry.not_about).encode()
    for folder, pattern in ((SEEDS, "**/*.yaml"), (SEEDS.parent, "*.yaml"), (Path(__file__).parent, "*.py")):
        for path in sorted(folder.glob(pattern)):
            yield path.read_bytes()


def _lines(texts: Iterable[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def _texts(lines: NDArray[np.uint8]) -> list[str]:
    return lines.tobytes().decode().split("\n")
