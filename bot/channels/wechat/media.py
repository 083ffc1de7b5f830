"""What followers sent: fetched under its media id, videos from the address given in their place."""

import json
from collections.abc import Mapping
from datetime import datetime

from bot.channels.tencent.media import PATH, is_gone, named
from bot.channels.tencent.refusal import Refusal
from bot.channels.wechat.api import Api
from bot.channels.wechat.outcomes import send_error
from bot.errors import MediaRefused
from bot.vocabulary import MediaRefusal

_LONGEST_WORDS = 4096


async def fetched(api: Api, media: Mapping[str, str], limit: int, now: datetime) -> bytes:
    """The file; raises MediaRefused and SendError."""
    try:
        content = await api.download(PATH, named(media), limit)
        address = _address_in(content)
        return await api.follow(address, limit) if address else content
    except Refusal as refusal:
        if is_gone(refusal):
            raise MediaRefused(MediaRefusal.GONE) from None
        raise send_error(refusal, now) from None


def _address_in(content: bytes) -> str:
    """Where a video is to be had; "" for everything else."""
    if len(content) > _LONGEST_WORDS or not content.lstrip().startswith(b"{"):
        return ""
    try:
        address = json.loads(content).get("video_url")
    except (ValueError, RecursionError):
        return ""
    return address if isinstance(address, str) and address.startswith(("http://", "https://")) else ""
