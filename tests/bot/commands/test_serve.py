"""What a start says."""

import io
import sys

import pytest

from bot.commands.serve import _tell


class Full(io.StringIO):
    """A file on a disk without room."""

    tried = 0

    def write(self, _text: str) -> int:
        self.tried += 1
        raise OSError(28, "No space left on device")


def test_a_start_whose_words_cannot_be_written_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Full())
    _tell("127.0.0.1:8000")
    assert isinstance(sys.stdout, Full)
    assert sys.stdout.tried == 1
