"""The command line knows every command, and loads only the one that is wanted."""

import subprocess
import sys

from bot.__main__ import COMMANDS, tree


def _names(wanted: str) -> set[str]:
    app = tree(wanted)
    commands = {str(command.name) for command in app.registered_commands}
    return commands | {str(group.name) for group in app.registered_groups}


def test_all_commands_without_one_wanted() -> None:
    assert _names("") == set(COMMANDS)


def test_all_commands_where_an_unknown_one_is_wanted() -> None:
    assert _names("serv") == set(COMMANDS)


def test_only_the_wanted_command() -> None:
    assert _names("care") == {"care"}


def test_the_others_are_not_even_imported() -> None:
    code = "import sys; from bot.__main__ import tree; tree('migrate'); print('bot.commands.broadcast' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "False"
