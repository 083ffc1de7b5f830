"""Publishing: what would come of it is shown first, and a reason is asked for where something comes out worse."""

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Action
from console import faults
from console.deeds import carry_out, submitted
from console.entries import LONGEST_TRY
from console.visits import Visit
from services.knowledge.explaining import explain
from services.knowledge.publishing import Prospect, Wanted
from storage.repositories.editions import Seen
from storage.unit import Unit

ADDRESS = "/console/knowledge/publish"
MOST = 100
MOST_DIGITS = 18
"""Editions published at once."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One share of the regression run, before and after."""

    name: str
    before: float
    after: float


async def preview(visit: Visit) -> Response:
    """The conflicts, the regression run and the box that tries it."""
    return await _page(visit)


async def publish(visit: Visit) -> Response:
    """Publish it, unless something moved since it was shown."""
    wanted, form = _wanted(visit), await submitted(visit)
    prospects = visit.console.prospects
    try:
        prospect = await prospects.of(visit.staff, wanted)

        def work(unit: Unit) -> None:
            prospects.publishing.publish(unit, visit.staff, prospect, form.text)

        answer = await carry_out(visit, form, _place(wanted), "/console/knowledge?view=published", work)
    except NotPermitted:
        raise
    except Refused as refused:
        return await _page(visit, form.text, faults.say(visit, refused), 409 if isinstance(refused, Conflict) else 422)
    prospects.forget()
    return answer


async def tried(visit: Visit) -> Response:
    """A question asked of the knowledge base as it would be."""
    text = visit.request.query_params.get("question", "")[:LONGEST_TRY]
    knowledge = (await visit.console.prospects.of(visit.staff, _wanted(visit))).knowledge
    found = await asyncio.to_thread(explain, knowledge, text, visit.locale) if text.strip() else None
    return visit.page("tried.html.j2", tried=found, question=text, try_fields=_fields(visit))


async def _page(visit: Visit, reason: str = "", error: str = "", status: int = 200) -> Response:
    wanted = _wanted(visit)
    prospect = await visit.console.prospects.of(visit.staff, wanted)
    own = any(visit.staff.id in edition.writers for edition in prospect.proposal.editions)
    return visit.page(
        "publish.html.j2",
        status,
        prospect=prospect,
        wanted=wanted,
        query=visit.request.url.query,
        try_fields=_fields(visit),
        figures=_figures(prospect),
        reason=reason,
        error=error,
        own=own,
        title_of=lambda entry_id: _title(visit, prospect, entry_id),
        me_may_approve=visit.may(Action.APPROVE_KNOWLEDGE),
    )


def _title(visit: Visit, prospect: Prospect, entry_id: str) -> str:
    """How an entry would ask its question; of one that is taken away, how it does."""
    after = prospect.knowledge.entries.get(entry_id)
    return visit.asking(after) if after else visit.title_of(entry_id)


def _fields(visit: Visit) -> list[tuple[str, str]]:
    """What the address names, for the box that tries it."""
    return [pair for pair in visit.request.query_params.multi_items() if pair[0] in ("edition", "retire")]


def _figures(prospect: Prospect) -> list[Figure]:
    """The shares of the run; empty where nothing was asked."""
    before, after = prospect.before.shares, prospect.after.shares
    if not prospect.after.grades:
        return []
    return [Figure(name, before[name], after[name]) for name in after if name != "n"]


def _place(wanted: Wanted) -> str:
    return f"publish:{','.join(str(seen.id) for seen in wanted.editions)}{','.join(wanted.retire)}"[:96]


def _wanted(visit: Visit) -> Wanted:
    """What the address names: `edition=<id>:<revision>` and `retire=<entry>`, each as often as needed."""
    given = visit.request.query_params
    named, retire = given.getlist("edition"), tuple(dict.fromkeys(given.getlist("retire")))
    if not 0 < len(named) + len(retire) <= MOST:
        raise Refused("knowledge_nothing")
    return Wanted(tuple(map(_seen, dict.fromkeys(named))), retire)


def _seen(text: str) -> Seen:
    number, _, revision = text.partition(":")
    if not all(part.isdecimal() and len(part) <= MOST_DIGITS for part in (number, revision)):
        raise Refused("knowledge_nothing")
    return Seen(int(number), int(revision))
