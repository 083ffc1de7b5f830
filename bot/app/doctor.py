"""What `quanfu doctor` looks at: the house and every account, as far as the settings and the database allow."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.app import channels as accounts
from bot.app import media
from bot.app.keys import key_lost, open_database
from bot.app.presence import served
from bot.channels.base import Channel, ChannelState, MemoryState, Opener
from bot.clock import Clock
from bot.errors import DatabaseBusy, NotMigrated, SettingsWrong, StorageError, TextsBroken
from bot.settings import FILE, Media, Settings, sqlite_file
from bot.texts import Texts
from bot.vocabulary.health import Observation, Remark
from services.doctor import HOUSE, Check, Seen, examine, latest
from services.doctor.house import Files, Records
from storage.channel_state import StoredState
from storage.unit import Database
from storage.vault import key_file


@dataclass(frozen=True)
class Ward:
    """One examination's surroundings; without a database adapters keep what they need in memory."""

    settings: Settings
    clock: Clock
    database: Database | None
    texts: Texts | TextsBroken

    def checks(self, *, offline: bool) -> Iterator[tuple[str, Check]]:
        """Everything to be looked at."""
        files = self._files()
        if self.database:
            yield HOUSE, partial(_running, self.settings)
            yield HOUSE, Records(self.database, files, self.clock).check
            if self.settings.media.store == "folder" or not offline:
                yield HOUSE, partial(_media, self.settings.media, self.database)
        yield HOUSE, files.check
        yield HOUSE, partial(_texts, self.texts)
        if not offline and isinstance(self.texts, Texts):
            for channel in self._channels(self.texts):
                yield f"{channel.kind.value}/{channel.account}", partial(_account, channel, self.settings.public_url)

    def _files(self) -> Files:
        if not self.settings.on_sqlite:
            return Files(Path.cwd(), settings=Path(FILE))
        database = sqlite_file(self.settings.database_url)
        key = None if self.settings.keys.master else key_file(database)
        return Files(Path.cwd(), database if database.exists() else None, key, Path(FILE))

    def _channels(self, texts: Texts) -> Iterator[Channel]:
        parts = accounts.Parts(self._state, lambda _: None, texts, self.clock)
        yield from accounts.channels(self.settings, parts).values()

    def _state(self, scope: str) -> ChannelState:
        return StoredState(self.database, self.clock, scope) if self.database else MemoryState()


async def examined(settings: Settings, clock: Clock, *, offline: bool) -> list[Seen]:
    """Everything that can be seen; SettingsWrong where nothing can be made of the settings."""
    texts = await asyncio.to_thread(_loaded)
    database, obstacle = await asyncio.to_thread(_opened, settings)
    try:
        seen = await examine(list(Ward(settings, clock, database, texts).checks(offline=offline)))
        if database:
            await _keep(database, seen, clock)
    finally:
        if database:
            database.close()
    return [*([Seen(HOUSE, obstacle)] if obstacle else []), *seen]


async def _keep(database: Database, seen: Sequence[Seen], clock: Clock) -> None:
    """For the console; a database that does not take it has a row of its own by now."""
    with suppress(StorageError):
        await database.write(lambda unit: latest.keep_all(unit, seen, clock.now()))


def _opened(settings: Settings) -> tuple[Database | None, Observation | None]:
    """The database, or why there is none. Looking makes nothing: neither a database nor a key."""
    if obstacle := _absent(settings):
        return None, obstacle
    try:
        return open_database(settings), None
    except NotMigrated:
        return None, Observation(Remark.DATABASE_BEHIND)
    except DatabaseBusy as error:
        return None, Observation(Remark.DATABASE_UNREACHED, {"reason": str(error).rpartition(" ")[2]})


def _absent(settings: Settings) -> Observation | None:
    if not settings.on_sqlite:
        missing = None if settings.keys.master else "QUANFU_KEYS__MASTER"
        return Observation(Remark.KEY_MISSING, {"path": missing}) if missing else None
    file = sqlite_file(settings.database_url)
    if not file.exists():
        return Observation(Remark.DATABASE_ABSENT, {"path": str(file)})
    lost = key_lost(settings)
    return Observation(Remark.KEY_MISSING, {"path": str(lost)}) if lost else None


async def _running(settings: Settings) -> AsyncGenerator[Observation, None]:
    runs = await asyncio.to_thread(served, settings)
    yield Observation(Remark.SERVER_RUNS if runs else Remark.SERVER_NONE)


async def _media(settings: Media, database: Database) -> AsyncGenerator[Observation, None]:
    try:
        shelf = media.shelf(settings, database)
    except SettingsWrong:
        yield Observation(Remark.MEDIA_UNINSTALLED)
        return
    async for observation in shelf.check():
        yield observation


def _loaded() -> Texts | TextsBroken:
    try:
        return Texts.load()
    except TextsBroken as error:
        return error


async def _texts(loaded: Texts | TextsBroken) -> AsyncGenerator[Observation, None]:
    if isinstance(loaded, Texts):
        yield Observation(Remark.TEXTS_WHOLE, {"number": str(len(loaded.messages))})
    else:
        yield Observation(Remark.TEXTS_BROKEN, {"number": str(len(loaded.faults)), "first": loaded.faults[0]})


async def _account(channel: Channel, public_url: str | None) -> AsyncGenerator[Observation, None]:
    """What an account sees of itself; only connections that the look itself made are closed."""
    try:
        async for observation in channel.check(public_url):
            yield observation
    finally:
        if isinstance(channel, Opener):
            await channel.close()
