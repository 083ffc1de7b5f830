"""Where media lie and who fetches them."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.app.channels import Channels
from bot.channels.base import MediaSource
from bot.clock import Clock
from bot.errors import ContentRefused, DatabaseBusy, SettingsWrong, StoreUnavailable, TryLater
from bot.messages import Document, Picture
from bot.settings import Media, names_in
from bot.texts import Texts
from services.delivery.submission import Submit
from services.doctor.shelf import Shelf
from services.media.fetching import Fetcher
from services.media.judging import Terms
from services.media.kinds import KNOWN, is_picture
from services.media.library import Library
from storage.stores import MediaStore
from storage.stores.folder import FolderStore
from storage.unit import Database

MEGABYTE = 1 << 20


PLACE_OF_S3 = "{bucket} ({endpoint})"


def shelf(settings: Media, database: Database) -> Shelf:
    """What a doctor looks at; SettingsWrong where the store's library is not installed."""
    if settings.store == "folder":
        folder = Path(settings.folder)
        return Shelf(database, _store(settings), str(folder), folder)
    place = PLACE_OF_S3.format(bucket=settings.s3_bucket, endpoint=settings.s3_endpoint)
    return Shelf(database, _store(settings), place)


def library(settings: Media, database: Database, clock: Clock) -> Library:
    """The branch's media; SettingsWrong where the store's library is not installed."""
    keep = timedelta(days=settings.keep_days)
    terms = Terms(settings.largest_mb * MEGABYTE, frozenset(names_in(settings.types)), keep)
    return Library(database, _store(settings), clock, terms)


def fetcher(kept: Library, channels: Channels, submit: Submit, texts: Texts) -> Fetcher:
    """Fetches from every account that keeps what its clients send."""
    sources = {key: channel for key, channel in channels.items() if isinstance(channel, MediaSource)}
    return Fetcher(kept, sources, submit, texts)


@dataclass
class Enclosures:
    """What goes out below words. The last thing is held: a broadcast shows one to all its recipients."""

    kept: Library
    _last: tuple[int, Picture | Document] | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def fetch(self, media_id: int) -> Picture | Document:
        """A picture or file of ours; SendError where it is not to be had."""
        async with self._turn:
            if self._last is None or self._last[0] != media_id:
                self._last = media_id, await _enclosed(self.kept, media_id)
            return self._last[1]


async def _enclosed(kept: Library, media_id: int) -> Picture | Document:
    try:
        handed = await kept.sent(media_id)
    except (StoreUnavailable, DatabaseBusy) as error:
        raise TryLater("media", type(error).__name__) from None
    if handed is None:
        raise ContentRefused("media", "what was to be sent is no longer kept")
    if is_picture(handed.type):
        return Picture(handed.content, handed.type)
    return Document(handed.content, f"{media_id}.{KNOWN[handed.type].ending}", handed.type)


def _store(settings: Media) -> MediaStore:
    if settings.store == "folder":
        return FolderStore(Path(settings.folder))
    try:
        from storage.stores.s3 import Bucket, ObjectStore
    except ModuleNotFoundError:
        raise SettingsWrong(["QUANFU_MEDIA__STORE: s3 needs the optional part s3 (pip install -e '.[s3]')"]) from None
    return ObjectStore(
        Bucket(
            name=settings.s3_bucket or "",
            endpoint=settings.s3_endpoint or "",
            access_key=_plain(settings.s3_access_key),
            secret_key=_plain(settings.s3_secret_key),
            region=settings.s3_region,
            host_style=settings.s3_host_style,
        )
    )


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
