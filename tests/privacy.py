"""What no log line may hold, whoever writes it: a person's name or number, what was said, an address, a token.

Our log lines are English, so any Chinese sign in one is a name or somebody's words.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

ROOMS = ("bot", "console", "handlers", "scheduler", "services", "storage")

_PRIVATE = re.compile(
    r"[\u3400-\u9fff]"  # names and words
    r"|(?<![\da-f.])1[3-9]\d{9}(?![\da-f])"  # mobile numbers, but not within a digest
    r"|(?<![\da-f])\d{17}[\dXx](?![\da-f])"  # numbers of identity cards
    r"|(?<!\d)\d{8,10}:AA[\w-]+"  # tokens of Telegram
    r"|\bo[A-Z][a-z]+\d+\b"  # openids as the tests make them
    r"|\bwm[A-Z][a-z]+\d+\b"  # the same of WeCom
    r"|\b(?:recording|telegram|wechat|wecom|webchat)-\d+\b"  # chats of the delivery tests
)


def private(line: str) -> list[str]:
    """What a line must not hold and does."""
    return _PRIVATE.findall(line)


@dataclass
class Listener:
    """Hears every line that our rooms log, however unimportant, and keeps those that tell too much."""

    found: list[str] = field(default_factory=list)

    def attach(self) -> None:
        """Listen from now on."""
        handler = logging.Handler()
        handler.emit = self.hear  # type: ignore[method-assign]
        for room in ROOMS:
            logger = logging.getLogger(room)
            logger.setLevel(logging.DEBUG)
            logger.addHandler(handler)

    def hear(self, record: logging.LogRecord) -> None:
        """The words of the line and, where it tells of an error, the error's."""
        error = record.exc_info[1] if record.exc_info else None
        line = f"{record.name}: {record.getMessage()} {error or ''}"
        if private(line):
            self.found.append(line)


@contextmanager
def logging_restored() -> Iterator[None]:
    """What a program sets up for its lines does not outlive the block; its stream may not either."""
    handlers, level = logging.root.handlers[:], logging.root.level
    try:
        yield
    finally:
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
