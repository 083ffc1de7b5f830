"""Tables that staff bring in: sent in, columns chosen, tried, taken, bad rows fetched; and what went before."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from bot.errors import NotPermitted, Refused
from bot.vocabulary import Extent, TableKind
from console import cursors, faults
from console.deeds import carry_out, submitted
from console.downloads import attached
from console.visits import Visit
from services.imports import files as rules
from services.imports.files import OPEN, ImportFiles, Upload
from services.imports.nouns import KINDS
from services.tables import headings
from services.tables.mappings import LONGEST_NAME
from storage.repositories import form_keys
from storage.repositories.import_files import ImportFile, Reading, Refusal, Run
from storage.unit import Unit

ADDRESS = "/console/imports"
PAGE = 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its heading, and the field that it is taken for."""

    place: int
    heading: str
    field: str


async def index(visit: Visit) -> Response:
    """What waits, what was brought in, and the form that sends a file in."""
    return await _index(visit)


async def upload(visit: Visit) -> Response:
    """Keep a file, and go on to its columns."""
    form, given = await submitted(visit), await visit.form()
    kind, sent, now = str(given.get("kind", "")), given.get("table"), visit.console.clock.now()
    try:
        if kind not in list(TableKind):
            raise Refused("form_unreadable")
        content = await sent.read(rules.LARGEST + 1) if isinstance(sent, UploadFile) else b""
        if not isinstance(sent, UploadFile) or not content:
            raise Refused("import_file_missing")
        if not await visit.console.database.write(
            lambda unit: form_keys.claim(unit, form.key, visit.staff.id, ADDRESS, now)
        ):
            return RedirectResponse(ADDRESS, 303)
        wanted = Upload(TableKind(kind), sent.filename or "", visit.locale, content)
        return RedirectResponse(f"{ADDRESS}/{await _files(visit).receive(visit.staff, wanted)}", 303)
    except NotPermitted:
        raise
    except Refused as refused:
        return await _index(visit, kind, faults.say(visit, refused), 422)


async def show(visit: Visit) -> Response:
    """One file: its columns, how far it has come, or what came of it."""
    return await _page(visit, await _seen(visit))


async def check(visit: Visit) -> Response:
    """Have it tried with the columns that were chosen, which may be kept under a name."""
    form, given, seen = await submitted(visit), await visit.form(), await _seen(visit)
    columns, name, extent = _chosen(seen, given), str(given.get("name", "")).strip(), str(given.get("extent", ""))
    reading = Reading(columns, Extent(extent) if extent in list(Extent) else None)

    def work(unit: Unit) -> None:
        if name:
            _files(visit).keep_mapping(unit, visit.staff, seen, name, columns)
        _files(visit).try_out(unit, visit.staff, seen, reading)

    try:
        return await carry_out(visit, form, ADDRESS, f"{ADDRESS}/{seen.id}", work)
    except NotPermitted:
        raise
    except Refused as refused:
        return await _page(visit, seen, reading, faults.say(visit, refused), faults.status_of(refused))


async def take(visit: Visit) -> Response:
    """Have it taken as it was tried."""
    form, seen = await submitted(visit), await _seen(visit)
    tried = str((await visit.form()).get("tried", ""))

    def work(unit: Unit) -> None:
        _files(visit).take(unit, visit.staff, seen, tried)

    try:
        return await carry_out(visit, form, ADDRESS, f"{ADDRESS}/{seen.id}", work)
    except NotPermitted:
        raise
    except Refused as refused:
        return await _page(visit, await _seen(visit), None, faults.say(visit, refused), faults.status_of(refused))


async def drop(visit: Visit) -> Response:
    """Let go of it."""
    await submitted(visit)
    await _files(visit).drop(visit.staff, await _seen(visit))
    return RedirectResponse(ADDRESS, 303)


async def rejected(visit: Visit) -> Response:
    """Its bad rows, to be put right and sent in again."""
    seen = await _seen(visit)
    content = await _files(visit).rejected(visit.staff, seen)
    if content is None:
        raise faults.NotFound("page_unknown")
    return attached(content, "text/csv", f"rejected-{seen.kind}-{seen.id}.csv")


def _files(visit: Visit) -> ImportFiles:
    return visit.console.imports


async def _seen(visit: Visit) -> ImportFile:
    number = int(visit.request.path_params["number"])
    found = await visit.console.database.read(lambda unit: _files(visit).one(unit, visit.staff, number))
    if found is None:
        raise faults.NotFound("page_unknown")
    return found


async def _index(visit: Visit, kind: str = "", error: str = "", status: int = 200) -> Response:
    before = cursors.number(visit, "imports")

    def look(unit: Unit) -> tuple[list[ImportFile], list[Run]]:
        return rules.listed(unit, visit.staff), rules.past_runs(unit, visit.staff, before, PAGE)

    waiting, runs = await visit.console.database.read(look)
    more = cursors.written(visit, "imports", runs[PAGE - 1].id) if len(runs) > PAGE else ""
    return visit.page(
        "imports.html.j2",
        status,
        waiting=waiting,
        runs=runs[:PAGE],
        more=more,
        kinds={one: rules.table_of(one) for one in KINDS},
        chosen=kind,
        largest=rules.LARGEST,
        megabytes=rules.LARGEST // rules.MEGABYTE,
        words=visit.console.table_words.of(visit.locale),
        error=error,
    )


async def _page(
    visit: Visit, seen: ImportFile, reading: Reading | None = None, error: str = "", status: int = 200
) -> Response:
    name = visit.request.query_params.get("mapping", "")[:LONGEST_NAME]

    def look(unit: Unit) -> tuple[list[str], Mapping[str, str]]:
        known = rules.mappings(seen.kind)
        return known.listed(unit, visit.staff), known.named(unit, visit.staff, name) if name else seen.columns

    names, kept = await visit.console.database.read(look)
    table = rules.table_of(seen.kind)
    fields = headings.guessed(seen.about.heading, kept if reading is None else reading.columns, table.known())
    return visit.page(
        "import.html.j2",
        status,
        item=seen,
        may_try=seen.state in OPEN,
        tried=rules.trial(seen),
        columns=[Column(*each) for each in zip(range(len(fields)), seen.about.heading, fields, strict=True)],
        table=table,
        extents=list(Extent) if seen.kind is TableKind.HOLDING else [],
        extent=seen.extent if reading is None else reading.extent,
        names=names,
        mapping=name,
        longest_name=LONGEST_NAME,
        words=visit.console.table_words.of(visit.locale),
        stopped=_stopped(visit, seen.outcome.refusal),
        error=error,
    )


def _stopped(visit: Visit, refusal: Refusal | None) -> str:
    return "" if refusal is None else faults.say(visit, Refused(refusal.key, **refusal.parameters))


def _chosen(seen: ImportFile, given: FormData) -> dict[str, str]:
    """The field of each column as the form says; where a heading stands twice, the one that was chosen counts."""
    found: dict[str, str] = {}
    for place, heading in enumerate(seen.about.heading):
        found[heading] = str(given.get(f"column-{place}", "")) or found.get(heading, "")
    return found
