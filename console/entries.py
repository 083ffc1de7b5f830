"""The knowledge base: the list of entries, one entry with its versions, and the box that tries questions."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from secrets import token_hex

from starlette.responses import Response

from bot.clock import branch_date
from bot.errors import Refused
from bot.vocabulary import Action, AnswerKind
from bot.vocabulary.knowledge import OPEN, EditionState
from console import cursors, faults
from console.contents import FIELDS, content_of, marked, texts_of, typed
from console.deeds import carry_out, submitted
from console.downloads import attached
from console.visits import Visit
from services import answers
from services.knowledge.contents import Changed, Content, changes
from services.knowledge.editions import Standing
from services.knowledge.entry import CATEGORIES
from services.knowledge.explaining import explain
from services.knowledge.exports import as_workbook
from services.spreadsheet import WORKBOOK
from storage.repositories import answer_sums, drafts, votes
from storage.repositories.answer_sums import Span
from storage.repositories.editions import Edition
from storage.repositories.votes import Tally
from storage.unit import Unit

ADDRESS = "/console/knowledge/entries/{}"
PAGE = 40
LATELY = timedelta(days=30)
LONGEST_TRY = 500
VIEWS = ("all", "published", "draft", "reviewed", "overdue", "retired")
CATEGORY = "service"
NEW = 0
"""Stands for the number of an edition that is not there yet."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are listed."""

    view: str
    category: str
    text: str

    def fits(self, standing: Standing) -> bool:
        """Whether an entry is of the category and holds the text in its id or in any wording."""
        content = standing.newest.content
        asked = (standing.newest.entry_id, content.question, content.question_en, *content.phrasings)
        found = not self.text or any(self.text.casefold() in wording.casefold() for wording in asked)
        return found and self.category in ("", content.category)


@dataclass(frozen=True, slots=True)
class Version:
    """One version with what it changed in the one before."""

    edition: Edition
    changed: list[Changed]


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry; `kept` are fields typed and not saved, `reason` one that was given for what was refused."""

    editions: list[Edition]
    kept: Mapping[str, str]
    reason: str

    @property
    def newest(self) -> Edition:
        """The version with the highest number."""
        return self.editions[0]

    @property
    def published(self) -> Edition | None:
        """What clients get."""
        return next((one for one in self.editions if one.state is EditionState.PUBLISHED), None)

    @property
    def open(self) -> Edition | None:
        """What is being worked on."""
        return next((one for one in self.editions if one.state in OPEN), None)

    @property
    def versions(self) -> list[Version]:
        """The latest first."""
        earlier: list[Edition | None] = [*self.editions[1:], None]
        return [
            Version(one, changes(old.content if old else None, one.content))
            for one, old in zip(self.editions, earlier, strict=True)
        ]


async def index(visit: Visit) -> Response:
    """The list."""
    wanted, today = _filter(visit), branch_date(visit.console.clock.now())
    standings, given, voted = await visit.console.database.read(partial(_listed, visit, today))
    fitting = [one for one in standings if wanted.fits(one)]
    found = [one for one in fitting if _in_view(one, wanted.view, today)]
    start = cursors.number(visit, "entries") or 0
    reviewed = [one.open for one in standings if one.open and one.open.state is EditionState.REVIEWED]
    return visit.page(
        "entries.html.j2",
        filter=wanted,
        items=found[start : start + PAGE],
        number=len(found),
        counts={view: sum(_in_view(one, view, today) for one in fitting) for view in VIEWS},
        more=cursors.written(visit, "entries", start + PAGE) if start + PAGE < len(found) else "",
        given=given,
        votes=voted,
        no_votes=Tally(),
        categories=CATEGORIES,
        this_day=today,
        reviewed=reviewed if visit.may(Action.APPROVE_KNOWLEDGE) else [],
        me_may_write=visit.may(Action.WRITE_KNOWLEDGE),
    )


async def download(visit: Visit) -> Response:
    """What is published of the entries that the list shows, as a spreadsheet that can be changed and imported again."""
    wanted, today = _filter(visit), branch_date(visit.console.clock.now())
    standings = await visit.console.database.read(lambda unit: visit.console.editions.listed(unit, visit.staff))
    shown = [one.published for one in standings if wanted.fits(one) and _in_view(one, wanted.view, today)]
    written = await asyncio.to_thread(as_workbook, [one for one in shown if one])
    return attached(written, WORKBOOK, f"knowledge-{today}.xlsx")


def _filter(visit: Visit) -> Filter:
    given = visit.request.query_params
    view, category = given.get("view", ""), given.get("category", "")
    return Filter(
        view if view in VIEWS else VIEWS[0],
        category if category in CATEGORIES else "",
        given.get("text", "").strip()[:100],
    )


def _in_view(standing: Standing, view: str, today: date) -> bool:
    """Whether an entry belongs to a view; one that is gone stands only with the retired."""
    published, draft = standing.published, standing.open
    if view == "overdue":
        due = published.content.review_on if published else None
        return due is not None and due <= today
    if view == "published":
        return published is not None
    if view == "retired":
        return published is None and draft is None
    alive = published is not None or draft is not None
    return alive if view == "all" else draft is not None and draft.state == view


def _listed(visit: Visit, today: date, unit: Unit) -> tuple[list[Standing], dict[str, int], dict[str, Tally]]:
    """Every entry, how often each was given lately, and the votes on it."""
    span = Span(today - LATELY, today)
    sums = answer_sums.by_entry(unit, span)
    told = (AnswerKind.ANSWERED, AnswerKind.PICKED)
    given = {entry: sum(sums.get((entry, kind), 0) for kind in told) for entry, _ in sums}
    return visit.console.editions.listed(unit, visit.staff), given, votes.by_entry(unit, answers.ballot(span))


async def show(visit: Visit) -> Response:
    """One entry."""
    return await page(visit, str(visit.request.path_params["entry_id"]))


async def page(
    visit: Visit, entry_id: str, fields: Mapping[str, str] | None = None, error: str = "", status: int = 200
) -> Response:
    """One entry; `fields` are what was typed where it could not be saved."""
    shown = await visit.console.database.read(lambda unit: _shown(visit, unit, entry_id))
    draft, staff = shown.open, visit.staff
    theirs = fields or ({**texts_of(draft.content), **shown.kept} if draft else {})
    return visit.page(
        "entry.html.j2",
        status,
        shown=shown,
        entry_id=entry_id,
        fields=theirs,
        restored=bool(draft and not fields and shown.kept),
        differing=changes(draft.content, content_of(fields)) if fields and draft and status == 409 else [],
        marked=marked,
        categories=CATEGORIES,
        error=error,
        this_day=branch_date(visit.console.clock.now()),
        me_may_write=visit.may(Action.WRITE_KNOWLEDGE),
        me_may_approve=visit.may(Action.APPROVE_KNOWLEDGE),
        mine=draft is not None and staff.id in draft.writers,
    )


def _shown(visit: Visit, unit: Unit, entry_id: str) -> Shown:
    try:
        editions = visit.console.editions.history(unit, visit.staff, entry_id)
    except Refused:
        raise faults.NotFound("page_unknown") from None
    draft = next((one for one in editions if one.state in OPEN), None)
    staff_id = visit.staff.id
    reason = drafts.kept(unit, staff_id, ADDRESS.format(entry_id))
    return Shown(editions, _kept(unit, staff_id, draft.id) if draft else {}, reason)


def forget(unit: Unit, staff_id: int, edition_id: int) -> None:
    """The fields are saved, or given up: what was kept of them goes."""
    for field in FIELDS:
        drafts.forget(unit, staff_id, place(edition_id, field))


def place(edition_id: int, field: str) -> str:
    """Where a field is kept while it is typed."""
    return f"edition:{edition_id}:{field}"


def _kept(unit: Unit, staff_id: int, edition_id: int) -> dict[str, str]:
    found = drafts.kept_at(unit, staff_id, [place(edition_id, field) for field in FIELDS])
    return {name.rsplit(":", 1)[-1]: text for name, text in found.items()}


async def begin(visit: Visit) -> Response:
    """A draft of the next version, with what is published now."""
    entry_id = str(visit.request.path_params["entry_id"])

    def work(unit: Unit) -> None:
        shown = _shown(visit, unit, entry_id)
        visit.console.editions.begin(unit, visit.staff, entry_id, (shown.published or shown.newest).content)

    return await act(visit, entry_id, work)


async def new(visit: Visit) -> Response:
    """The form of an entry that is not there yet."""
    kept = await visit.console.database.read(lambda unit: _kept(unit, visit.staff.id, NEW))
    return _new(visit, {**texts_of(Content(CATEGORY, "", "")), **kept}, "")


def _new(visit: Visit, fields: Mapping[str, str], entry_id: str, error: str = "", status: int = 200) -> Response:
    return visit.page("new_entry.html.j2", status, fields=fields, entry_id=entry_id, categories=CATEGORIES, error=error)


async def create(visit: Visit) -> Response:
    """Begin it; without an id of the writer's it gets one."""
    given = await visit.form()
    fields, wanted = typed(given), str(given.get("entry_id", "")).strip()
    entry_id = wanted or f"entry-{token_hex(4)}"
    form = await submitted(visit)
    back = ADDRESS.format(entry_id)

    def work(unit: Unit) -> None:
        visit.console.editions.begin(unit, visit.staff, entry_id, content_of(fields))
        forget(unit, visit.staff.id, NEW)

    try:
        return await carry_out(visit, form, back, back, work)
    except Refused as refused:
        return _new(visit, fields, wanted, faults.say(visit, refused), 422)


async def act(visit: Visit, entry_id: str, work: Callable[[Unit], object]) -> Response:
    """Do something with an entry; what is refused is said on its page."""
    form = await submitted(visit)
    back = ADDRESS.format(entry_id)
    try:
        return await carry_out(visit, form, back, back, work)
    except faults.NotFound:
        raise
    except Refused as refused:
        return await page(visit, entry_id, error=faults.say(visit, refused), status=faults.status_of(refused))


async def tried(visit: Visit) -> Response:
    """A question asked as a client would ask it, with the ranking behind the answer."""
    text = visit.request.query_params.get("question", "")[:LONGEST_TRY]
    knowledge = await visit.console.sensed(text)
    found = await asyncio.to_thread(explain, knowledge, text, visit.locale) if text.strip() else None
    return visit.page("tried.html.j2", tried=found, question=text)
