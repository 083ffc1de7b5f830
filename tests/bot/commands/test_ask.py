"""`quanfu ask` and `quanfu faq` on the packaged seed."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.commands import faq
from bot.commands.ask import ask

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    """The two commands as the main program mounts them."""
    made = typer.Typer()
    made.command()(ask)
    made.add_typer(faq.app, name="faq")
    return made


def test_a_question_comes_out_as_one_json_object(app: typer.Typer) -> None:
    result = RUNNER.invoke(app, ["ask", "股票几点开盘", "--json"])
    found = json.loads(result.stdout)
    assert list(found) == ["question", "outcome", "entries", "reason", "text"]
    assert (found["question"], found["outcome"], found["reason"]) == ("股票几点开盘", "answered", None)
    assert found["entries"][0]["id"] == "trade-hours"
    assert 0 <= found["entries"][0]["score"] <= 1
    assert found["text"].startswith("交易日9:15")


def test_a_refusal_names_its_reason_and_carries_no_text(app: typer.Typer) -> None:
    found = json.loads(RUNNER.invoke(app, ["ask", "600519能买吗", "--json"]).stdout)
    assert (found["outcome"], found["reason"], found["entries"], found["text"]) == ("refused", "stock_advice", [], "")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_file_gives_exactly_one_line_for_each_line(app: typer.Typer, tmp_path: Path, options: list[str]) -> None:
    lines = ["怎么开户", "", "转户", "我要投诉", "\u2028😀\x0b", "最后一行没有换行"]
    file = tmp_path / "questions.txt"
    file.write_bytes("\n".join(lines).encode() + b"\n\xff\xfe")
    result = RUNNER.invoke(app, ["ask", "--file", str(file), *options])
    assert result.exit_code == 0
    assert len(result.stdout_bytes.rstrip(b"\n").split(b"\n")) == len(lines) + 1


def test_neither_or_both_of_question_and_file_is_an_error(app: typer.Typer, tmp_path: Path) -> None:
    file = tmp_path / "questions.txt"
    file.touch()
    assert RUNNER.invoke(app, ["ask"]).exit_code == 2
    assert RUNNER.invoke(app, ["ask", "怎么开户", "--file", str(file)]).exit_code == 2


def test_a_file_of_questions_is_measured(app: typer.Typer, tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text("query\texpected_id\n怎么开立证券账户\tacct-open-how\n今天天气\tNONE\n转人工\tHUMAN\n", "utf-8")
    found = json.loads(RUNNER.invoke(app, ["faq", "evaluate", str(file), "--json"]).stdout)
    assert (found["top1"], found["none_refused"], found["person_recall"], found["n"]) == (1.0, 1.0, 1.0, 3)


def test_a_faulty_file_of_questions_is_named_with_its_line(app: typer.Typer, tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text("query\texpected_id\nno tab\n", "utf-8")
    result = RUNNER.invoke(app, ["faq", "evaluate", str(file)])
    assert result.exit_code == 2
    assert "2: expected" in result.output.replace("\n", " ")
