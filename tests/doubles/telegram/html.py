"""Entity parsing of `parse_mode=HTML`: the text a client sees, and the errors the Bot API answers with."""

import re
from dataclasses import dataclass, field
from html import unescape

from tests.doubles.telegram.state import Refusal

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)\s*([^<>]*)>")
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
_LINK = re.compile(r"href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))")


@dataclass(frozen=True)
class Parsed:
    """Visible text, and entities with offsets in UTF-16 units."""

    text: str
    entities: list[dict[str, object]]


@dataclass(frozen=True)
class _Open:
    tag: str
    offset: int
    extra: dict[str, object]


@dataclass
class _Parse:
    source: str
    place: int = 0
    text: str = ""
    entities: list[dict[str, object]] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)

    def run(self) -> Parsed:
        while self.place < len(self.source):
            self._step()
        if self.stack:
            raise _unparsable(f'can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        return Parsed(self.text, self.entities)

    def _step(self) -> None:
        if self.source[self.place] == "<":
            self._tag()
            return
        reference = _REFERENCE.match(self.source, self.place)
        raw = reference.group() if reference else self.source[self.place]
        self.text += unescape(raw) if reference else raw
        self.place += len(raw)

    def _tag(self) -> None:
        found = _TAG.match(self.source, self.place)
        name = found.group(2).lower() if found else ""
        if found is None or name not in KINDS:
            raise _unparsable(f'unsupported start tag "{name}" at byte offset {self._byte()}')
        if found.group(1):
            self._close(name)
        else:
            self.stack.append(_Open(name, utf16_length(self.text), _link(found.group(3))))
        self.place = found.end()

    def _close(self, name: str) -> None:
        if not self.stack:
            raise _unparsable(f"unexpected end tag at byte offset {self._byte()}")
        opened = self.stack.pop()
        if opened.tag != name:
            words = f'unmatched end tag at byte offset {self._byte()}, expected "</{opened.tag}>", found "</{name}>"'
            raise _unparsable(words)
        length = utf16_length(self.text) - opened.offset
        if length:
            entity = {"type": KINDS[name], "offset": opened.offset, "length": length}
            self.entities.append(entity | opened.extra)

    def _byte(self) -> int:
        return len(self.source[: self.place].encode())


def parse_html(source: str) -> Parsed:
    """The visible text; Refusal 400 "can't parse entities" as the platform words it."""
    return _Parse(source).run()


def utf16_length(text: str) -> int:
    """Length as Telegram counts it: characters beyond the basic plane are two."""
    return len(text.encode("utf-16-le")) // 2


def _link(attributes: str) -> dict[str, object]:
    found = _LINK.search(attributes)
    return {"url": unescape(next(part for part in found.groups() if part is not None))} if found else {}


def _unparsable(words: str) -> Refusal:
    return Refusal(400, f"Bad Request: can't parse entities: {words[0].upper()}{words[1:]}")
