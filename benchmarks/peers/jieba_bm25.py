"""jieba cuts, bm25s ranks: an entry is one document of all its wordings.

A document for each wording, jieba's cut for search, and the answers within the documents did worse.
"""

import logging
from collections.abc import Sequence

import bm25s
import jieba
import numpy as np

from benchmarks.peers.edit_distance import Ask, Phrasing

jieba.setLogLevel(logging.WARNING)
jieba.initialize()


def build(phrasings: Sequence[Phrasing]) -> Ask:
    """Asks for the ids of the three entries that rank first."""
    documents: dict[str, list[str]] = {}
    for entry_id, text in phrasings:
        documents.setdefault(entry_id, []).extend(_words(text))
    index = bm25s.BM25()
    index.index(list(documents.values()), show_progress=False)
    ids = list(documents)
    return lambda question: _best(index, ids, question)


def _best(index: bm25s.BM25, ids: Sequence[str], question: str) -> list[str]:
    scores = index.get_scores(_words(question))
    return [ids[place] for place in np.argsort(-scores, kind="stable")[:3]]


def _words(text: str) -> list[str]:
    return [word for word in jieba.lcut(text.lower()) if word.strip()]
