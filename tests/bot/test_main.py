"""How the command ends where something is wrong that the settings cannot tell."""

import io
import sys
from collections.abc import Callable

import pytest

from bot import __main__ as command


def test_a_folder_that_may_not_be_written_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BytesIO(), write_through=True))

    def refused() -> None:
        raise PermissionError(13, "Permission denied", "var/quanfu.db.key")

    def tree(_word: str) -> Callable[[], None]:
        return refused

    monkeypatch.setattr(command, "tree", tree)
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 1
    assert isinstance(sys.stderr.buffer, io.BytesIO)
    assert sys.stderr.buffer.getvalue() == b"var/quanfu.db.key: Permission denied\n"
