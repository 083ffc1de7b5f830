"""The `quanfu` command."""

import sys

import typer

from bot import logs, settings
from bot.commands import ask, broadcast, calendar, care, demo, doubts, faq, migrate, serve, staff
from bot.commands.words import word
from bot.errors import NotMigrated, QuanfuError, SettingsWrong

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command("migrate")(migrate.migrate)
app.command("serve")(serve.serve)
app.command("ask")(ask.ask)
app.command("demo")(demo.demo)
app.add_typer(faq.app, name="faq")
app.add_typer(staff.app, name="staff")
app.add_typer(broadcast.app, name="broadcast")
app.add_typer(care.app, name="care")
app.add_typer(calendar.app, name="calendar")
app.add_typer(doubts.app, name="doubts")


@app.callback()
def quanfu() -> None:
    """The client-service bot of a securities branch."""


def main() -> None:
    """Run one command; wrong settings end with one line per fault and exit code 2."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        current = settings.load()
        logs.set_up(current.log_format, current.log_level)
        app()
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


if __name__ == "__main__":
    main()
