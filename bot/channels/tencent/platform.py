"""Calls to the platform's interface over HTTP, and what a call that fails on the way comes to."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import aiohttp

from bot.channels.connections import pool
from bot.channels.download import limited
from bot.channels.tencent.notation import Fields, word
from bot.channels.tencent.refusal import Refusal
from bot.errors import ChannelStopped, OutcomeUnknown, TryLater

_CONNECTIONS = 64
_AGAIN = frozenset({408, 425, 429})
"""HTTP statuses under 500 that mean: not now."""

_FILE = aiohttp.ClientTimeout(total=90, connect=6, sock_read=15)
"""Seconds for a file, which may be large."""

_LONGEST_WORDS = 4096
"""Bytes; what is longer is a file."""


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
        self.date: str | None = None
        """The platform's time, as the answer to the last call gave it; None where there was no answer."""

    def open(self) -> aiohttp.ClientSession:
        """The connections, made on first use; nothing is contacted yet."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._limits,
                connector=pool(_CONNECTIONS),
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

    async def download(self, path: str, query: Mapping[str, str], limit: int) -> bytes:
        """A file of at most `limit` bytes; MediaRefused for a larger one."""
        return await self.follow(f"{self._root}/cgi-bin/{path}", query, limit)

    async def follow(self, url: str, query: Mapping[str, str], limit: int) -> bytes:
        """The same from an address that the platform itself has named; whoever asks has looked at the address.

        What is handed out as a file is one, also where a client wrote an error of the platform into it.
        """
        with _said():
            async with self.open().get(url, params=query, allow_redirects=False, timeout=_FILE) as answer:
                _check_status(answer.status)
                content, is_file = await limited(answer, limit), "Content-Disposition" in answer.headers
        if not is_file and (fields := _fields_instead(content)):
            _check_code(fields)
        return content

    async def _call(
        self, method: str, path: str, query: Mapping[str, str], body: bytes | aiohttp.FormData | None
    ) -> Fields:
        url, self.date = f"{self._root}/cgi-bin/{path}", None
        with _said():
            async with self.open().request(method, url, params=query, data=body, allow_redirects=False) as answer:
                status, content = answer.status, await answer.read()
                self.date = answer.headers.get("Date")
        return _checked(status, content)


@contextmanager
def _said() -> Iterator[None]:
    """The library's errors in our words, not kept as causes: some show the address, and with it the token."""
    try:
        yield
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        raise ChannelStopped("address", "the address of the interface is none") from None
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise TryLater("connect", type(error).__name__) from None
    except (TimeoutError, aiohttp.ClientError) as error:
        raise OutcomeUnknown("answer", type(error).__name__) from None


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
    _check_status(status)
    try:
        fields = json.loads(content)
        _check_code(fields)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise OutcomeUnknown("junk", "no answer of the platform") from None
    return dict(fields)


def _check_status(status: int) -> None:
    if status >= 500 or status in _AGAIN:
        raise TryLater(str(status), "HTTP status")
    if not 200 <= status < 300:
        raise ChannelStopped(str(status), "HTTP status")


def _check_code(fields: Fields) -> None:
    """Raise Refusal for an error code; ValueError, TypeError or AttributeError for what is no answer."""
    code = int(fields.get("errcode", 0))  # type: ignore[call-overload]
    if code:
        raise Refusal(code, word(fields, "errmsg"), fields)


def _fields_instead(content: bytes) -> Fields:
    """What the platform says in place of a file: it does so under HTTP 200 and any content type."""
    if len(content) > _LONGEST_WORDS or not content.lstrip().startswith(b"{"):
        return {}
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) and str(fields.get("errcode", 0)).lstrip("-").isdigit() else {}
