"""How the WeCom double says no."""

from tests.doubles.payload import Payload


class Refusal(Exception):
    """HTTP 200 with this error code; `extra` fields go along."""

    def __init__(self, code: int, words: str, **extra: object) -> None:
        super().__init__(words)
        self.code = code
        self.extra = extra


def checked_link(link: Payload) -> str:
    """`link`; Refusal 40058 without a title or an address, or where they are too long."""
    title, url = link.text("title"), link.text("url")
    if not 0 < len(title.encode()) <= 128 or not 0 < len(url) <= 2048 or link.fields.get("desc") == "":
        raise Refusal(40058, "invalid link")
    return "link"


def checked_text(content: str, longest: int = 2048) -> str:
    """The text; Refusal 44004 when empty, 45002 over `longest` bytes."""
    if not content:
        raise Refusal(44004, "text content is empty")
    if len(content.encode()) > longest:
        raise Refusal(45002, "content size out of limit")
    return content
