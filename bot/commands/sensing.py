"""The embedder in commands: as the settings say, or as `--semantic` and `--no-semantic` do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from bot import settings
from bot.clock import SystemClock
from bot.errors import SettingsWrong, StorageError
from bot.settings import Settings, sqlite_file
from services.knowledge.knowledge import Knowledge
from services.knowledge.meaning.sense import Sense
from services.knowledge.published import Published
from storage.unit import Database

Semantic = Annotated[bool | None, typer.Option("--semantic/--no-semantic", show_default=False)]

PATIENCE = 30.0
"""Seconds for one question: what is measured must not depend on how busy the machine is."""


@asynccontextmanager
async def learned(knowledge: Knowledge, semantic: bool | None) -> AsyncIterator[Sense | None]:
    """The embedder, having learned the knowledge base, or None where none is wanted.

    Vectors that a server keeps in the database are used; nothing is written.
    """
    current = settings.load()
    if semantic:
        _require(current)
    if current.semantic.kind == "off" or semantic is False:
        yield None
        return
    from bot.app.embedding import sense  # a second that asking without an embedder should not cost

    database = await asyncio.to_thread(_kept, current)
    sensing = sense(current.semantic, SystemClock(), database, keeps=False)
    try:
        if sensing:
            sensing.seconds = PATIENCE
            await sensing.learn(knowledge)
        yield sensing
    finally:
        if sensing:
            await sensing.close()
        if database:
            database.close()


async def embed_published() -> None:
    """Make and keep the vectors of what clients are answered from."""
    from bot.app import open_database
    from bot.app.embedding import sense

    current = settings.load()
    _require(current)
    database = open_database(current)
    try:
        sensing = sense(current.semantic, SystemClock(), database)
        if sensing:
            await sensing.learn((await Published.load(database)).current)
            await sensing.close()
    finally:
        database.close()


def _require(current: Settings) -> None:
    if current.semantic.kind == "off":
        raise SettingsWrong(["QUANFU_SEMANTIC__KIND: off; an embedder is wanted"])


def _kept(current: Settings) -> Database | None:
    """The database of the settings where there is one that is up to date; looking makes none."""
    if current.on_sqlite and not sqlite_file(current.database_url).exists():
        return None
    from bot.app import open_database

    try:
        return open_database(current)
    except StorageError:
        return None
