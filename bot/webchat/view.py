"""How the page and its lines look: HTML from templates, the same for a page load, an answer and a stream."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.clock import branch_time
from bot.links import pieces
from bot.messages import ShownOption
from bot.vocabulary import Locale, MediaState, MessageKind
from bot.webchat.looks import Look
from bot.webchat.words import TEMPLATES, Words, load
from services.media.kinds import is_picture
from storage.repositories.media import Media
from storage.repositories.transcripts import HeardLine, Line, SaidLine

STATIC = Path(__file__).parent / "static"
RATINGS = ("useful:", "useless:")
"""Beginnings of the options that rate an answer; they stand small beside its time."""


@dataclass(frozen=True, slots=True)
class Branch:
    """How the branch calls itself on the page."""

    names: dict[Locale, str]
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Uploads:
    """What visitors may send besides words: bytes at most, and content types."""

    largest: int
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bubble:
    """One line as the template draws it; `body`, `source` and `risk` are the parts of one stored text.

    `picture` and `file` are addresses, `label` is what the file's link says.
    """

    mine: bool
    key: str
    who: str
    at: datetime
    time: str
    body: str
    source: str = ""
    risk: str = ""
    options: tuple[ShownOption, ...] = ()
    ratings: tuple[ShownOption, ...] = ()
    staff: bool = False
    picture: str = ""
    file: str = ""
    label: str = ""


def _environment() -> Environment:
    loader = FileSystemLoader(TEMPLATES / "webchat")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals |= {"fresh_id": lambda: token_hex(12), "pieces": pieces}
    return made


def _versions() -> dict[str, str]:
    """Each static file's address, which changes with its content."""
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in STATIC.iterdir()}
    return {name: f"/chat/static/{name}?v={digest}" for name, digest in digests.items()}


@dataclass(frozen=True)
class View:
    """Draws everything a client sees."""

    branch: Branch
    uploads: Uploads
    words: dict[Locale, Words] = field(default_factory=load)
    files: dict[str, str] = field(default_factory=_versions)
    templates: Environment = field(default_factory=_environment)

    def page(self, look: Look, lines: Sequence[Line], now: datetime, visitor: str = "") -> str:
        """The whole page with the conversation so far; in a frame with whose it is (`visitor`, signed)."""
        bubbles = [self.bubble(line, look.locale, now) for line in lines]
        last = max((line.delivery_id for line in lines if isinstance(line, SaidLine)), default=0)
        return self._draw("page.html", look, bubbles=bubbles, last=last, visitor=visitor)

    def privacy(self, look: Look) -> str:
        """The long notice."""
        return self._draw("privacy.html", look)

    def fault(self, look: Look, key: str) -> str:
        """A page that says what went wrong with a plain form."""
        return self._draw("fault.html", look, text=self.words[look.locale][key])

    def line(self, line: Line, locale: Locale, now: datetime) -> str:
        """One line, to be put below the others."""
        return self.templates.get_template("one_line.html").render(
            bubble=self.bubble(line, locale, now), words=self.words[locale]
        )

    def bubble(self, line: Line, locale: Locale, now: datetime) -> Bubble:
        """A line with its words in the page's language."""
        words = self.words[locale]
        if isinstance(line, HeardLine):
            return _heard(line, words, _time(line.at, now, words))
        body, source, risk = parts(line)
        bubble = Bubble(
            mine=False,
            key=str(line.delivery_id),
            who=_speaker(line, words),
            at=line.at,
            time=_time(line.at, now, words),
            body=body,
            source=source,
            risk=risk,
            options=tuple(option for option in line.options if not option.value.startswith(RATINGS)),
            ratings=tuple(option for option in line.options if option.value.startswith(RATINGS)),
            staff=line.speaker is not None,
        )
        return _enclosing(bubble, line.media, words[f"kind_{MessageKind.FILE}"])

    def _draw(self, template: str, look: Look, **values: object) -> str:
        return self.templates.get_template(template).render(
            look=look,
            words=self.words[look.locale],
            branch=self.branch.names[look.locale],
            demo=self.branch.demo,
            files=self.files,
            uploads=self.uploads,
            **values,
        )


def parts(line: SaidLine) -> tuple[str, str, str]:
    """What is said, what it rests on, and the notice set below: the stored text, cut where its parts meet."""
    text, risk = line.text, ""
    if line.source and line.source in text:
        body, _, risk = text.partition(line.source)
        return body.strip(), line.source, risk.strip()
    if line.notice and "\n" in text:
        text, _, risk = text.rpartition("\n")
    return text.strip(), "", risk.strip()


def _heard(line: HeardLine, words: Words, time: str) -> Bubble:
    """What the client sent: words, a picture, a file, or the kind of what is not shown."""
    name, kept = line.platform_id.rpartition(":")[2], line.media
    kind = words[f"kind_{MessageKind(line.kind)}"]
    there = kept is not None and kept.state is MediaState.KEPT
    body = line.text or ("" if there else words["unreadable"].format(kind=kind))
    return _enclosing(Bubble(True, name, words["mine"], line.at, time, body), kept, kind)


def _enclosing(bubble: Bubble, kept: Media | None, kind: str) -> Bubble:
    """With what came with the words, where it is still kept: a picture, or a link to a file of that kind."""
    if kept is None or kept.state is not MediaState.KEPT:
        return bubble
    address = f"/chat/media/{kept.id}"
    return replace(bubble, picture=address) if is_picture(kept.type) else replace(bubble, file=address, label=kind)


def _speaker(line: SaidLine, words: Words) -> str:
    if line.speaker is None:
        return str(words["bot"])
    return str(words["staff_named"].format(name=line.speaker, number=line.speaker_number))


def _time(at: datetime, now: datetime, words: Words) -> str:
    """Branch time; with the day where it is not today."""
    local, today = branch_time(at), branch_time(now).date()
    pattern = words["today"] if local.date() == today else words["other_day"]
    return str(pattern.format(time=f"{local:%H:%M}", month=local.month, day=local.day))
