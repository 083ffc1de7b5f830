"""`quanfu ask`, `faq evaluate` and `faq embed` with the embedder of the settings."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import tree
from bot.errors import EmbedderFailed, SettingsWrong
from services.knowledge.knowledge import Knowledge
from services.knowledge.published import Published
from tests.doubles.faults import Fault, http_error
from tests.doubles.openai import KEY, OpenAIDouble
from tests.doubles.server import running
from tests.services.knowledge.meaning.conftest import small_one

CLI = CliRunner()


@pytest.fixture
async def double(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sqlite_url: str) -> AsyncIterator[OpenAIDouble]:
    """A server that the settings name, a small knowledge base, and a migrated database."""
    small = small_one()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Knowledge, "from_seeds", lambda: small)
    async with running(OpenAIDouble()) as served:
        told = {"KIND": "endpoint", "URL": served.url, "MODEL": "e5", "KEY": KEY}
        for name, value in told.items():
            monkeypatch.setenv(f"QUANFU_SEMANTIC__{name}", value)
        monkeypatch.setenv("QUANFU_DATABASE_URL", sqlite_url)
        yield served


async def invoke(*arguments: str) -> Result:
    """What a command does, in a thread: it has an event loop of its own."""
    return await asyncio.to_thread(CLI.invoke, tree(arguments[0]), list(arguments))


async def test_a_question_is_asked_with_its_vector(double: OpenAIDouble) -> None:
    result = await invoke("ask", "早上几点能交易", "--json")
    assert json.loads(result.stdout)["entries"][0]["id"] == "opening"
    assert double.ledger.texts("e5")[-1] == "早上几点能交易"


async def test_the_embedder_is_not_asked_where_none_is_wanted(double: OpenAIDouble) -> None:
    assert (await invoke("ask", "怎么开户", "--no-semantic")).exit_code == 0
    assert double.ledger.calls == []


async def test_figures_are_those_with_vectors(double: OpenAIDouble, tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text("query\texpected_id\n怎么开户\taccount\n", "utf-8")
    result = await invoke("faq", "evaluate", str(file), "--json")
    assert json.loads(result.stdout)["top1"] == 1.0
    assert double.ledger.texts("e5").count("怎么开户") == 2


async def test_vectors_made_ahead_are_not_asked_for_again(
    double: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Published, "load", _packaged)
    assert (await invoke("faq", "embed")).exit_code == 0
    double.ledger.clear()
    assert (await invoke("ask", "怎么开户")).exit_code == 0
    assert len(double.ledger.texts("e5")) == 2


async def _packaged(_database: object) -> Published:
    return Published(Knowledge.from_seeds())


async def test_a_command_ends_where_nothing_can_be_learned(double: OpenAIDouble) -> None:
    double.faults.add(Fault(http_error(500)))
    result = await invoke("ask", "怎么开户")
    assert isinstance(result.exception, EmbedderFailed)
    assert result.stdout == ""


@pytest.mark.parametrize("arguments", [("ask", "怎么开户", "--semantic"), ("faq", "embed")])
def test_wanting_an_embedder_that_no_setting_names_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CLI.invoke(tree(arguments[0]), list(arguments))
    assert isinstance(result.exception, SettingsWrong)
    assert "QUANFU_SEMANTIC__KIND" in str(result.exception)
