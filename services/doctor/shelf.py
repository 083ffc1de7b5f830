"""What can be seen of the place where media lie.

A folder is only looked at: what a look made, the service might not own.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from bot.errors import StorageError, StoreUnavailable
from bot.vocabulary.health import Observation, Remark
from services.doctor.house import OTHERS_MAY_READ, room
from storage.repositories import media
from storage.repositories.media import Stock
from storage.stores import MediaStore
from storage.unit import Database

ABOUT = "media"


@dataclass(frozen=True)
class Shelf:
    """A store of media, named by `place`; `folder` where it is one of this machine."""

    database: Database
    store: MediaStore
    place: str
    folder: Path | None = None

    async def check(self) -> AsyncGenerator[Observation, None]:
        """Whether files can be kept there, what is kept is there, and there is room."""
        obstacle = await self._obstacle()
        if obstacle:
            yield obstacle
        else:
            yield await self._kept()
        if self.folder:
            yield room(_standing(self.folder), ABOUT)

    async def _obstacle(self) -> Observation | None:
        if self.folder:
            return _unusable(self.folder)
        try:
            whole = await _round_trip(self.store)
        except StoreUnavailable as error:
            return Observation(Remark.MEDIA_UNREACHED, {"place": self.place, "reason": str(error)})
        return None if whole else Observation(Remark.MEDIA_CHANGED, {"place": self.place})

    async def _kept(self) -> Observation:
        """What is kept; of the newest file, that it is where it should be."""
        try:
            stock = await self.database.read(media.stock)
            lost = stock.newest is not None and await self.store.get(stock.newest) is None
        except StoreUnavailable as error:
            return Observation(Remark.MEDIA_UNREACHED, {"place": self.place, "reason": str(error)})
        except StorageError as error:
            return Observation(Remark.MEDIA_UNREACHED, {"place": self.place, "reason": type(error).__name__})
        return Observation(Remark.MEDIA_LOST if lost else self._ready(), self._told(stock))

    def _ready(self) -> Remark:
        return Remark.MEDIA_NEW if self.folder and not self.folder.exists() else Remark.MEDIA_READY

    def _told(self, stock: Stock) -> dict[str, str]:
        return {"place": self.place, "number": str(stock.number), "size": f"{stock.size / 1e6:,.1f}"}


def _unusable(folder: Path) -> Observation | None:
    """Why a folder cannot be used: by whoever looks, who should be the service's own account."""
    standing = _standing(folder)
    if not standing.is_dir() or not os.access(standing, os.W_OK | os.X_OK):
        return Observation(Remark.MEDIA_UNWRITABLE, {"place": str(standing)})
    mode = standing.stat().st_mode & 0o777
    if standing == folder and mode & OTHERS_MAY_READ:
        return Observation(Remark.MEDIA_OPEN, {"place": str(folder), "mode": f"{mode:03o}"})
    return None


def _standing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next((place for place in (folder, *folder.absolute().parents) if place.exists()), Path("/"))


async def _round_trip(store: MediaStore) -> bool:
    """Put something, get it back, and take it away; False where something else came back."""
    key, content = token_hex(16), token_hex(16).encode()
    await store.put(key, content)
    try:
        return await store.get(key) == content
    finally:
        await asyncio.shield(store.remove(key))
