"""`python -m tests.services.knowledge.fit`: fits the packaged thresholds anew, after seeds or ranking have changed.

With the optional part `semantic` installed also those with an embedder; its vectors are kept in `var/fit.db`, so that
only new texts are embedded (minutes the first time). Then the figures on each file of questions are told.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from bot.vocabulary import Locale
from services.knowledge import dialogue
from services.knowledge.calibrate import refit, refit_fusion, write_thresholds
from services.knowledge.evaluate import Question, evaluate, read_questions
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon
from services.knowledge.meaning.learned import Meaning
from services.knowledge.meaning.packaged import PackagedEmbedder, installed
from services.knowledge.meaning.vectors import Vectors
from services.knowledge.seeds import SEEDS
from services.knowledge.sparse import Floats
from storage.engine import open_engines, upgrade
from storage.unit import Database
from storage.vault import Vault

HERE = Path(__file__).parent
STORE = Path("var/fit.db")
TOLD = (
    *("top1", "top3", "answered_share", "certain_wrong", "none_refused"),
    *("complaint_recall", "complaint_precision", "person_recall"),
)


def fitted_on() -> list[Question]:
    """Questions that the packaged thresholds may be fitted on; the others only measure."""
    files = (HERE / f"questions_{name}.tsv" for name in ("dev", "fresh", "steer"))
    whole = (question for file in files for question in read_questions(file))
    return [*whole, *read_questions(HERE / "questions_more.tsv")[::2]]


async def vectors(texts: Sequence[str]) -> Mapping[str, Floats]:
    """The vector of each text, by the packaged model."""
    STORE.parent.mkdir(exist_ok=True)
    url = f"sqlite:///{STORE}"
    upgrade(url)
    database, embedder = Database(open_engines(url), Vault((b"f" * 32,))), PackagedEmbedder()
    try:
        return dict(zip(texts, await Vectors(embedder, database).of(texts), strict=True))
    finally:
        await embedder.close()
        database.close()


def tell(name: str, knowledge: Knowledge, questions: Sequence[Question]) -> None:
    """One line of figures."""
    found = asdict(evaluate(questions, lambda text: dialogue.find(knowledge, text, Locale.ZH_CN)))
    sys.stdout.write(f"{name:42}" + "  ".join(f"{key} {found[key]:.3f}" for key in TOLD) + "\n")


def main() -> None:
    """Fit, store, tell."""
    write_thresholds(refit(SEEDS, fitted_on()), SEEDS / "thresholds.yaml")
    files = {path.stem: read_questions(path) for path in sorted(HERE.glob("questions_*.tsv"))}
    files["questions_more, measuring half"] = files.pop("questions_more")[1::2]
    plain = Knowledge.from_seeds()
    for name, questions in files.items():
        tell(name, plain, questions)
    if not installed():
        sys.stdout.write("without an embedder: it is not installed (pip install -e '.[semantic]')\n")
        return
    clean = Lexicon.read().reader.clean
    every = [*fitted_on(), *(question for questions in files.values() for question in questions)]
    examples = [text for texts in Lexicon.read().examples.values() for text in texts]
    texts = {clean(text) for text in (*(question.text for question in every), *examples)} | set(plain.taught()[0])
    rows = asyncio.run(vectors(sorted(texts - {""})))
    fusion = refit_fusion(SEEDS, fitted_on(), rows)
    write_thresholds(plain.thresholds, SEEDS / "thresholds.yaml", fusion)
    fused = replace(Knowledge.from_seeds(), fusion=fusion)
    owned, places = fused.taught()
    meaning = Meaning.learn(np.stack([rows[text] for text in owned]), places, max(places) + 1)
    for name, questions in files.items():
        known = {clean(question.text) for question in questions} - {""}
        tell(f"{name}, embedder", fused.with_sense({text: meaning.scores(rows[text]) for text in known}), questions)


if __name__ == "__main__":
    main()
