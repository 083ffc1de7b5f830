"""What followers sent: fetched under its media id, videos from the address given in their place.

Only videos have such an address: a file that a client wrote may say anything, also that it lies elsewhere.
"""

import json
import logging
import re
from collections.abc import Mapping
from datetime import datetime
from ipaddress import AddressValueError, IPv4Address

from bot.channels.tencent.media import PATH, is_gone, named
from bot.channels.tencent.refusal import Refusal
from bot.channels.wechat.api import Api
from bot.channels.wechat.outcomes import send_error
from bot.errors import MediaRefused
from bot.vocabulary import MediaRefusal

log = logging.getLogger(__name__)

_LONGEST_WORDS = 4096
_OF_VIDEOS = "thumbnail_id"
"""What only the message of a video has."""

_ADDRESS = re.compile(r"https?://([a-z0-9.-]+)/([a-z0-9.-]*)[!-~]*", re.IGNORECASE)
"""Host and first step of the path; no port, no name to log in with."""
_PLATFORM = ".qq.com"


async def fetched(api: Api, media: Mapping[str, str], limit: int, now: datetime) -> bytes:
    """The file; raises MediaRefused and SendError."""
    try:
        content = await api.download(PATH, named(media), limit)
        address = _address_in(content) if media.get(_OF_VIDEOS) else ""
        return await _followed(api, address, limit) if address else content
    except Refusal as refusal:
        if is_gone(refusal):
            raise MediaRefused(MediaRefusal.GONE) from None
        raise send_error(refusal, now) from None


async def _followed(api: Api, address: str, limit: int) -> bytes:
    if not (address.startswith(f"{api.root}/") or is_platforms(address)):
        log.warning("a video is not fetched: its address is none of the platform's")
        raise MediaRefused(MediaRefusal.UNREACHED)
    return await api.follow(address, limit)


def is_platforms(address: str) -> bool:
    """Whether it can only be the platform's own place: never one of this network, whatever it says.

    The platform gives out videos without TLS, mostly as `http://203.205.137.73/vweixinp.tc.qq.com/…`.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return False
    host, step = found[1].lower(), found[2].lower()
    return host.endswith(_PLATFORM) or (_is_public(host) and step.endswith(_PLATFORM))


def _is_public(host: str) -> bool:
    try:
        return IPv4Address(host).is_global
    except AddressValueError:
        return False


def _address_in(content: bytes) -> str:
    """Where a video is to be had; "" where this is the video itself."""
    if len(content) > _LONGEST_WORDS or not content.lstrip().startswith(b"{"):
        return ""
    try:
        address = json.loads(content).get("video_url")
    except (ValueError, RecursionError):
        return ""
    return address if isinstance(address, str) else ""
