"""quanfu serve: run the service."""

import asyncio
from typing import Annotated

import typer

from bot import settings
from bot.app import Role
from bot.app import serve as run


def serve(role: Annotated[Role, typer.Option(help="what this process does")] = Role.ALL) -> None:
    """Serve until told to end (Ctrl-C)."""
    asyncio.run(run(settings.load(), role))
