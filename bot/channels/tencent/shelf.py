"""Files of ours that lie with the platform for three days: one that goes to many is handed in once, or hardly more."""

import hashlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.channels.base import ChannelState
from bot.channels.tencent.notation import Fields, word
from bot.errors import OutcomeUnknown, StorageError, TryLater

log = logging.getLogger(__name__)

LASTS = timedelta(days=2)
"""Shorter than the platform keeps it, so that what is under way can still be shown."""


class Shelf:
    """The files of one account, shared by all processes."""

    def __init__(self, state: ChannelState) -> None:
        self._state = state

    async def number(self, content: bytes, hand_in: Callable[[], Awaitable[Fields]]) -> str:
        """The platform's number of a file. Handing it in shows nothing yet: Refusal, or a SendError as passing."""
        key = f"file:{hashlib.sha256(content).hexdigest()[:40]}"
        try:
            return await self._state.get(key) or await self._handed_in(key, hand_in)
        except StorageError:
            raise TryLater("upload", "the database did not give its number") from None
        except OutcomeUnknown as unknown:
            raise TryLater("upload", unknown.detail) from None

    async def _handed_in(self, key: str, hand_in: Callable[[], Awaitable[Fields]]) -> str:
        number = word(await hand_in(), "media_id")
        if not number:
            raise TryLater("upload", "no number in the answer")
        try:
            await self._state.put(key, number, LASTS)
        except StorageError as error:
            log.warning("the number of a file is not noted (%s)", type(error).__name__)
        return number
