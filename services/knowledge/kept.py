"""A ranker as bytes: training costs a second, which every start and every process would spend anew."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.knowledge.entry import Entry
from services.knowledge.learning import Classifier
from services.knowledge.ranking import Ranker, Reader, wordings
from services.knowledge.seeds import SEEDS
from services.knowledge.sparse import Postings, Vocabulary

POSTINGS = ("phrasings", "answers", "wholes")
PLACES = ("starts", "rows", "weights")

Arrays = dict[str, NDArray[np.generic]]


def digest_of(entries: Sequence[Entry]) -> bytes:
    """Of all that decides what a ranker becomes: the texts of the entries, the words of the field, and this code."""
    digest = sha256()
    for part in _parts(entries):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def packed(ranker: Ranker) -> bytes | None:
    """A ranker without how it reads; None for one that costs more to keep than to make."""
    if not isinstance(ranker.classifier, Classifier):
        return None
    arrays: Arrays = {
        "names": _lines(ranker.vocabulary.columns),
        "rarity": ranker.vocabulary.rarity,
        "labels": _lines(ranker.labels),
        "firsts": ranker.firsts,
        "classifier": ranker.classifier.weights,
        "numbers": np.array([ranker.vocabulary.unseen, ranker.entry_count]),
    }
    for name in POSTINGS:
        postings: Postings = getattr(ranker, name)
        arrays |= {f"{name}.{place}": getattr(postings, place) for place in PLACES}
        arrays[f"{name}.count"] = np.array(postings.count)
    file = BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def unpacked(data: bytes, reader: Reader) -> Ranker:
    """The ranker, to read as it did when it was made."""
    with np.load(BytesIO(data), allow_pickle=False) as arrays:
        unseen, entry_count = arrays["numbers"].tolist()
        columns = {name: place for place, name in enumerate(_texts(arrays["names"]))}
        return Ranker(
            reader=reader,
            vocabulary=Vocabulary(columns, arrays["rarity"], unseen),
            firsts=arrays["firsts"],
            classifier=Classifier(arrays["classifier"]),
            labels=tuple(_texts(arrays["labels"])),
            entry_count=int(entry_count),
            **{name: _postings(arrays, name) for name in POSTINGS},
        )


def _postings(arrays: "np.lib.npyio.NpzFile", name: str) -> Postings:
    starts, rows, weights = (arrays[f"{name}.{place}"] for place in PLACES)
    return Postings(starts, rows, weights, int(arrays[f"{name}.count"]))


def _parts(entries: Sequence[Entry]) -> Iterator[bytes]:
    for entry in entries:
        yield "\0".join((entry.entry_id, entry.answer, *wordings(entry))).encode()
    for folder, pattern in ((SEEDS, "*.yaml"), (SEEDS.parent, "*.yaml"), (Path(__file__).parent, "*.py")):
        for path in sorted(folder.glob(pattern)):
            yield path.read_bytes()


def _lines(texts: Iterable[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def _texts(lines: NDArray[np.uint8]) -> list[str]:
    return lines.tobytes().decode().split("\n")
