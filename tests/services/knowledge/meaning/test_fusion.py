"""How much vectors count is fitted on phrasings that nothing was learned from, and stored beside the thresholds."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from services.knowledge.calibrate import WEIGHTS, refit_fusion, write_thresholds
from services.knowledge.decision import Fusion
from services.knowledge.evaluate import Question
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon
from services.knowledge.seeds import SEEDS
from services.knowledge.sparse import Floats

TOPICS = {
    "open": "开户", "fees": "佣金", "hours": "开盘时间", "transfer": "银证转账", "pin": "交易密码", "ipo": "新股申购",
}  # fmt: skip
WAYS = ("怎么弄{}", "{}有什么规定", "想问下{}", "{}的事", "请问{}怎么办", "{}说明", "介绍一下{}")
NEAR = np.eye(len(TOPICS) + 1, dtype=np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Seeds with some topics asked in the same ways, and a kind of text that is no question."""
    for name in ("lexicon_zh", "intents_zh", "thresholds"):
        shutil.copy(SEEDS / f"{name}.yaml", tmp_path)
    texts = {topic: [way.format(words) for way in WAYS] for topic, words in TOPICS.items()}
    faqs = [
        {"id": key, "category": "fees", "question": TOPICS[key], "alternatives": asked, "answer": "答"}
        for key, asked in texts.items()
    ]
    chat = {"out_of_scope": [f"今天{word}真好" for word in ("天气", "心情", "运气", "阳光", "空气", "饭菜")]}
    (tmp_path / "faq_zh.yaml").write_text(yaml.safe_dump({"faqs": faqs}, allow_unicode=True), "utf-8")
    (tmp_path / "examples_zh.yaml").write_text(yaml.safe_dump({"examples": chat}, allow_unicode=True), "utf-8")
    return tmp_path


def known(folder: Path, vector_of: "dict[str, Floats]") -> dict[str, Floats]:
    """A vector for every cleaned text of the folder: by topic, or by its signs."""
    lexicon = Lexicon.read(folder)
    examples = (lexicon.reader.clean(text) for texts in lexicon.examples.values() for text in texts)
    texts = [*Knowledge.from_seeds(folder).taught()[0], *examples, "今天天气真好"]
    return {text: vector_of.get(text, np.array([0.1] * len(NEAR), np.float32)) for text in texts}


def test_vectors_that_tell_the_topic_count_more_than_those_that_mislead(folder: Path) -> None:
    knowledge = Knowledge.from_seeds(folder)
    texts, owners = knowledge.taught()
    telling = {text: NEAR[owner] for text, owner in zip(texts, owners, strict=True)}
    misleading = {text: NEAR[place % len(NEAR)] for place, text in enumerate(dict.fromkeys(texts))}
    strangers = [Question("今天天气真好", frozenset({"NONE"}))]
    right, wrong = (refit_fusion(folder, strangers, known(folder, each)) for each in (telling, misleading))
    assert right.vector / right.own > wrong.vector / wrong.own
    assert {right.own, right.vector} <= set(WEIGHTS)


def test_what_was_fitted_is_read_back_and_survives_a_fit_without_vectors(folder: Path) -> None:
    file, thresholds = folder / "thresholds.yaml", Lexicon.read(folder).thresholds
    fusion = Fusion(0.4, 1.1, thresholds)
    write_thresholds(thresholds, file, fusion)
    write_thresholds(replace(thresholds, answer=0.9), file)
    read = Lexicon.read(folder)
    assert (read.fusion, read.thresholds.answer) == (fusion, 0.9)


def test_the_packaged_knowledge_base_knows_what_an_embedder_counts() -> None:
    lexicon = Lexicon.read()
    assert lexicon.fusion is not None
    assert lexicon.fusion.vector > 0 < lexicon.fusion.own
    fused, plain = lexicon.fusion.thresholds, lexicon.thresholds
    assert len(fused.sure) == len(plain.sure), "fit anew"
    assert [*map(len, fused.sides)] == [*map(len, plain.sides)], "fit anew"


def test_without_a_fit_nothing_is_joined(folder: Path) -> None:
    (folder / "thresholds.yaml").unlink()
    write_thresholds(Lexicon.read().thresholds, folder / "thresholds.yaml")
    knowledge = Knowledge.from_seeds(folder)
    assert knowledge.fusion is None
    assert knowledge.with_sense({"x": NEAR[0]}) is knowledge
