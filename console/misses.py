"""Questions without a certain answer, grouped; curators settle a group with one press."""

from collections.abc import Callable, Iterable

from starlette.datastructures import FormData
from starlette.responses import Response

from bot.errors import NotPermitted, Refused
from bot.vocabulary import UNDONE, Action, Settlement
from console import cursors, faults, suggestions
from console.deeds import Submitted, carry_out, submitted
from console.entries import ADDRESS as ENTRY
from console.queues import Queue
from console.visits import Visit
from services import misses
from services.misses import Settled
from services.proposals import Proposals, new_id
from storage.repositories import misses as rows
from storage.repositories.misses import Past
from storage.unit import Unit

PAGE = 20
ADDRESS = "/console/knowledge/misses"
LONGEST_NUMBER = 18


async def index(visit: Visit) -> Response:
    """The queue, the most frequent matter first."""
    return await _page(visit)


async def dismiss(visit: Visit) -> Response:
    """It is no matter of ours: the group leaves the queue, and may be taken back."""
    ids, form = _ids(await visit.form()), await submitted(visit)
    settled = Settled(ids, Settlement.DISMISSED, visit.console.clock.now(), reason=form.text)
    return await _carried(visit, form, _done(ids), lambda unit: misses.settle(unit, visit.staff, settled))


async def refuse(visit: Visit) -> Response:
    """It must not be answered: the group leaves the queue, and every publication is asked the picked wordings."""
    given, form = await visit.form(), await submitted(visit)
    ids, picked = _ids(given), _numbers(map(str, given.getlist("picked")))
    settled = Settled(ids, Settlement.REFUSED, visit.console.clock.now(), reason=form.text)
    return await _carried(visit, form, _done(ids), lambda unit: misses.refuse(unit, visit.staff, settled, picked))


def _done(ids: list[int]) -> str:
    """The queue, with the decision told and a way to take it back."""
    return f"{ADDRESS}?settled={ids[0]}"


async def phrasing(visit: Visit) -> Response:
    """The picked wordings become phrasings of an entry, in a draft."""
    entry_id = str((await visit.form()).get("entry", "")).partition(" ")[0]
    return await _proposed(visit, Settlement.PHRASING, entry_id)


async def entry(visit: Visit) -> Response:
    """The picked wordings become a new entry, in a draft."""
    ids = _ids(await visit.form())
    return await _proposed(visit, Settlement.ENTRY, new_id(ids))


async def _proposed(visit: Visit, settlement: Settlement, entry_id: str) -> Response:
    """Settle the group, write the draft, and go there."""
    given, form = await visit.form(), await submitted(visit)
    ids, picked = _ids(given), _numbers(map(str, given.getlist("picked")))
    settled, back = Settled(ids, settlement, visit.console.clock.now(), entry_id), f"{ENTRY.format(entry_id)}#edit"
    proposals = Proposals(visit.console.editions)
    propose = proposals.phrasings if settlement is Settlement.PHRASING else proposals.entry
    return await _carried(visit, form, back, lambda unit: propose(unit, visit.staff, settled, picked))


async def history(visit: Visit) -> Response:
    """What was decided, the latest first."""
    start, now = cursors.number(visit, "decisions") or 0, visit.console.clock.now()
    found = await visit.console.database.read(lambda unit: misses.past(unit, visit.staff, now, start, PAGE + 1))
    return visit.page(
        "decisions.html.j2",
        items=found[:PAGE],
        more=cursors.written(visit, "decisions", start + PAGE) if len(found) > PAGE else "",
        open_since=now - misses.KEPT_OPEN,
        undone=UNDONE,
        me_may_write=visit.may(Action.WRITE_KNOWLEDGE),
    )


async def reopen(visit: Visit) -> Response:
    """Take a decision back."""
    number, now = int(visit.request.path_params["number"]), visit.console.clock.now()
    form = await submitted(visit)
    return await _carried(visit, form, ADDRESS, lambda unit: misses.reopen(unit, visit.staff, number, now))


async def _carried(visit: Visit, form: Submitted, back: str, work: Callable[[Unit], object]) -> Response:
    """Do it, or say on the page why not."""
    try:
        return await carry_out(visit, form, ADDRESS, back, work)
    except NotPermitted:
        raise
    except Refused as refused:
        return await _page(visit, faults.say(visit, refused), faults.status_of(refused))


async def queue(visit: Visit) -> Queue:
    """Everything that is open, in groups."""
    now, reader = visit.console.clock.now(), visit.console.knowledge().ranker.reader
    found, number = await visit.console.database.read(lambda unit: misses.waiting(unit, visit.staff, now))
    return Queue(await visit.console.queues.of(found, reader), number, len(found))


async def _page(visit: Visit, error: str = "", status: int = 200) -> Response:
    found, start = await queue(visit), cursors.number(visit, "misses") or 0
    shown = found.clusters[start : start + PAGE]
    further = start + PAGE < len(found.clusters)
    return visit.page(
        "misses.html.j2",
        status,
        queue=found,
        items=shown,
        more=cursors.written(visit, "misses", start + PAGE) if further else "",
        title_of=visit.title_of,
        settled=await _settled(visit),
        error=error,
        known=suggestions.fitting(visit),
        me_may_read=visit.may(Action.READ_CONVERSATIONS),
        me_may_write=visit.may(Action.WRITE_KNOWLEDGE),
    )


async def _settled(visit: Visit) -> Past | None:
    """The person's own decision that the address speaks of; None where it cannot be taken back."""
    named = visit.request.query_params.get("settled", "")
    number = int(named) if named.isdecimal() and len(named) <= LONGEST_NUMBER else 0
    found = await visit.console.database.read(lambda unit: rows.settled_with(unit, number))
    mine = found is not None and found.staff.id == visit.staff.id and found.verdict.settlement in UNDONE
    return found if mine else None


def _ids(form: FormData) -> list[int]:
    """The misses that the form is about, as they were shown."""
    return _numbers(str(form.get("ids", "")).split(","))


def _numbers(given: Iterable[str]) -> list[int]:
    """Numbers of misses in a form, in order, each once."""
    named = list(given)
    if len(named) > misses.MOST or not all(n.isdecimal() and len(n) <= LONGEST_NUMBER for n in named):
        raise Refused("form_unreadable")
    return sorted(set(map(int, named)))
