"""What a manner of writing holds is learned from with all else, and can be told apart from it."""

from pathlib import Path

import yaml

from services.knowledge.calibrate import MIX
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon
from services.knowledge.seeds import SEEDS, WRITERS, read_entries
from services.knowledge.writers import read_writers


def test_each_writer_asks_for_most_entries_and_writes_of_every_side(knowledge: Knowledge) -> None:
    writers = read_writers(SEEDS)
    assert len(writers) >= 18
    for writer in writers:
        assert writer.phrasings.keys() <= knowledge.entries.keys()
        assert len(writer.phrasings) >= 90, writer.name
        assert {"complaint", "person", "unknown", "out_of_scope", "stock_advice"} <= writer.examples.keys()


def test_no_two_writers_have_written_the_same() -> None:
    tables = [table for writer in read_writers(SEEDS) for table in (writer.examples, writer.phrasings)]
    texts = [text for table in tables for each in table.values() for text in each]
    assert len(texts) == len(set(texts))


def test_what_writers_wrote_stands_among_all_that_is_learned_from(tmp_path: Path) -> None:
    (tmp_path / WRITERS).mkdir()
    for name in ("lexicon_zh", "intents_zh", "thresholds"):
        (tmp_path / f"{name}.yaml").write_bytes((SEEDS / f"{name}.yaml").read_bytes())
    entry = {"id": "a", "category": "fees", "question": "佣金多少", "alternatives": ["手续费"], "answer": "答"}
    _write(tmp_path / "faq_zh.yaml", {"faqs": [entry]})
    _write(tmp_path / "examples_zh.yaml", {"examples": {"complaint": ["太差了"]}})
    hand = {"examples": {"complaint": ["不管我"]}, "phrasings": {"a": ["收几个点"]}}
    _write(tmp_path / WRITERS / "short_zh.yaml", hand)
    (read,) = read_entries(tmp_path)
    assert read.chinese.phrasings == ("手续费", "收几个点")
    assert Lexicon.read(tmp_path).examples == {"complaint": ("太差了", "不管我")}
    assert not Lexicon.read(tmp_path, learning=False).examples


def test_the_sides_count_as_one_whole() -> None:
    assert abs(sum(MIX.values()) - 1) < 1e-9


def _write(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
