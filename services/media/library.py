"""Keeps what clients send: judged, sealed, put into the store, opened for those who may see it, removed in time."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_hex

from bot.clock import Clock
from services.media import pictures
from services.media.judging import Terms, judge
from services.media.kinds import COPY_TYPE, copy_headers, enclosed_as, is_picture, original_headers
from storage.repositories import media as rows
from storage.repositories.media import Found, Kept
from storage.stores import MediaStore
from storage.unit import Database

UNTIED = timedelta(days=1)
"""How long an upload may wait for its message."""

DRAWN_AT_ONCE = 2
"""Pictures drawn at the same time: a large one takes a quarter of a gigabyte."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that lies in the store and waits for its message."""

    id: int
    type: str


@dataclass(frozen=True, slots=True)
class Handed:
    """What goes out, and the headers that keep a browser from doing more than showing or saving it."""

    content: bytes
    type: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Library:
    """All media of the branch. Nothing is open in the database while bytes are worked on."""

    database: Database
    store: MediaStore
    clock: Clock
    terms: Terms
    _drawing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DRAWN_AT_ONCE))

    async def receive(self, content: bytes) -> Upload:
        """Keep an upload, whose row is named by the message that is stored next.

        The row is there before the bytes are, so that an upload without a message is found and removed.
        """
        found = await self.judged(token_hex(16), content)
        now = self.clock.now()
        media_id = await self.database.write(lambda unit: rows.reserve(unit, found, now))
        await self.put(found, content)
        return Upload(media_id, found.type)

    async def judged(self, key: str, content: bytes) -> Found:
        """What the bytes are; MediaRefused for what is not kept."""
        async with self._drawing:
            kind = await asyncio.to_thread(judge, content, self.terms)
        return Found(key, kind, len(content))

    async def put(self, found: Found, content: bytes) -> None:
        """Seal the bytes for their place and put them there; StoreUnavailable."""
        sealed = await asyncio.to_thread(self.database.vault.seal_bytes, _place(found.key), content)
        await self.store.put(found.key, sealed)

    async def hand_out(self, kept: Kept, *, original: bool = False) -> Handed | None:
        """A copy of a picture, or what was sent; None where it is gone from the store."""
        content = await self._opened(kept)
        if content is None:
            return None
        if original or not is_picture(kept.type):
            return Handed(content, kept.type, original_headers(kept.id, kept.type))
        async with self._drawing:
            drawn = await asyncio.to_thread(pictures.copy, content)
        return Handed(drawn, COPY_TYPE, copy_headers(kept.id))

    async def sent(self, media_id: int) -> Handed | None:
        """What the branch sends, by its id: a picture's copy, a file as it is; None where it is no longer kept."""
        kept = await self.database.read(lambda unit: rows.enclosed(unit, media_id))
        return await self.hand_out(kept) if kept and enclosed_as(kept.type) else None

    async def _opened(self, kept: Kept) -> bytes | None:
        sealed = await self.store.get(kept.key)
        if sealed is None:
            return None
        return await asyncio.to_thread(self.database.vault.open_bytes, _place(kept.key), sealed)

    async def remove_past(self) -> int:
        """Remove what has been kept long enough; how many. Broken off, it goes on at the next call."""
        count, now = 0, self.clock.now()
        before, untied_before = now - self.terms.keep, now - UNTIED
        while over := await self.database.read(lambda unit: rows.past(unit, before, untied_before)):
            for _, key in over:
                await self.store.remove(key)
            gone = [media_id for media_id, _ in over]
            await self.database.write(lambda unit, gone=gone: rows.removed(unit, gone))  # type: ignore[misc]
            count += len(over)
        return count


def _place(key: str) -> str:
    """Bytes open only under the key they were sealed for."""
    return f"media.{key}"
