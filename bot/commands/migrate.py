"""quanfu migrate: bring the database up to date and load what it starts from."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bot import settings
from bot.app import open_database, open_vault
from bot.clock import SystemClock
from services import branch, calendars
from services.knowledge import packaged
from services.knowledge.published import Published
from services.segments import packaged as segments
from storage.engine import upgrade


def migrate(
    check: Annotated[
        bool, typer.Option(help="only check that models and migrations agree, on a fresh database")
    ] = False,
) -> None:
    """Bring the database to the newest schema and load the seeds."""
    if check:
        with tempfile.TemporaryDirectory() as folder:
            upgrade(f"sqlite:///{Path(folder) / 'check.db'}", check=True)
        return
    current = settings.load()
    open_vault(current)
    upgrade(current.database_url)
    asyncio.run(_seed(current))


async def _seed(current: settings.Settings) -> None:
    database = open_database(current)
    try:
        await database.write(branch.seed)
        await database.write(lambda unit: calendars.load_packaged(unit, SystemClock().now()))
        await database.write(lambda unit: segments.load(unit, SystemClock().now()))
        entries = packaged.read()
        await database.write(lambda unit: packaged.load(unit, entries, SystemClock().now()))
        await (await Published.load(database)).keep(database)
    finally:
        database.close()
