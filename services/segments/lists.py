"""Tables of fixed lists: which client stands on which. A list that a file names holds those whom the file tells, then.

Who is not in the file leaves its lists when the import ends, and not before; the same file twice changes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.errors import Refused
from bot.vocabulary import Action, Reach, TableKind
from services import audit
from services.audit import Deed
from services.segments.register import LONGEST_NAME
from services.staff import reach, scope
from services.tables import cells, headings, sheets
from services.tables.cells import BadCell, Fault, Value, Values, client_number
from services.tables.headings import Headings
from services.tables.numbers import Numbers
from services.tables.run import Check, Good, Manner, Noun, Rejected, Taken
from services.tables.sheets import Row
from storage import seeds
from storage.repositories import segments as rows
from storage.repositories import staff as people
from storage.repositories.holds import Matter, hold
from storage.repositories.imports import Counts
from storage.repositories.segments import Meaning, Segment
from storage.repositories.staff import Staff
from storage.unit import Unit

SEED = "list_columns.yaml"


class Field(StrEnum):
    """What a row tells: a list by its name, and a client on it."""

    LIST = "list"
    NUMBER = "number"


def noun() -> Noun:
    """Such a table; for one import, as it gathers who stands on each list."""
    told = _Told()
    return Noun(
        kind=TableKind.SEGMENT_LIST,
        action=Action.IMPORT_CLIENTS,
        deeds=("segment.list_begin", "segment.list_import"),
        fields=tuple(Field),
        needed=tuple(Field),
        known=known,
        check=_check,
        once=((Field.LIST, Field.NUMBER),),
        take=told.take,
        finish=told.finish,
        missing=told.missing,
    )


def known() -> Headings:
    """The names by which columns are known."""
    names: Headings = seeds.read(SEED)["headings"]
    return names


@dataclass(frozen=True)
class _Told:
    """Who stands on the lists that a file names."""

    members: dict[str, Numbers] = field(default_factory=dict)

    def take(self, unit: Unit, manner: Manner, good: Sequence[Good]) -> Taken:
        if not manner.dry:
            hold(unit, Matter.SEGMENTS)
        author = _author(unit, manner)
        found = {name: rows.by_name(unit, name) for name in {str(one.values[Field.LIST]) for one in good}}
        wanted = [str(one.values[Field.NUMBER]) for one in good]
        clients = rows.numbered(unit, wanted, scope(author, Action.BUILD_SEGMENTS))
        late = [Rejected(one.row, (bad,)) for one in good if (bad := _objection(author, one.values, found, clients))]
        refused = {one.row.line for one in late}
        told: dict[str, list[int]] = {}
        for one in good:
            if one.row.line not in refused:
                told.setdefault(str(one.values[Field.LIST]), []).append(clients[str(one.values[Field.NUMBER])])
        new = sum(self._put(unit, manner, (name, found[name]), ids) for name, ids in told.items())
        return Counts(new=new, unchanged=len(good) - len(late) - new), late

    def _put(self, unit: Unit, manner: Manner, named: tuple[str, Segment | None], ids: Collection[int]) -> int:
        """Put clients on a list, which is made where there is none; how many were not on it."""
        name, found = named
        gathered = self.members.setdefault(name, Numbers())
        for client_id in ids:
            gathered.add(client_id)
        there = rows.on_list(unit, found.id, ids) if found else set[int]()
        new = [client_id for client_id in ids if client_id not in there]
        if new and not manner.dry:
            author = _author(unit, manner)
            rows.put_on(unit, found.id if found else _made(unit, author, name, manner), new)
        return len(new)

    def finish(self, unit: Unit, manner: Manner) -> None:
        """Let those leave whom the file does not name."""
        hold(unit, Matter.SEGMENTS)
        for name, members in self.members.items():
            found = rows.by_name(unit, name)
            if found is None or found.meaning.condition is not None:
                continue  # removed, or another segment by that name since
            left = rows.take_off(unit, found.id, [one for one in rows.all_on(unit, found.id) if one not in members])
            if left or rows.size(unit, found.id) != rows.versions(unit, found.id)[0].members:
                _note(unit, manner, found)

    def missing(self, unit: Unit, manner: Manner) -> int:
        """How many would leave the lists that a file names."""
        found = {name: rows.by_name(unit, name) for name in self.members}
        return sum(
            one not in self.members[name] for name, seen in found.items() if seen for one in rows.all_on(unit, seen.id)
        )


def _check(_unit: Unit, manner: Manner, heading: Row) -> Check:
    places = headings.places(heading.cells, manner.mapping, known(), tuple(Field))
    width = sheets.width_of(heading.cells)

    def check(row: Row) -> tuple[Values, list[BadCell]]:
        values, bad = cells.read(row, places.items(), width, _value)
        told = {*values, *(one.field for one in bad)}
        missing = [BadCell(name, Fault.MISSING) for name in Field if name not in told]
        return values, bad if cells.of_row(bad) else bad + missing

    return check


def _value(name: str, text: str) -> Value:
    cells.plain(text, LONGEST_NAME)
    return client_number(text) if name == Field.NUMBER else text


def _objection(
    author: Staff, values: Values, lists: Mapping[str, Segment | None], clients: Mapping[str, int]
) -> BadCell | None:
    """A segment that has a condition, or is not the person's to change, is no list for them."""
    found = lists[str(values[Field.LIST])]
    if found is not None and not _fillable(author, found):
        return BadCell(Field.LIST, Fault.NO_LIST)
    return None if str(values[Field.NUMBER]) in clients else BadCell(Field.NUMBER, Fault.NO_CLIENT)


def _fillable(author: Staff, found: Segment) -> bool:
    theirs = reach(author, Action.BUILD_SEGMENTS) is Reach.ALL or author.has(found.author_id)
    return found.meaning.condition is None and not found.packaged and theirs


def _made(unit: Unit, author: Staff, name: str, manner: Manner) -> int:
    made = rows.add(unit, Meaning(name), author.id, manner.at)
    audit.record(unit, Deed("segment.create", f"segment:{made}", manner.at, author.id))
    return made


def _note(unit: Unit, manner: Manner, found: Segment) -> None:
    """A new version of a list, with how many stand on it now."""
    author = _author(unit, manner)
    rows.revise(unit, found, found.meaning, author.id, manner.at)
    detail = {"members": rows.size(unit, found.id)}
    audit.record(unit, Deed("segment.import", f"segment:{found.id}", manner.at, author.id, {**detail}))


def _author(unit: Unit, manner: Manner) -> Staff:
    """Whoever brings it; lists are people's work, no system's."""
    found = people.by_number(unit, manner.by)
    if found is None:
        raise Refused("staff_unknown", number=manner.by)
    return found
