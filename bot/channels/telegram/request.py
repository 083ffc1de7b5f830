"""How python-telegram-bot reaches the Bot API: over aiohttp, several times faster than its own httpx request class."""

import json
import logging
import os
from dataclasses import dataclass
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientHttpProxyError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    FormData,
)
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.channels.connections import pool
from bot.channels.download import limited

# The library warns at every RetryAfter until the form of its next major version is chosen.
os.environ.setdefault("PTB_TIMEDELTA", "true")
# Its debug lines show the token and every text.
logging.getLogger("telegram").setLevel(logging.WARNING)

CONNECTIONS = 200
"""As many as messages that a fast account has under way."""
JSON = {"Content-Type": "application/json"}
OK = 200


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for a connection (a free one of the pool, or a new one), and for an answer."""

    connect: float = 5.0
    read: float = 10.0


class NeverSent(NetworkError):
    """The request cannot have reached the platform."""


class AiohttpRequest(BaseRequest):
    """Connects at the first call. Of the time-outs of a single call only that for reading is looked at."""

    def __init__(self, patience: Patience, proxy: str | None = None) -> None:
        self._patience = patience
        self._proxy = proxy
        self._session: ClientSession | None = None
        self.date: str | None = None
        """Telegram's time, as the answer to the last call gave it; None where there was no answer."""

    @property
    def read_timeout(self) -> float:
        """Seconds."""
        return self._patience.read

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        """Status and body; a refusal that comes under HTTP 200 is given its own status. Raises NeverSent too."""
        read = read_timeout if isinstance(read_timeout, int | float) else self._patience.read
        try:
            status, body = await self._post(url, request_data or RequestData(), read)
        except (ClientConnectorError, ClientHttpProxyError, ConnectionTimeoutError) as error:
            raise NeverSent(type(error).__name__) from None
        except TimeoutError:
            raise TimedOut from None
        except ClientError as error:
            raise NetworkError(type(error).__name__) from None
        return (_inner_status(body) if status == OK else status), body

    async def _post(self, url: str, given: RequestData, read: float) -> tuple[int, bytes]:
        connect, self.date = self._patience.connect, None
        limits = ClientTimeout(total=connect + read, connect=connect, sock_read=read)
        fields = _form(given) if given.contains_files else json.dumps(given.parameters).encode()
        headers = None if given.contains_files else JSON
        async with self._open().post(
            url, data=fields, headers=headers, timeout=limits, proxy=self._proxy, allow_redirects=False
        ) as answer:
            self.date = answer.headers.get("Date")
            return answer.status, await answer.read()

    async def download(self, url: str, limit: int) -> tuple[int, bytes]:
        """Status and bytes of a file, at most `limit` of them; MediaRefused for a larger one. Raises NetworkError."""
        connect = self._patience.connect
        limits = ClientTimeout(total=90, connect=connect, sock_read=self._patience.read)
        try:
            async with self._open().get(url, timeout=limits, proxy=self._proxy, allow_redirects=False) as answer:
                return answer.status, await limited(answer, limit) if answer.status == OK else b""
        except (TimeoutError, ClientError) as error:
            raise NetworkError(type(error).__name__) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As the library's own, which would write what it cannot read into the log."""
        answer = _json(payload)
        if not isinstance(answer, dict):
            raise TelegramError("unreadable answer")
        return answer

    def _open(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(connector=pool(CONNECTIONS), cookie_jar=DummyCookieJar())
        return self._session


def _form(given: RequestData) -> FormData:
    """With its files."""
    form = FormData(given.json_parameters)
    for name, (filename, content, media_type) in (given.multipart_data or {}).items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return form


def _inner_status(body: bytes) -> int:
    if b"error_code" not in body:  # spares reading every good answer twice
        return OK
    answer = _json(body)
    if isinstance(answer, dict) and answer.get("ok") is False and isinstance(answer.get("error_code"), int):
        return int(answer["error_code"])
    return OK


def _json(body: bytes) -> object:
    try:
        loaded: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return loaded
