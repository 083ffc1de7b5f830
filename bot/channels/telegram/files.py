"""Files that clients send, fetched in two steps: where one lies, then its bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from telegram.error import BadRequest, NetworkError, TelegramError

from bot.channels.telegram.lean import LeanBot
from bot.channels.telegram.outcomes import outcome
from bot.channels.telegram.request import OK, AiohttpRequest
from bot.errors import MediaRefused, TryLater
from bot.vocabulary import MediaRefusal

MOST_BYTES = 20_000_000
"""What the Bot API gives out; of larger files it does not even say where they lie."""

_LATER = "temporarily unavailable"
_TOO_BIG = "too big"


@dataclass(frozen=True)
class Files:
    """Fetches for one bot; an address holds the token, so none is ever told."""

    bot: LeanBot
    request: AiohttpRequest

    async def fetch(self, media: Mapping[str, str], limit: int) -> bytes:
        """The file; raises MediaRefused and SendError."""
        size = media.get("size", "")
        if size.isdigit() and int(size) > min(limit, MOST_BYTES):
            raise MediaRefused(MediaRefusal.TOO_LARGE)
        path = await self._path(media.get("file_id", ""))
        try:
            status, content = await self.request.download(f"{self.bot.base_file_url}/{quote(path)}", limit)
        except NetworkError as error:
            raise TryLater("file", error.message) from None
        if status != OK:  # an address holds for an hour; the next try asks for another one
            raise TryLater(str(status), "HTTP status")
        return content

    async def _path(self, file_id: str) -> str:
        try:
            found = await self.bot.ask("getFile", {"file_id": file_id})
        except BadRequest as error:
            raise _refusal(error.message.lower()) from None
        except TelegramError as error:
            raise outcome(error) from None
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str) or not path:
            raise TryLater("junk", "no path in the answer")
        return path


def _refusal(words: str) -> MediaRefused | TryLater:
    if _LATER in words:
        return TryLater("400", _LATER)
    return MediaRefused(MediaRefusal.TOO_LARGE if _TOO_BIG in words else MediaRefusal.GONE)
