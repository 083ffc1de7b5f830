"""Tables of clients: how their rows are checked, and what becomes of the good ones."""

from collections.abc import AsyncGenerator, Sequence
from functools import partial

from bot.clock import branch_date
from bot.vocabulary import Action, TableKind
from services.client_import import checks, columns, enrolment
from services.client_import.checks import Known
from services.client_import.columns import Field
from services.tables import run, sheets
from services.tables.cells import BadCell, Fault
from services.tables.run import Check, Good, Manner, Noun, Rejected, Step, Taken, Wish
from services.tables.sheets import Row
from storage.repositories.imports import Counts
from storage.unit import Database, Unit


def steps(database: Database, wish: Wish) -> AsyncGenerator[Step]:
    """Import a table of clients, step by step."""
    return run.steps(database, CLIENTS, wish)


def _check(unit: Unit, wish: Manner, heading: Row) -> Check:
    places = columns.places(heading.cells, wish.mapping)
    known = Known(branch_date(wish.at), enrolment.managers(unit), places, sheets.width_of(heading.cells))
    return partial(checks.checked, known=known)


def _take(unit: Unit, wish: Manner, good: Sequence[Good]) -> Taken:
    done = enrolment.enrol(unit, [enrolment.candidate(one.values) for one in good], wish.at, dry=wish.dry)
    nameless = [one for one in good if one.values[Field.NUMBER] in done.nameless]
    late = [Rejected(one.row, (BadCell(Field.NAME, Fault.MISSING),)) for one in nameless]
    gone = [one for one in good if one.values[Field.NUMBER] in done.gone]
    late += [Rejected(one.row, (BadCell(Field.NUMBER, Fault.GONE),)) for one in gone]
    return Counts(len(done.new), len(done.changed), len(done.unchanged)), late


CLIENTS = Noun(
    kind=TableKind.CLIENT,
    action=Action.IMPORT_CLIENTS,
    deeds=("client.import_begin", "client.import"),
    fields=tuple(Field),
    needed=columns.NEEDED,
    known=columns.known,
    check=_check,
    once=((Field.NUMBER,),),
    take=_take,
)
