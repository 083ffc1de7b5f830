"""Takes entries from a file: read whole, every fault named with its line, and nothing taken where there is one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.knowledge import columns
from services.knowledge.columns import ID, MORE, VERSION
from services.knowledge.contents import ID as GOOD_ID
from services.knowledge.contents import Changed, Content, FaultKind, changes, faults_of, shared, tidy, wordings
from services.knowledge.editions import Editions, Standing
from services.knowledge.files import Cell, FileFault, Record, records
from storage.repositories.editions import Edition
from storage.repositories.staff import Staff
from storage.unit import Unit

_ASKED = ("question", "phrasings", MORE, "question_en", "phrasings_en")
_BLANK = Content("", "", "")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One entry of the file: what it says of each field that it names, and where."""

    entry_id: str
    line: int
    version: str
    values: Mapping[str, Any]
    cells: Mapping[str, Cell]

    def over(self, known: Content) -> Content:
        """The entry as it would be: fields that the file does not name stay as they are."""
        named = {name: value for name, value in self.values.items() if name != MORE}
        whole = replace(known, **named)
        return tidy(replace(whole, phrasings=(*whole.phrasings, *self.values.get(MORE, ()))))

    def line_of(self, name: str) -> int:
        """Where a field stands, or the entry where it does not."""
        return self.cells[name].line if name in self.cells else self.line


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done for one entry: a draft, with what it changes in the version before it, if any."""

    entry_id: str
    content: Content
    before: Content | None

    @property
    def changed(self) -> list[Changed]:
        """The fields that differ."""
        return changes(self.before, self.content)


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking a file would do; with faults nothing is done. `unchanged` counts entries that stand so already."""

    steps: tuple[Step, ...]
    unchanged: int
    faults: tuple[FileFault, ...]


def plan(editions: Editions, unit: Unit, content: bytes) -> Plan:
    """What a file would change, beside what is known by now; nothing is written."""
    faults: list[FileFault] = []
    standing = {each.newest.entry_id: each for each in editions.standing(unit)}
    incoming = list(_incoming(content, faults))
    wanted = {one.entry_id: one.over(_known(standing.get(one.entry_id))) for one in incoming}
    for one in incoming:
        faults += _alone(one, wanted[one.entry_id])
        faults += _late(one, wanted[one.entry_id], standing.get(one.entry_id))
    published = {one: each.published.content for one, each in standing.items() if each.published}
    faults += _together(incoming, wanted, published)
    steps = [
        Step(one, wished, _known(standing[one]) if one in standing else None)
        for one, wished in wanted.items()
        if not _stands(wished, standing.get(one))
    ]
    return Plan(tuple(steps), len(wanted) - len(steps), tuple(sorted(faults, key=lambda fault: fault.line)))


def take(editions: Editions, unit: Unit, author: Staff, steps: Sequence[Step]) -> list[Edition]:
    """A draft for each step, to be reviewed by somebody else; Conflict where somebody was faster."""
    return [editions.begin(unit, author, step.entry_id, step.content) for step in steps]


def _incoming(content: bytes, faults: list[FileFault]) -> Iterator[Incoming]:
    first: dict[str, int] = {}
    for record in records(content):
        if isinstance(record, FileFault):
            faults.append(record)
            continue
        entry_id = _plain(record, ID)
        if not GOOD_ID.fullmatch(entry_id):
            faults.append(FileFault(record.line, FaultKind.WRONG_ID if entry_id else FaultKind.MISSING_ID, entry_id))
        elif first.setdefault(entry_id, record.line) != record.line:
            faults.append(FileFault(record.line, FaultKind.DUPLICATE_ID, entry_id, str(first[entry_id])))
        else:
            values = _values(record, entry_id, faults)
            yield Incoming(entry_id, record.line, _plain(record, VERSION), values, record.cells)


def _plain(record: Record, name: str) -> str:
    cell = record.cells.get(name)
    return cell.texts[0][0].strip() if cell and cell.texts else ""


def _values(record: Record, entry_id: str, faults: list[FileFault]) -> dict[str, Any]:
    values = {}
    for name, cell in record.cells.items():
        if name in (ID, VERSION):
            continue
        try:
            values[name] = columns.value(name, [text for text, _ in cell.texts])
        except ValueError:
            faults.append(FileFault(cell.line, FaultKind.WRONG_VALUE, entry_id, name))
    return values


def _known(standing: Standing | None) -> Content:
    if standing is None:
        return _BLANK
    return (standing.published or standing.newest).content


def _stands(wanted: Content, standing: Standing | None) -> bool:
    """Whether clients get it already, or it is being worked on."""
    found = (standing.published, standing.open) if standing else ()
    return any(each is not None and each.content == wanted for each in found)


def _alone(one: Incoming, wanted: Content) -> Iterator[FileFault]:
    for kind, detail in faults_of(wanted):
        name = "category" if kind is FaultKind.UNKNOWN_CATEGORY else detail
        yield FileFault(one.line_of(name), kind, one.entry_id, detail)


def _late(one: Incoming, wanted: Content, standing: Standing | None) -> Iterator[FileFault]:
    """What happened to an entry since the file was made, where the file would change it."""
    if standing is None or _stands(wanted, standing):
        return
    now = str((standing.published or standing.newest).version)
    if one.version and one.version != now:
        yield FileFault(one.line_of(VERSION), FaultKind.CHANGED_MEANWHILE, one.entry_id, f"{one.version} / {now}")
    if standing.open:
        who = standing.open.author.number if standing.open.author else ""
        yield FileFault(one.line, FaultKind.BEING_WRITTEN, one.entry_id, who)


def _together(
    incoming: Sequence[Incoming], wanted: Mapping[str, Content], published: Mapping[str, Content]
) -> Iterator[FileFault]:
    """Unknown relations, and wordings that two entries would share: in the file, or with one that is published."""
    others = {one: content for one, content in published.items() if one not in wanted}
    for one in incoming:
        for other in wanted[one.entry_id].related:
            if other not in wanted and other not in published:
                yield FileFault(one.line_of("related"), FaultKind.UNKNOWN_RELATED, one.entry_id, other)
    asked = [(owner, text, 0) for owner, content in others.items() for text in wordings(content)]
    for one in incoming:
        places = {" ".join(text.split()): line for name in _ASKED for text, line in _texts(one, name)}
        asked += [(one.entry_id, text, places.get(text, one.line)) for text in wordings(wanted[one.entry_id])]
    for twice in shared(asked):
        detail = f"{twice.text} = {twice.first_owner}{f':{twice.first_place}' if twice.first_place else ''}"
        yield FileFault(twice.place, FaultKind.SHARED_PHRASING, twice.owner, detail)


def _texts(one: Incoming, name: str) -> Sequence[tuple[str, int]]:
    return one.cells[name].texts if name in one.cells else ()
