"""The `quanfu` command."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import typer

from bot import logs, settings
from bot.commands.words import word
from bot.errors import NotMigrated, QuanfuError, SettingsWrong

COMMANDS = (
    "migrate",
    "serve",
    "ask",
    "demo",
    "faq",
    "staff",
    "team",
    "audit",
    "integration",
    "clients",
    "holdings",
    "segment",
    "broadcast",
    "care",
    "calendar",
    "questionnaire",
    "product",
    "doubts",
    "wechat",
    "wecom",
    "doctor",
)


def tree(wanted: str) -> typer.Typer:
    """The command line with the one command that is wanted, or with all: each brings what only it needs."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(quanfu)
    for name in (wanted,) if wanted in COMMANDS else COMMANDS:
        with _undisturbed():
            module = import_module(f"bot.commands.{name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


@contextmanager
def _undisturbed() -> Iterator[None]:
    """What is loaded stays: looking through it for garbage again and again takes a fifth of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def quanfu() -> None:
    """The client-service bot of a securities branch."""


def main() -> None:
    """Run one command; wrong settings end with one line per fault and exit code 2."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        current = settings.load()
        logs.set_up(current.log_format, current.log_level)
        tree(sys.argv[1] if len(sys.argv) > 1 else "")()
    except SettingsWrong as error:
        for fault in error.faults:
            sys.stderr.write(f"{fault}\n")
        sys.exit(2)
    except NotMigrated:
        sys.stderr.write(f"{word('not_migrated')}\n")
        sys.exit(1)
    except QuanfuError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
