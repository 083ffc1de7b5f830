"""What is looked at before a server begins."""

import socket

import pytest

from bot.app.running import check_place
from bot.errors import SettingsWrong
from bot.settings import Settings


def test_a_place_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(listen=f"127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(SettingsWrong) as found:
            check_place(settings)
    [fault] = found.value.faults
    assert fault.startswith("QUANFU_LISTEN: nobody can listen there: Address already in use")
