"""Tickets: the lists, one ticket with its history and dialogue, and the work on it."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Action, Owner, TicketKind
from bot.vocabulary.tickets import CLOSED
from console import cursors, faults
from console.deeds import carry_out, submitted
from console.visits import Visit, ticket_list
from services import triage
from services.branch import Fact, present
from services.calendar import CountedDay, DeadlineRule, Term, WorkingTime
from services.desk import SERIOUS, Move, owns_ticket
from services.handover import Window
from services.staff import demand
from services.tickets import REPLY_WITHIN, TERMS, theirs
from storage.repositories import chronicle, client_timeline, conversations, drafts, ticket_history, ticket_lists
from storage.repositories import tickets as rows
from storage.repositories.conversations import Conversation
from storage.repositories.staff import Staff
from storage.repositories.staff import by_id as staff_by_id
from storage.repositories.ticket_lists import NEVER, Item, View
from storage.unit import Unit

REPLY_PLACE = "ticket:{}:reply"
NOTE_PLACE = "ticket:{}:note"
TOLD = ("what", "when", "demand")
"""What a complaint's intake asks, as the ticket's details name it."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One promised time and the days that led to it."""

    stage: str
    days: tuple[CountedDay, ...]
    hours: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One ticket with all that its page shows."""

    item: Item
    told: dict[str, str]
    contact: str
    history: list[ticket_history.Line]
    stretch: chronicle.Stretch | None
    conversation: Conversation | None
    owner: str | None
    window: Window
    reply_draft: str
    note_draft: str
    phone: str
    open: bool
    may_work: bool
    may_assign: bool
    may_close: bool
    may_reply: bool


async def index(visit: Visit) -> Response:
    """One list."""
    asked = visit.request.query_params.get("view", "")
    view = View(asked) if asked in list(View) else _usual(visit)

    def look(unit: Unit) -> tuple[list[Item], dict[View, int]]:
        wanted = ticket_list(visit.console, visit.staff, view, cursors.moment(visit, f"tickets {view}"))
        return ticket_lists.page(unit, wanted), ticket_lists.counts(unit, wanted)

    items, counts = await visit.console.database.read(look)
    shown, more = items[:40], ""
    if len(items) > len(shown):
        more = cursors.written(visit, f"tickets {view}", shown[-1].next_due_at or NEVER, shown[-1].id)
    calendar = visit.console.hours().calendar
    return visit.page("tickets.html.j2", view=view, items=shown, counts=counts, more=more, calendar=calendar)


async def show(visit: Visit) -> Response:
    """One ticket with its history."""
    return await _page(visit, "history", "")


async def dialogue(visit: Visit) -> Response:
    """One ticket with the whole dialogue it came from."""
    return await _page(visit, "dialogue", "")


async def note(visit: Visit) -> Response:
    """Write something down that the client does not see."""
    return await _act(visit, NOTE_PLACE, visit.console.desk.note)


async def reply(visit: Visit) -> Response:
    """Say something to the client."""
    return await _act(visit, REPLY_PLACE, visit.console.desk.answer)


async def assign(visit: Visit) -> Response:
    """Make it one's own to work on."""
    return await _act(visit, "ticket:{}:assign", visit.console.desk.assign)


async def close(visit: Visit) -> Response:
    """End the work on it."""
    return await _act(visit, "ticket:{}:close", visit.console.desk.close)


def _usual(visit: Visit) -> View:
    """Compliance and the head of the branch begin with everything that is open."""
    return View.ALL if visit.may(Action.CLOSE_SERIOUS) or visit.may(Action.REASSIGN) else View.MINE


async def _act(visit: Visit, place: str, work: Callable[[Unit, Staff, Move], None]) -> Response:
    number = _number(visit)
    form = await submitted(visit)
    move = Move(number, form.text, form.version, visit.console.clock.now(), form.key)

    def checked(unit: Unit) -> None:
        _readable(visit, unit, number)
        work(unit, visit.staff, move)

    back = f"/console/tickets/{number}"
    try:
        return await carry_out(visit, form, place.format(number), back, checked)
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        status = 409 if isinstance(refused, Conflict) else 422
        return await _page(visit, "history", faults.say(visit, refused), status)


async def _page(visit: Visit, tab: str, error: str, status: int = 200) -> Response:
    shown = await visit.console.database.read(lambda unit: _shown(visit, unit, tab))
    earlier = shown.stretch.before if shown.stretch else None
    return visit.page(
        "ticket.html.j2",
        status,
        shown=shown,
        tab=tab,
        error=error,
        older=cursors.written(visit, "chronicle", earlier.at, earlier.rank, earlier.id) if earlier else "",
        reckonings=_reckonings(visit, shown.item),
        me_may_propose=visit.may(Action.WRITE_KNOWLEDGE),
        calendar=visit.console.hours().calendar,
        category=triage.packaged().name_of(shown.item.category or "", visit.locale),
    )


def _number(visit: Visit) -> str:
    return str(visit.request.path_params["number"])


def _readable(visit: Visit, unit: Unit, number: str) -> Item:
    """The ticket; one that the person may not read does not exist for them."""
    item = ticket_lists.by_number(unit, number)
    if item is None or (visit.own_only(Action.READ_TICKETS) and not owns_ticket(visit.staff, item)):
        raise faults.NotFound("page_unknown")
    return item


def _allowed(visit: Visit, action: Action, item: Item) -> bool:
    try:
        demand(visit.staff, action, own=owns_ticket(visit.staff, item))
    except NotPermitted:
        return False
    return True


def _shown(visit: Visit, unit: Unit, tab: str) -> Shown:
    item = _readable(visit, unit, _number(visit))
    chat = _chat(unit, item)
    now, opened, staff = visit.console.clock.now(), item.state not in CLOSED, visit.staff
    ticket = rows.by_id(unit, item.id)
    details = ticket.details if ticket else {}
    work = opened and _allowed(visit, Action.WORK_TICKETS, item)
    taken = item.assignee_id is not None and item.assignee_id != staff.id
    serious = item.kind is TicketKind.COMPLAINT and item.level in SERIOUS
    return Shown(
        item=item,
        told={step: str(details[step]) for step in TOLD if details.get(step)},
        contact=_contact(unit, str(details.get("contact_sealed") or "")),
        history=ticket_history.lines(unit, item.id),
        stretch=_stretch(visit, unit, item, chat) if tab == "dialogue" else None,
        conversation=chat,
        owner=_owner(unit, chat, staff),
        window=visit.console.handover.window(unit, chat, now) if chat else Window(open=False),
        reply_draft=drafts.kept(unit, staff.id, REPLY_PLACE.format(item.number)),
        note_draft=drafts.kept(unit, staff.id, NOTE_PLACE.format(item.number)),
        phone=present(unit).say(Fact.PHONE, visit.locale),
        open=opened,
        may_work=work,
        may_assign=work and item.assignee_id != staff.id and (not taken or visit.may(Action.REASSIGN)),
        may_close=work and (not serious or visit.may(Action.CLOSE_SERIOUS)),
        may_reply=work and chat is not None and _allowed(visit, Action.REPLY, item),
    )


def _chat(unit: Unit, item: Item) -> Conversation | None:
    """The chat that the ticket came from, as long as it is its client's: another's is not shown beside it."""
    found = conversations.by_id(unit, item.conversation_id) if item.conversation_id else None
    return found if found and theirs(item.client_id, found) else None


def _stretch(visit: Visit, unit: Unit, item: Item, chat: Conversation | None) -> chronicle.Stretch:
    """What was said in the chat since it is the client's."""
    if chat is None:
        return chronicle.Stretch((), None)
    return client_timeline.spoken(unit, chat.id, item.client_id, cursors.place(visit, "chronicle"))


def _owner(unit: Unit, chat: Conversation | None, staff: Staff) -> str | None:
    """The name of another person who answers in the chat."""
    if chat is None or chat.owner is not Owner.STAFF or chat.staff_id in (None, staff.id):
        return None
    found = staff_by_id(unit, chat.staff_id or 0)
    return found.name if found else None


def _contact(unit: Unit, sealed: str) -> str:
    """What the client said of how to reach them, opened to be masked."""
    return unit.vault.open(rows.CONTACT, base64.b64decode(sealed)) if sealed else ""


def _reckonings(visit: Visit, item: Item) -> list[Reckoning]:
    """How each promised time came about; a time that another rule gave is left out."""
    rule = DeadlineRule(visit.console.hours())
    found = []
    for stage, term, due in _promises(item):
        deadline = rule.settle(item.opened_at, term)
        if due is not None and deadline.at == due:
            found.append(Reckoning(stage, rule.explain(deadline), hours=isinstance(term, WorkingTime)))
    return found


def _promises(item: Item) -> list[tuple[str, Term, datetime | None]]:
    """Each stage with its term and the time that was promised."""
    if item.kind is TicketKind.INQUIRY:
        return [("contact", REPLY_WITHIN, item.contact_due_at)]
    terms = TERMS[item.level]
    return [
        ("contact", terms.contact, item.contact_due_at),
        ("decide", terms.decide, item.decide_due_at),
        ("resolve", terms.resolve, item.resolve_due_at),
    ]
