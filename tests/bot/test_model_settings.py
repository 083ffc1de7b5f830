"""Settings of the language model: what may be said, and what they make."""

from pathlib import Path

import pytest

from bot.app import language
from bot.errors import SettingsWrong
from bot.settings import Model, load

SERVER = {"URL": "http://127.0.0.1:1/v1", "NAME": "qwen", "KEY": "hidden"}


def given(monkeypatch: pytest.MonkeyPatch, folder: Path, values: dict[str, str]) -> Model:
    """The settings with these variables of the model, away from any file."""
    monkeypatch.chdir(folder)
    for name, value in values.items():
        monkeypatch.setenv(f"QUANFU_MODEL__{name}", value)
    return load().model


def test_there_is_none_unless_it_is_wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = given(monkeypatch, tmp_path, {})
    assert language.writer(settings, language.endpoint(settings)) is None


async def test_its_tasks_and_time_are_as_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = given(monkeypatch, tmp_path, {**SERVER, "PHRASE": "true", "REWRITE": "false", "SECONDS": "2"})
    chat = language.endpoint(settings)
    assert chat is not None
    made = language.writer(settings, chat)
    await chat.close()
    assert made is not None
    assert (made.rewrites, made.phrases, made.seconds) == (False, True, 2.0)


@pytest.mark.parametrize(
    "values",
    [
        {"URL": SERVER["URL"]},
        {"NAME": "qwen"},
        {"KEY": "hidden"},
        {"PHRASE": "true"},
        {**SERVER, "REWRITE": "false"},
        {**SERVER, "URL": "hidden.example.com"},
        {**SERVER, "SECONDS": "3.5"},
    ],
)
def test_what_does_not_fit_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, values: dict[str, str]
) -> None:
    with pytest.raises(SettingsWrong) as wrong:
        given(monkeypatch, tmp_path, values)
    assert "MODEL" in str(wrong.value)
    assert "hidden" not in str(wrong.value)
