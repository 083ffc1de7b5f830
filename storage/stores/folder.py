"""Media in a folder of this machine, readable by the service's own account only."""

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from bot.errors import StoreUnavailable


@dataclass(frozen=True)
class FolderStore:
    """Files below a folder, which is made at the first one. Keys are hexadecimal, so that none leads out of it."""

    folder: Path

    async def put(self, key: str, sealed: bytes) -> None:
        """Write aside and rename: a file is there whole or not at all."""
        await asyncio.to_thread(self._write, self._place(key), sealed)

    async def get(self, key: str) -> bytes | None:
        """The bytes, or None."""
        return await asyncio.to_thread(_read, self._place(key))

    async def remove(self, key: str) -> None:
        """Delete the file."""
        await asyncio.to_thread(_unlink, self._place(key))

    def _place(self, key: str) -> Path:
        if not key.isascii() or not key.isalnum():
            raise ValueError("a key is letters and digits")
        return self.folder / key[:2] / key

    def _write(self, place: Path, sealed: bytes) -> None:
        aside = place.with_name(f".{place.name}.{token_hex(4)}")
        try:
            for folder in (self.folder, place.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(place)
        except OSError as error:
            with suppress(OSError):
                aside.unlink()
            raise StoreUnavailable(f"media folder: {error.strerror}") from None


def _read(place: Path) -> bytes | None:
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreUnavailable(f"media folder: {error.strerror}") from None


def _unlink(place: Path) -> None:
    try:
        place.unlink(missing_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"media folder: {error.strerror}") from None
