"""Clients: the list, masked, with exact look-ups, and one client's page: facts, chats, codes, notes, what happened."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from starlette.responses import RedirectResponse, Response

from bot.clock import branch_date
from bot.errors import NotPermitted, Refused
from bot.vocabulary import Action, ConsentPurpose, PersonalField, Reach, RevealPurpose, TicketKind
from console import cursors, faults
from console.deeds import Submitted, carry_out, submitted, whole_number
from console.visits import Visit
from services import chats, personal_service, plans, reveals
from services.chats import Release
from services.client_record import notes
from services.delivery.outlook import Outlook, outlook
from services.identity import Identity, Order
from services.personal_service import Standing
from services.plans import Choice
from services.reveals import Wish
from services.staff import reach
from services.suitability.rule import OF_AGE
from storage.repositories import (
    client_chats,
    client_links,
    client_lists,
    client_record,
    client_timeline,
    consents,
    drafts,
    form_keys,
    tickets,
)
from storage.repositories.client_chats import ClientChat, Issued
from storage.repositories.client_links import Link
from storage.repositories.client_lists import Item
from storage.repositories.client_record import Profile
from storage.repositories.client_timeline import Kind, Stretch, Wanted
from storage.repositories.consents import Statement
from storage.unit import Unit

LONGEST_SEARCH = 64
REVEALED_SECONDS = 60
CODES = 10
"""Codes shown of a client, the newest first."""
NOTES, LINES = 5, 10
"""Notes, and lines of what happened, that the first page shows."""
CONTENT = 120
"""Signs of a message that a line shows."""
TABS = ("overview", "timeline", "holdings", "record", "assessments", "rights")
MUST = {"timeline": Action.NOTE_CLIENTS, "holdings": Action.NOTE_CLIENTS, "rights": Action.EXPORT_CLIENT}
"""What a reader must be allowed for a tab."""
NOTE_PLACE = "client:{}:note"
NEEDS = {Kind.MESSAGE: Action.READ_CONVERSATIONS, Kind.TICKET: Action.READ_TICKETS}
"""What a reader must be allowed for a kind of lines; for the others notes."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One client with all that their page shows."""

    item: Item
    profile: Profile
    chats: list[ClientChat]
    codes: list[Issued]
    consents: dict[ConsentPurpose, Statement]
    links: list[Link]
    open_tickets: list[TicketKind]
    notes: Stretch
    recent: Stretch
    kinds: frozenset[Kind]
    note_draft: str
    may_issue: bool
    may_unbind: bool
    may_note: bool
    may_reveal: frozenset[PersonalField]
    service: Standing
    plan: plans.Standing
    may_plan: bool
    may_serve: bool
    outlook: Outlook

    @property
    def said(self) -> str:
        """What was said of personal service, as the form has it."""
        return "" if self.service.said is None else "yes" if self.service.said else "no"


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a page shows besides: a code that was just made, a field in clear, or why something was refused."""

    code: str = ""
    error: str = ""
    note_error: str = ""
    field: PersonalField | None = None
    clear: str = ""


async def index(visit: Visit) -> Response:
    """One page of clients, or those that the search finds."""
    given = await visit.form() if visit.request.method == "POST" else {}
    search = str(given.get("q", ""))[:LONGEST_SEARCH].strip()
    wanted = client_lists.Wanted(search, visit.whose(Action.READ_CLIENTS), cursors.number(visit, "clients") or 0)
    items = await visit.console.database.read(lambda unit: client_lists.page(unit, wanted))
    shown = items[: wanted.limit]
    more = cursors.written(visit, "clients", shown[-1].id) if len(items) > len(shown) else ""
    today = branch_date(visit.console.clock.now())
    return visit.page("clients.html.j2", items=shown, more=more, search=search, today_on=today)


async def show(visit: Visit) -> Response:
    """One client."""
    return await _page(visit, Fresh())


async def issue(visit: Visit) -> Response:
    """Make a code and show it this once; a repeat of the same form shows none."""
    form, given = await submitted(visit), await visit.form()
    purposes = [purpose for purpose in ConsentPurpose if purpose.value in given.getlist("consent")]
    now, back, identity = visit.console.clock.now(), _address(visit), Identity(visit.console.rules)

    def once(unit: Unit) -> str | None:
        client_id = readable(visit, unit).id
        if not form_keys.claim(unit, form.key, visit.staff.id, back, now):
            return None
        return identity.hand_out(unit, visit.staff, Order(client_id, visit.staff.id, purposes, now))

    try:
        code = await visit.console.database.write(once)
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        return await _page(visit, Fresh(error=faults.say(visit, refused)), 422)
    return RedirectResponse(back, 303) if code is None else await _page(visit, Fresh(code=code))


async def unbind(visit: Visit) -> Response:
    """Let a chat go, with a reason."""
    form, given = await submitted(visit), await visit.form()
    account_id, now = whole_number(str(given.get("chat", ""))), visit.console.clock.now()

    def work(unit: Unit, client: Item) -> None:
        chats.release(unit, visit.staff, Release(client.id, account_id, form.text, now))

    return await _act(visit, form, work)


async def note(visit: Visit) -> Response:
    """Note something on the client."""
    form, now = await submitted(visit), visit.console.clock.now()
    place = NOTE_PLACE.format(_public_id(visit))
    return await _act(visit, form, lambda unit, item: notes.add(unit, visit.staff, item, form.text, now), place)


async def serve(visit: Visit) -> Response:
    """Say whether personal service is a client's."""
    form, given, now = await submitted(visit), await visit.form(), visit.console.clock.now()
    personal = {"yes": True, "no": False}.get(str(given.get("personal", "")))

    def work(unit: Unit, client: Item) -> None:
        personal_service.say(unit, visit.staff, client.id, personal, now)

    return await _act(visit, form, work)


async def plan(visit: Visit) -> Response:
    """Enter what a client wants to be sent, at their word."""
    form, given, now = await submitted(visit), await visit.form(), visit.console.clock.now()
    wanted, number = str(given.get("plan", "")), _weekly(str(given.get("weekly", "")).strip())

    def work(unit: Unit, client: Item) -> None:
        plans.choose(unit, visit.staff, Choice(client.id, wanted, number, now))

    return await _act(visit, form, work)


async def reveal(visit: Visit) -> Response:
    """Show one field in clear for a minute; a repeat of the same form shows none."""
    form, given = await submitted(visit), await visit.form()
    field, purpose = str(given.get("field", "")), str(given.get("purpose", ""))
    if field not in list(PersonalField) or purpose not in list(RevealPurpose):
        raise Refused("form_unreadable")
    back, now = _address(visit), visit.console.clock.now()
    wish = Wish(PersonalField(field), RevealPurpose(purpose), form.text, now)

    def once(unit: Unit) -> str | None:
        client = readable(visit, unit)
        if not form_keys.claim(unit, form.key, visit.staff.id, back, now):
            return None
        return reveals.reveal(unit, visit.staff, client, wish)

    try:
        clear = await visit.console.database.write(once)
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        return await _page(visit, Fresh(error=faults.say(visit, refused)), 422)
    if clear is None:
        return RedirectResponse(back, 303)
    answer = await _page(visit, Fresh(field=wish.field, clear=clear))
    answer.headers["Refresh"] = f"{REVEALED_SECONDS}; url={back}"
    return answer


async def _act(visit: Visit, form: Submitted, work: Callable[[Unit, Item], None], place: str = "") -> Response:
    back = _address(visit)
    try:
        return await carry_out(visit, form, place or back, back, lambda unit: work(unit, readable(visit, unit)))
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        told = faults.say(visit, refused)
        return await _page(visit, Fresh(note_error=told) if place else Fresh(error=told), 422)


async def _page(visit: Visit, fresh: Fresh, status: int = 200) -> Response:
    shown = await visit.console.database.read(lambda unit: _shown(visit, unit))
    minutes = int(visit.console.rules.bind_span.total_seconds() // 60)
    context = {"shown": shown, "fresh": fresh, "minutes": minutes, "purposes": list(ConsentPurpose)}
    context |= {"tabs": tabs(visit, shown.item)}
    context |= {"of_age": OF_AGE, "reasons": list(RevealPurpose), "seconds": REVEALED_SECONDS, "content": CONTENT}
    context |= {"plans": list(plans.packaged().every.values()), "most_weekly": plans.MOST}
    context |= {"first_minutes": int(visit.console.rules.manager_first.total_seconds() // 60)}
    return visit.page("client.html.j2", status, today_on=branch_date(visit.console.clock.now()), **context)


def _weekly(written: str) -> int | None:
    """The number of a form, None for an empty one; what is none is one that nobody can have."""
    if not written:
        return None
    return int(written) if written.isdecimal() and len(written) < 4 else -1


def _address(visit: Visit) -> str:
    return f"/console/clients/{_public_id(visit)}"


def _public_id(visit: Visit) -> str:
    return str(visit.request.path_params["public_id"])


def readable(visit: Visit, unit: Unit) -> Item:
    """The client; one that the person may not see does not exist for them."""
    item = client_lists.by_public_id(unit, _public_id(visit))
    if item is None or not allowed(visit, Action.READ_CLIENTS, item):
        raise faults.NotFound("page_unknown")
    return item


def allowed(visit: Visit, action: Action, item: Item | Link) -> bool:
    """Whether the person's duties reach this client."""
    far = reach(visit.staff, action)
    return far is Reach.ALL or (far is Reach.OWN and visit.staff.has(*item.keepers))


def tabs(visit: Visit, item: Item) -> list[str]:
    """The pages of this client that the reader may open."""
    return [tab for tab in TABS if allowed(visit, MUST.get(tab, Action.READ_CLIENTS), item)]


def kinds_for(visit: Visit, item: Item) -> frozenset[Kind]:
    """What the reader may see of what happened with this client."""
    return frozenset(kind for kind in Kind if allowed(visit, NEEDS.get(kind, Action.NOTE_CLIENTS), item))


def _shown(visit: Visit, unit: Unit) -> Shown:
    item = readable(visit, unit)
    kinds = kinds_for(visit, item)
    wanted = Wanted(item.id, kinds, limit=LINES, reveals=visit.may(Action.READ_AUDIT))
    return Shown(
        item=item,
        profile=client_record.profile(unit, item.id),
        chats=client_chats.chats(unit, item.id),
        codes=client_chats.codes(unit, item.id, CODES),
        consents=consents.current(unit, item.id),
        links=client_links.of(unit, item.id),
        open_tickets=tickets.open_of(unit, item.id),
        notes=client_timeline.stretch(unit, replace(wanted, kinds=kinds & {Kind.NOTE}, limit=NOTES)),
        recent=client_timeline.stretch(unit, wanted),
        kinds=kinds,
        note_draft=drafts.kept(unit, visit.staff.id, NOTE_PLACE.format(item.public_id)),
        may_issue=allowed(visit, Action.ISSUE_BIND_CODE, item),
        may_unbind=allowed(visit, Action.UNBIND_CHAT, item),
        may_note=allowed(visit, Action.NOTE_CLIENTS, item),
        may_reveal=reveals.open_to(visit.staff) if allowed(visit, Action.REVEAL, item) else frozenset(),
        service=personal_service.standing(unit, item.id, branch_date(visit.console.clock.now())),
        plan=plans.standing(unit, item.id, visit.console.clock.now()),
        may_plan=allowed(visit, Action.EDIT_PREFERENCES, item),
        may_serve=visit.may(Action.REASSIGN),
        outlook=outlook(unit, visit.console.delivery, item.id),
    )
