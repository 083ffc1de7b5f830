"""Calls to the platform's interface over HTTP, and what a call that fails on the way comes to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from bot.channels.tencent.notation import Fields, word
from bot.channels.tencent.refusal import Refusal
from bot.errors import ChannelStopped, OutcomeUnknown, TryLater

_CONNECTIONS = 64
_AGAIN = frozenset({408, 425, 429})
"""HTTP statuses under 500 that mean: not now."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for a connection and for an answer; the platform itself answers well within one."""

    connect: float = 3.0
    read: float = 8.0


@dataclass(frozen=True, slots=True)
class File:
    """A file as the platform takes it."""

    name: str
    media_type: str
    content: bytes


class Platform:
    """One server of the interface. Raises Refusal for an error code and SendError for everything else."""

    def __init__(self, root: str, patience: Patience) -> None:
        self._root = root.rstrip("/")
        self._limits = _limits(patience)
        self._session: aiohttp.ClientSession | None = None

    def open(self) -> aiohttp.ClientSession:
        """The connections, made on first use; nothing is contacted yet."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._limits,
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, path: str, query: Mapping[str, str]) -> Fields:
        """Ask something."""
        return await self._call("GET", path, query, None)

    async def post(self, path: str, fields: Mapping[str, object], query: Mapping[str, str]) -> Fields:
        """Hand something over, as JSON in raw UTF-8: the platform refuses escaped characters."""
        return await self._call("POST", path, query, json.dumps(fields, ensure_ascii=False).encode())

    async def upload(self, path: str, file: File, query: Mapping[str, str]) -> Fields:
        """Hand a file over, as a form."""
        form = aiohttp.FormData()
        form.add_field("media", file.content, filename=file.name, content_type=file.media_type)
        return await self._call("POST", path, query, form)

    async def _call(
        self, method: str, path: str, query: Mapping[str, str], body: bytes | aiohttp.FormData | None
    ) -> Fields:
        """Library errors are not kept as causes: some show the address, and with it the token."""
        url = f"{self._root}/cgi-bin/{path}"
        try:
            async with self.open().request(method, url, params=query, data=body, allow_redirects=False) as answer:
                status, content = answer.status, await answer.read()
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise ChannelStopped("address", "the address of the interface is none") from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TryLater("connect", type(error).__name__) from None
        except (TimeoutError, aiohttp.ClientError) as error:
            raise OutcomeUnknown("answer", type(error).__name__) from None
        return _checked(status, content)


def _limits(patience: Patience) -> aiohttp.ClientTimeout:
    """Waiting for a free connection ends as surely before anything was sent as connecting does."""
    return aiohttp.ClientTimeout(
        total=patience.connect + 2 * patience.read,
        connect=2 * patience.connect,
        sock_connect=patience.connect,
        sock_read=patience.read,
    )


def _checked(status: int, content: bytes) -> Fields:
    """The fields of a good answer."""
    if status >= 500 or status in _AGAIN:
        raise TryLater(str(status), "HTTP status")
    if not 200 <= status < 300:
        raise ChannelStopped(str(status), "HTTP status")
    try:
        fields = json.loads(content)
        code = int(fields.get("errcode", 0))
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise OutcomeUnknown("junk", "no answer of the platform") from None
    if code:
        raise Refusal(code, word(fields, "errmsg"), fields)
    return dict(fields)
