"""Conversations: the queue, one dialogue, taking it over, answering, handing it back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from starlette.responses import Response

from bot.errors import Conflict, NotPermitted, Refused
from bot.live import STAFF_TYPING
from bot.vocabulary import Action, Owner
from console import cursors, faults, ties
from console.deeds import carry_out, submitted
from console.entries import ADDRESS as ENTRY
from console.visits import Visit, conversation_list
from services.branch import Fact, present
from services.desk import owns_conversation
from services.handover import Answer, Handover, Window
from services.knowledge import dialogue
from services.proposals import Proposals, reply_id
from services.staff import demand
from storage.repositories import (
    chronicle,
    client_lists,
    client_timeline,
    conversation_lists,
    conversations,
    drafts,
    replies,
    ticket_lists,
)
from storage.repositories.conversation_lists import Item, View
from storage.repositories.conversations import Conversation
from storage.repositories.staff import Staff
from storage.unit import Unit

LONGEST_NUMBER = 18
PLACE = "conversation:{}:reply"
"""Where the text typed in a conversation is kept."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of conversations with the numbers of all views."""

    view: View
    items: list[Item]
    counts: dict[View, int]
    more: str
    drafts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One conversation with all that its page shows."""

    item: Item
    conversation: Conversation
    stretch: chronicle.Stretch
    window: Window
    client: client_lists.Item | None
    tickets: list[ticket_lists.Item]
    draft: str
    mine: bool
    phone: str
    tie: str | None
    encloses: frozenset[str]


async def index(visit: Visit) -> Response:
    """The list; on wide screens with room for a conversation beside it."""
    listing = await visit.console.database.read(lambda unit: _listing(visit, unit))
    return visit.page(
        "conversations.html.j2", listing=listing, shown=None, error="", me_may_reply=False, me_may_propose=False
    )


async def show(visit: Visit) -> Response:
    """One conversation."""
    return await page(visit, "")


async def take(visit: Visit) -> Response:
    """Answer in it from now on."""
    return await act(visit, partial(_take, visit))


async def reply(visit: Visit) -> Response:
    """Say something to the client."""
    return await act(visit, partial(say, visit))


async def propose(visit: Visit) -> Response:
    """Make a draft of the knowledge base of something that staff said here."""
    number, given = number_of(visit), str((await visit.form()).get("delivery", ""))
    if not given.isdecimal() or len(given) > LONGEST_NUMBER:
        raise Refused("form_unreadable")
    form, proposals = await submitted(visit), Proposals(visit.console.editions)
    back = f"{ENTRY.format(reply_id(int(given)))}#edit"

    def work(unit: Unit) -> None:
        reachable(visit, unit, number, Action.READ_CONVERSATIONS)
        said = replies.said(unit, int(given))
        if said is None or said.conversation_id != number:
            raise faults.NotFound("page_unknown")
        proposals.reply(unit, visit.staff, int(given), visit.console.knowledge())

    return await carry_out(visit, form, f"conversation:{number}:propose", back, work)


async def hand_back(visit: Visit) -> Response:
    """Let the bot answer again."""
    return await act(visit, await _leaving(visit, visit.console.handover.hand_back))


async def end(visit: Visit) -> Response:
    """Let the bot answer again, and end the inquiry."""
    return await act(visit, await _leaving(visit, visit.console.handover.close))


async def typing(visit: Visit) -> Response:
    """The person is typing; the client hears of it while it is this person who answers them."""
    number = number_of(visit)

    def owned(unit: Unit) -> bool:
        _, conversation = reachable(visit, unit, number, Action.REPLY)
        return conversation.owner is Owner.STAFF and conversation.staff_id == visit.staff.id

    if await visit.console.database.read(owned):
        visit.console.live.publish([f"{STAFF_TYPING}:{number}"])
    return Response(status_code=204)


def _take(visit: Visit, unit: Unit, answer: Answer) -> None:
    visit.console.handover.take(unit, answer.conversation_id, visit.staff, answer.at)


def say(visit: Visit, unit: Unit, answer: Answer) -> None:
    """The person's words, and a picture if there is one."""
    if not answer.text:
        raise Refused("text_missing")
    found = conversations.by_id(unit, answer.conversation_id)
    if found is None or found.owner is not Owner.STAFF or found.staff_id != visit.staff.id:
        raise Conflict("conversation_not_taken")
    visit.console.handover.reply(unit, visit.staff, answer)


async def _leaving(visit: Visit, move: Callable[[Unit, Staff, Answer], None]) -> Callable[[Unit, Answer], None]:
    """Leaves the conversation to the bot, which is told what the line that sums up is about."""
    line = (await submitted(visit)).text
    topic = dialogue.handed(await visit.console.sensed(line), line) if line else None

    def leave(unit: Unit, answer: Answer) -> None:
        if not line:
            raise Refused("summary_missing")
        move(unit, visit.staff, replace(answer, topic=topic))

    return leave


async def act(visit: Visit, work: Callable[[Unit, Answer], None], media_id: int | None = None) -> Response:
    """Do something in the conversation; what is refused is said on its page, with the text kept."""
    number = number_of(visit)
    form = await submitted(visit)
    answer = Answer(number, form.key, form.text, visit.console.clock.now(), media_id=media_id)

    def checked(unit: Unit) -> None:
        reachable(visit, unit, number, Action.REPLY)
        work(unit, answer)

    back = f"/console/conversations/{number}?view={view_of(visit)}"
    try:
        return await carry_out(visit, form, _place(visit, number), back, checked)
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        return await page(visit, faults.say(visit, refused), 409 if isinstance(refused, Conflict) else 422)


def _place(visit: Visit, number: int) -> str:
    """Replies are kept as drafts; the words below a picture and the line that sums up have places of their own."""
    match visit.request.url.path.rpartition("/")[2]:
        case "reply":
            return PLACE.format(number)
        case "picture":
            return f"conversation:{number}:picture"
    return f"conversation:{number}:summary"


async def page(visit: Visit, error: str, status: int = 200) -> Response:
    """The conversation, and above the composer what was refused."""
    number = number_of(visit)

    def look(unit: Unit) -> tuple[Listing, Shown]:
        return _listing(visit, unit), _shown(visit, unit, number)

    listing, shown = await visit.console.database.read(look)
    earlier = shown.stretch.before
    older = cursors.written(visit, "chronicle", earlier.at, earlier.rank, earlier.id) if earlier else ""
    return visit.page(
        "conversations.html.j2",
        status,
        listing=listing,
        shown=shown,
        error=error,
        older=older,
        me_may_reply=visit.may(Action.REPLY),
        me_may_propose=visit.may(Action.WRITE_KNOWLEDGE),
    )


def number_of(visit: Visit) -> int:
    """Of the conversation that the address names."""
    return int(visit.request.path_params["number"])


def view_of(visit: Visit) -> View:
    """The list beside it."""
    asked = visit.request.query_params.get("view", "")
    return View(asked) if asked in list(View) else View.WAITING


def _listing(visit: Visit, unit: Unit) -> Listing:
    view = view_of(visit)
    wanted = conversation_list(visit.console, visit.staff, view, cursors.moment(visit, f"conversations {view}"))
    items = conversation_lists.page(unit, wanted)
    shown = items[: wanted.limit]
    more = ""
    if len(items) > wanted.limit:
        last = shown[-1]
        at = last.waiting_since or last.at if view is View.WAITING else last.at
        more = cursors.written(visit, f"conversations {view}", at, last.id)
    counts = conversation_lists.counts(unit, wanted)
    return Listing(view, shown, counts, more, drafts.places(unit, visit.staff.id))


def reachable(visit: Visit, unit: Unit, number: int, action: Action) -> tuple[Item, Conversation]:
    """The conversation, if the person may do this with it; one they may not read does not exist for them."""
    found, conversation = conversation_lists.one(unit, number), conversations.by_id(unit, number)
    if found is None or conversation is None:
        raise faults.NotFound("page_unknown")
    item, keepers = found
    own = owns_conversation(visit.staff, conversation.staff_id, keepers)
    if visit.own_only(Action.READ_CONVERSATIONS) and not own:
        raise faults.NotFound("page_unknown")
    demand(visit.staff, action, own=own)
    return item, conversation


def _shown(visit: Visit, unit: Unit, number: int) -> Shown:
    item, conversation = reachable(visit, unit, number, Action.READ_CONVERSATIONS)
    handover: Handover = visit.console.handover
    tickets = ticket_lists.of_conversation(unit, number, conversation.client_id)
    return Shown(
        item=item,
        conversation=conversation,
        stretch=client_timeline.spoken(unit, number, conversation.client_id, cursors.place(visit, "chronicle")),
        window=handover.window(unit, conversation, visit.console.clock.now()),
        client=client_lists.by_id(unit, conversation.client_id) if conversation.client_id else None,
        tickets=tickets if visit.may(Action.READ_TICKETS) else [],
        draft=drafts.kept(unit, visit.staff.id, PLACE.format(number)),
        mine=conversation.owner is Owner.STAFF and conversation.staff_id == visit.staff.id,
        phone=present(unit).say(Fact.PHONE, visit.locale),
        tie=ties.client_of(visit, unit, conversation) if visit.may(Action.ISSUE_BIND_CODE) else None,
        encloses=handover.encloses(conversation),
    )
