"""Reading a file off a platform, with a bound that holds whatever the platform says of its size."""

from aiohttp import ClientResponse

from bot.errors import MediaRefused
from bot.vocabulary import MediaRefusal

_PART = 1 << 16


async def limited(answer: ClientResponse, limit: int) -> bytes:
    """The body, at most `limit` bytes; MediaRefused for a larger one, of which no more than that is read."""
    if (answer.content_length or 0) > limit:
        raise MediaRefused(MediaRefusal.TOO_LARGE)
    content = bytearray()
    async for part in answer.content.iter_chunked(_PART):
        content += part
        if len(content) > limit:
            raise MediaRefused(MediaRefusal.TOO_LARGE)
    return bytes(content)
