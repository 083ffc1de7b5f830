"""Segments: the list, and the editor that builds a condition by choices and tells at once whom it means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.datastructures import FormData
from starlette.responses import Response

from bot.clock import branch_date
from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Action, AssetBand, Purpose, RiskLevel
from bot.vocabulary.conditions import Condition, document
from console import charts, faults
from console.deeds import carry_out, submitted
from console.sheets import MATCHES, NAMES, Sheet, filled_in, laid_out
from console.visits import Visit
from services import segments
from services.broadcasts.content import PURPOSES
from services.segments import Preview, Register, Sentences, Uses, Wanted
from storage.repositories import segments as rows
from storage.repositories.audiences import Overlap
from storage.repositories.segment_counts import Day
from storage.repositories.segments import Meaning, Segment, Version
from storage.unit import Unit

ADDRESS = "/console/segments"
PARTS: Mapping[str, tuple[str, ...]] = {
    "asset_band": tuple(band.value for band in AssetBand),
    "risk_level": tuple(level.value for level in RiskLevel),
}
"""What the charts part a segment by, in their order."""

LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class Asked:
    """What is shown: the stored segment, if there is one, and the sheet; `purpose` decides who can be reached.

    `sheet` is None for a fixed list and for what the editor cannot lay out.
    """

    found: Segment | None
    sheet: Sheet | None
    purpose: Purpose
    other: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """A segment's numbers now."""

    sentence: str
    preview: Preview
    parts: Mapping[str, Sequence[tuple[str | None, int]]]
    overlap: Overlap | None


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around it: the other segments, its versions, who uses it, and how it grew or shrank."""

    names: list[str]
    versions: list[Version]
    uses: Uses
    trend: list[Day]


async def index(visit: Visit) -> Response:
    """The list."""
    found = await visit.console.database.read(lambda unit: _register(visit).listed(unit, visit.staff))
    sentences = _sentences(visit)
    meant = {one.id: segments.readable(one) for one in found}
    said = {number: sentences.say(one, visit.locale) for number, one in meant.items() if one is not None}
    may_import = visit.everybodys(Action.IMPORT_CLIENTS)
    return visit.page("segments.html.j2", items=found, said=said, may_import=may_import)


async def new(visit: Visit) -> Response:
    """An empty sheet, or a copy of a segment to begin with."""
    given = visit.request.query_params.get("from", "")
    copied = await _found(visit, int(given)) if given.isdecimal() and len(given) <= LONGEST_NUMBER else None
    sheet = _laid_out(copied) if copied else Sheet()
    return await _page(visit, Asked(None, Sheet(blocks=sheet.blocks) if sheet else Sheet(), _purpose(visit)))


async def show(visit: Visit) -> Response:
    """One segment."""
    found = await _found(visit, int(visit.request.path_params["number"]))
    other = visit.request.query_params.get("with", "")
    return await _page(visit, Asked(found, _laid_out(found), _purpose(visit), other))


async def tried(visit: Visit) -> Response:
    """The sheet as it was filled in so far, after the press of one of its buttons; nothing is written."""
    form = await visit.form()
    return await _page(visit, await _asked(visit, form))


async def save(visit: Visit) -> Response:
    """Keep the sheet, once; or show it again with what is wrong."""
    form = await submitted(visit)
    given = await visit.form()
    asked, version = await _asked(visit, given), form.version
    sheet = asked.sheet or Sheet()
    try:
        if not sheet.complete:
            raise Refused("segment_incomplete")
        return await carry_out(visit, form, ADDRESS, ADDRESS, lambda unit: _keep(visit, unit, asked, version))
    except NotPermitted:
        raise
    except Refused as refused:
        return await _page(visit, asked, faults.say(visit, refused), faults.status_of(refused))


async def remove(visit: Visit) -> Response:
    """Forget a segment that nothing uses."""
    form = await submitted(visit)
    found = await _found(visit, int(visit.request.path_params["number"]))
    try:
        return await carry_out(
            visit, form, ADDRESS, ADDRESS, lambda unit: _register(visit).remove(unit, visit.staff, found)
        )
    except NotPermitted:
        raise
    except Refused as refused:
        said = faults.say(visit, refused)
        return await _page(visit, Asked(found, _laid_out(found), _purpose(visit)), said, faults.status_of(refused))


def _keep(visit: Visit, unit: Unit, asked: Asked, version: int) -> None:
    """Make it, or change what was seen in that version."""
    sheet, register = asked.sheet or Sheet(), _register(visit)
    meaning = Meaning(sheet.name, sheet.note, document(sheet.condition()))
    if asked.found is None:
        register.create(unit, visit.staff, meaning)
    elif asked.found.version != version:
        raise Conflict("segment_changed", name=asked.found.name)
    else:
        register.edit(unit, visit.staff, asked.found, meaning)


async def _asked(visit: Visit, form: FormData) -> Asked:
    number = str(form.get("number", ""))
    found = await _found(visit, int(number)) if number.isdecimal() and 0 < len(number) <= LONGEST_NUMBER else None
    given = str(form.get("purpose", ""))
    purpose = Purpose(given) if given in PURPOSES else Purpose.SERVICE_NOTICE
    return Asked(found, filled_in(form).changed(str(form.get("do", ""))), purpose)


async def _found(visit: Visit, number: int) -> Segment:
    found = await visit.console.database.read(lambda unit: rows.by_id(unit, number))
    if found is None:
        raise faults.NotFound("page_unknown")
    return found


def _purpose(visit: Visit) -> Purpose:
    given = visit.request.query_params.get("purpose", "")
    return Purpose(given) if given in PURPOSES else Purpose.SERVICE_NOTICE


def _laid_out(found: Segment) -> Sheet | None:
    condition = segments.readable(found)
    if found.meaning.condition is None or condition is None:
        return None
    blocks = laid_out(condition)
    return None if blocks is None else Sheet(found.name, found.meaning.note, blocks)


async def _page(visit: Visit, asked: Asked, error: str = "", status: int = 200) -> Response:
    today = branch_date(visit.console.clock.now())
    looked: Looked | None = None
    try:
        looked = await visit.console.database.read(lambda unit: _looked(visit, unit, asked, today))
    except NotPermitted:
        raise
    except Refused as refused:
        error = error or faults.say(visit, refused)
    return visit.page(
        "segment.html.j2",
        status,
        asked=asked,
        looked=looked,
        around=await visit.console.database.read(lambda unit: _around(visit, unit, asked)),
        error=error,
        words=visit.console.segment_words.of(visit.locale),
        value=lambda name, value: _sentences(visit).value(name, value, visit.locale),
        field_names=NAMES,
        matches=MATCHES,
        purposes=PURPOSES,
        bar=charts.bar,
        columns=lambda days: charts.stacked([[one.members] for one in days]),
        may_edit=_may_edit(visit, asked.found),
    )


def _may_edit(visit: Visit, found: Segment | None) -> bool:
    """A packaged one nobody may, one's own everybody who may open the page."""
    if found is None:
        return True
    return not found.packaged and (not visit.own_only(Action.BUILD_SEGMENTS) or visit.staff.has(found.author_id))


def _condition(asked: Asked) -> Condition:
    """What the sheet says, else what is stored."""
    if asked.sheet is not None:
        return asked.sheet.condition()
    return segments.condition_of(asked.found) if asked.found else Sheet().condition()


def _looked(visit: Visit, unit: Unit, asked: Asked, today: date) -> Looked:
    condition, reader = _condition(asked), visit.staff
    wanted = Wanted(condition, asked.purpose, whose=visit.whose(Action.BUILD_SEGMENTS))
    other = rows.by_name(unit, asked.other) if asked.other else None
    return Looked(
        sentence=_sentences(visit).say(condition, visit.locale),
        preview=segments.preview(unit, visit.console.delivery, wanted, today),
        parts={by: _ordered(segments.breakdown(unit, reader, condition, by, today), PARTS[by]) for by in PARTS},
        overlap=segments.overlap(unit, reader, condition, segments.condition_of(other), today) if other else None,
    )


def _ordered(counted: Mapping[str | None, int], order: Sequence[str]) -> Sequence[tuple[str | None, int]]:
    """In the order of the chart, those of whom nothing is on record last."""
    return [(one, counted[one]) for one in (*order, None) if one in counted]


def _around(visit: Visit, unit: Unit, asked: Asked) -> Around:
    own = asked.found
    names = [one.name for one in _register(visit).listed(unit, visit.staff) if own is None or one.id != own.id]
    if own is None:
        return Around(names, [], Uses((), ()), [])
    grown = segments.trend(unit, visit.staff, own.id, branch_date(visit.console.clock.now()))
    return Around(names, rows.versions(unit, own.id), segments.uses(unit, own.name), grown)


def _register(visit: Visit) -> Register:
    return Register(visit.console.clock)


def _sentences(visit: Visit) -> Sentences:
    return Sentences(visit.console.segment_words, visit.console.texts)
