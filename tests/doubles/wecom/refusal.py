"""How the WeCom double says no."""


class Refusal(Exception):
    """HTTP 200 with this error code; `extra` fields go along."""

    def __init__(self, code: int, words: str, **extra: object) -> None:
        super().__init__(words)
        self.code = code
        self.extra = extra


def checked_text(content: str, longest: int = 2048) -> str:
    """The text; Refusal 44004 when empty, 45002 over `longest` bytes."""
    if not content:
        raise Refusal(44004, "text content is empty")
    if len(content.encode()) > longest:
        raise Refusal(45002, "content size out of limit")
    return content
