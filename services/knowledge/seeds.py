"""Reads the packaged knowledge base and lexicons, and names every fault with its line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from services.knowledge.contents import comparable, shared
from services.knowledge.entry import Entry, Wording
from services.knowledge.plain import Plain

SEEDS = Path(__file__).resolve().parents[2] / "storage" / "seeds" / "knowledge"

WRITERS = "writers"
"""The folder, within one of seeds, of a file for each manner of writing."""


class KnowledgeFaultError(Exception):
    """A knowledge file that can't be published; `faults` holds one line per fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Line:
    """Where something stands."""

    file: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


@dataclass
class Sources:
    """The files of entries as read, before they are joined, with the place of every id and phrasing."""

    entries: dict[str, dict[str, Plain]] = field(default_factory=dict)
    ids: dict[str, Line] = field(default_factory=dict)
    phrasings: dict[str, list[tuple[str, Line]]] = field(default_factory=dict)
    not_about: dict[str, list[tuple[str, Line]]] = field(default_factory=dict)
    english: dict[str, tuple[Wording, Line]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read_entries(folder: Path = SEEDS) -> tuple[Entry, ...]:
    """The entries of a folder of seeds; KnowledgeFaultError lists all faults at once."""
    sources = Sources()
    _read_chinese(folder / "faq_zh.yaml", sources)
    for path in (folder / "phrasings_zh.yaml", *sorted((folder / WRITERS).glob("*.yaml"))):
        _read_phrasings(path, sources)
    _read_neighbours(folder / "not_about_zh.yaml", sources)
    _read_english(folder / "faq_en.yaml", sources)
    _check_references(sources)
    _check_phrasings(sources)
    if sources.faults:
        raise KnowledgeFaultError(sources.faults)
    return tuple(_entry(entry_id, sources) for entry_id in sources.entries)


def as_of(folder: Path = SEEDS) -> date:
    """The day on which the packaged answers were last checked."""
    return date.fromisoformat(_text(_child(_compose(folder / "faq_zh.yaml"), "as_of")))


def _compose(path: Path) -> yaml.MappingNode | None:
    if not path.exists():
        return None
    node = yaml.compose(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return node if isinstance(node, yaml.MappingNode) else None


def _child(node: yaml.MappingNode | None, key: str) -> yaml.Node | None:
    return next((value for name, value in node.value if name.value == key), None) if node else None


def _members(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((str(name.value), value) for name, value in node.value)


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _texts(node: yaml.Node | None, file: str) -> list[tuple[str, Line]]:
    return [(str(item.value).strip(), Line(file, item.start_mark.line + 1)) for item in _items(node)]


def _text(node: yaml.Node | None) -> str:
    return str(node.value).strip() if isinstance(node, yaml.ScalarNode) else ""


def _read_chinese(path: Path, sources: Sources) -> None:
    for item in _items(_child(_compose(path), "faqs")):
        line = Line(path.name, item.start_mark.line + 1)
        parts = dict(_members(item))
        entry_id = _text(parts.get("id"))
        if not entry_id or entry_id in sources.ids:
            known = f", first at {sources.ids[entry_id]}" if entry_id else ""
            sources.faults.append(f"{line}: {'duplicate' if entry_id else 'missing'} id {entry_id}{known}")
            continue
        sources.faults += [f"{line}: {entry_id} has no {key}" for key in _missing(parts)]
        sources.ids[entry_id] = line
        sources.entries[entry_id] = _values(parts, path.name)
        question = parts.get("question")
        asked = [(_text(question), Line(path.name, question.start_mark.line + 1))] if question else []
        sources.phrasings[entry_id] = asked + _texts(parts.get("alternatives"), path.name)


def _missing(parts: Mapping[str, yaml.Node]) -> list[str]:
    return [key for key in ("category", "question", "answer") if not _text(parts.get(key))]


def _values(parts: Mapping[str, yaml.Node], file: str) -> dict[str, Plain]:
    related: list[Plain] = [text for text, _ in _texts(parts.get("related"), file)]
    values: dict[str, Plain] = {key: _text(parts.get(key)) for key in ("category", "question", "answer")}
    return {**values, "related": related, "date_check": _text(parts.get("date_check")) == "true"}


def _read_phrasings(path: Path, sources: Sources) -> None:
    for entry_id, node in _members(_child(_compose(path), "phrasings")):
        if entry_id not in sources.ids:
            sources.faults.append(f"{path.name}:{node.start_mark.line}: phrasings of the unknown entry {entry_id}")
            continue
        sources.phrasings[entry_id] += _texts(node, path.name)


def _read_neighbours(path: Path, sources: Sources) -> None:
    for entry_id, node in _members(_child(_compose(path), "not_about")):
        own = {comparable(text) for text, _ in sources.phrasings.get(entry_id, ())}
        if entry_id not in sources.ids:
            sources.faults.append(f"{path.name}:{node.start_mark.line}: neighbours of the unknown entry {entry_id}")
        sources.not_about[entry_id] = _texts(node, path.name)
        for text, line in sources.not_about[entry_id]:
            if comparable(text) in own:
                sources.faults.append(f"{line}: {entry_id} both asks {text!r} and is not about it")


def _read_english(path: Path, sources: Sources) -> None:
    for entry_id, node in _members(_child(_compose(path), "entries")):
        line = Line(path.name, node.start_mark.line)
        parts = dict(_members(node))
        if entry_id not in sources.ids:
            sources.faults.append(f"{line}: English wording of the unknown entry {entry_id}")
            continue
        question, answer = _text(parts.get("question")), _text(parts.get("answer"))
        if not question or not answer:
            sources.faults.append(f"{line}: {entry_id} has no English question or answer")
        phrasings = _texts(parts.get("phrasings"), path.name)
        sources.english[entry_id] = (Wording(question, tuple(text for text, _ in phrasings), answer), line)


def _check_references(sources: Sources) -> None:
    for entry_id, values in sources.entries.items():
        related = values["related"]
        for other in related if isinstance(related, list) else []:
            if other not in sources.ids:
                sources.faults.append(f"{sources.ids[entry_id]}: {entry_id} relates to the unknown entry {other}")


def _check_phrasings(sources: Sources) -> None:
    for twice in shared(_asked(sources)):
        first = f"{twice.first_owner} at {twice.first_place}"
        sources.faults.append(f"{twice.place}: {twice.owner} shares the phrasing {twice.text!r} with {first}")


def _asked(sources: Sources) -> Iterator[tuple[str, str, Line]]:
    for entry_id, phrasings in sources.phrasings.items():
        yield from ((entry_id, text, line) for text, line in phrasings)
        if english := sources.english.get(entry_id):
            words, line = english
            yield from ((entry_id, text, line) for text in (words.question, *words.phrasings))


def _entry(entry_id: str, sources: Sources) -> Entry:
    values = sources.entries[entry_id]
    phrasings = tuple(dict.fromkeys(text for text, _ in sources.phrasings[entry_id][1:]))
    english = sources.english.get(entry_id)
    related = values["related"]
    return Entry(
        entry_id=entry_id,
        category=str(values["category"]),
        chinese=Wording(str(values["question"]), phrasings, str(values["answer"])),
        english=english[0] if english else None,
        related=tuple(map(str, related)) if isinstance(related, list) else (),
        date_check=bool(values["date_check"]),
        not_about=tuple(text for text, _ in sources.not_about.get(entry_id, ())),
    )
