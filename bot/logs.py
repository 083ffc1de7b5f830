"""Structured log lines with personal data masked."""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from traceback import format_tb
from types import TracebackType
from typing import Any, Literal

import structlog

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), "[id]"),
    (re.compile(r"(?<![\d.])1\d{10}(?!\d)"), "[phone]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "[mail]"),
    (re.compile(r"/bot\d+:[\w-]+"), "/bot[token]"),
    (re.compile(r"(access_token|secret|signature|openid|token|key)=[^&\s\"']+"), r"\1=[masked]"),
)
"""What must never stand in a log: id numbers, mobile numbers, addresses, tokens."""


def mask(text: str) -> str:
    """The text without anything that names a person or opens a door."""
    for pattern, sign in _PATTERNS:
        text = pattern.sub(sign, text)
    return text


def _masked(_logger: object, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in line.items():
        if isinstance(value, str):
            line[key] = mask(value)
    return line


def _uncoloured(_logger: object, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Without the web server's second, coloured copy of its words."""
    line.pop("color_message", None)
    return line


def _without_words(
    exc_info: tuple[type[BaseException], BaseException, TracebackType | None],
) -> str:
    """Kinds and places of an error, of those that led to it and of those it gathers.

    What an error says may be what a client wrote, as in a database's words or in those of a parser.
    """
    return "\n".join(_places(exc_info[1], {id(exc_info[1])}))


def _places(error: BaseException, seen: set[int]) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    gathered = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for other in (*([before] if before else []), *gathered):
        if id(other) not in seen:
            seen.add(id(other))
            yield from _places(other, seen)
    yield "".join(format_tb(error.__traceback__)) + type(error).__qualname__


def set_up(form: Literal["text", "json"], level: str) -> None:
    """Send every log line, ours and the libraries', to standard error in one form."""
    steps: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.ExceptionRenderer(_without_words),
        _uncoloured,
        _masked,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "logger", "event"])
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=steps, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "apscheduler", "alembic", "pgqueuer", "sse_starlette", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
