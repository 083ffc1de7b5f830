"""quanfu serve: run the service."""

import asyncio
import sys
from contextlib import suppress
from typing import Annotated

import typer

from bot import settings
from bot.app import Role
from bot.app import serve as run
from bot.commands.words import tell


def serve(role: Annotated[Role, typer.Option(help="what this process does")] = Role.ALL) -> None:
    """Serve until told to end (Ctrl-C)."""
    current = settings.load()
    asyncio.run(run(current, role, lambda: _tell(current.listen)))


def _tell(listen: str) -> None:
    """Where to look, once there is something to see."""
    with suppress(OSError):  # nobody may be there to hear it, and a full disk must not end what has begun
        for key in ("serve_chat", "serve_console", "serve_end"):
            tell(key, listen=listen)
        sys.stdout.flush()
