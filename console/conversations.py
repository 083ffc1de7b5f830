"""Conversations: the queue, one dialogue, taking it over, answering, handing it back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from starlette.responses import RedirectResponse, Response

from bot.errors import Conflict, NotPermitted, Refused
from bot.live import STAFF_TYPING
from bot.vocabulary import Action, Owner
from console import cursors, faults
from console.deeds import carry_out, submitted
from console.entries import ADDRESS as ENTRY
from console.visits import Visit
from services import dialogs
from services.branch import Fact, present
from services.desk import owns_conversation
from services.handover import Answer, Handover, Window
from services.identity import Identity, Result, Step, Vouched
from services.knowledge import dialogue
from services.proposals import Proposals, reply_id
from services.staff import demand
from storage.repositories import (
    bindings,
    chronicle,
    client_lists,
    conversation_lists,
    conversations,
    drafts,
    form_keys,
    replies,
    ticket_lists,
)
from storage.repositories.conversation_lists import Item, View, Wanted
from storage.repositories.conversations import Conversation
from storage.repositories.staff import Staff
from storage.unit import Unit

LONGEST_NUMBER = 18
LONGEST_CLIENT = 32
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


async def index(visit: Visit) -> Response:
    """The list; on wide screens with room for a conversation beside it."""
    listing = await visit.console.database.read(lambda unit: _listing(visit, unit))
    return visit.page(
        "conversations.html.j2", listing=listing, shown=None, error="", me_may_reply=False, me_may_propose=False
    )


async def show(visit: Visit) -> Response:
    """One conversation."""
    return await _page(visit, "")


async def take(visit: Visit) -> Response:
    """Answer in it from now on."""
    return await _act(visit, partial(_take, visit))


async def reply(visit: Visit) -> Response:
    """Say something to the client."""
    return await _act(visit, partial(_reply, visit))


async def propose(visit: Visit) -> Response:
    """Make a draft of the knowledge base of something that staff said here."""
    number, given = _number(visit), str((await visit.form()).get("delivery", ""))
    if not given.isdecimal() or len(given) > LONGEST_NUMBER:
        raise Refused("form_unreadable")
    form, proposals = await submitted(visit), Proposals(visit.console.editions)
    back = f"{ENTRY.format(reply_id(int(given)))}#edit"

    def work(unit: Unit) -> None:
        _found(visit, unit, number, Action.READ_CONVERSATIONS)
        said = replies.said(unit, int(given))
        if said is None or said.conversation_id != number:
            raise faults.NotFound("page_unknown")
        proposals.reply(unit, visit.staff, int(given), visit.console.knowledge())

    return await carry_out(visit, form, f"conversation:{number}:propose", back, work)


async def hand_back(visit: Visit) -> Response:
    """Let the bot answer again."""
    return await _act(visit, await _leaving(visit, visit.console.handover.hand_back))


async def end(visit: Visit) -> Response:
    """Let the bot answer again, and end the inquiry."""
    return await _act(visit, await _leaving(visit, visit.console.handover.close))


async def tie(visit: Visit) -> Response:
    """Make the chat of a client who cannot write to us in it theirs."""
    number, form, given = _number(visit), await submitted(visit), await visit.form()
    wanted, tail = (str(given.get(name, "")).strip()[:LONGEST_CLIENT] for name in ("client", "tail"))
    now, back = visit.console.clock.now(), f"/console/conversations/{number}?view={_view(visit)}"

    def once(unit: Unit) -> Step | None:
        _, conversation = _found(visit, unit, number, Action.READ_CONVERSATIONS)
        if not _is_deaf(visit, conversation):
            raise faults.NotFound("page_unknown")
        if not form_keys.claim(unit, form.key, visit.staff.id, back, now):
            return None
        kept = dialogs.recall(conversation, dialogs.BINDING, now) or {}
        vouched = Vouched(conversation.account_id, wanted, tail, now, kept.get("code"))
        return Identity(visit.console.rules).vouch(unit, visit.staff, vouched)

    try:
        step = await visit.console.database.write(once)
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        return await _page(visit, faults.say(visit, refused), 422)
    if step is None or step.result is Result.DONE:
        return RedirectResponse(back, 303)
    told = Refused(f"tie_{step.result}", remaining=step.remaining, until=step.until or now)
    return await _page(visit, faults.say(visit, told), 422)


async def typing(visit: Visit) -> Response:
    """The person is typing; the client hears of it while it is this person who answers them."""
    number = _number(visit)

    def owned(unit: Unit) -> bool:
        _, conversation = _found(visit, unit, number, Action.REPLY)
        return conversation.owner is Owner.STAFF and conversation.staff_id == visit.staff.id

    if await visit.console.database.read(owned):
        visit.console.live.publish([f"{STAFF_TYPING}:{number}"])
    return Response(status_code=204)


def _take(visit: Visit, unit: Unit, answer: Answer) -> None:
    visit.console.handover.take(unit, answer.conversation_id, visit.staff, answer.at)


def _reply(visit: Visit, unit: Unit, answer: Answer) -> None:
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


async def _act(visit: Visit, work: Callable[[Unit, Answer], None]) -> Response:
    """Do something in the conversation; what is refused is said on its page, with the text kept."""
    number = _number(visit)
    form = await submitted(visit)
    answer = Answer(number, form.key, form.text, visit.console.clock.now())

    def checked(unit: Unit) -> None:
        _found(visit, unit, number, Action.REPLY)
        work(unit, answer)

    back = f"/console/conversations/{number}?view={_view(visit)}"
    try:
        return await carry_out(visit, form, _place(visit, number), back, checked)
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        return await _page(visit, faults.say(visit, refused), 409 if isinstance(refused, Conflict) else 422)


def _place(visit: Visit, number: int) -> str:
    """Replies are kept as drafts; the line that sums up at the end has a place of its own."""
    replying = visit.request.url.path.endswith("/reply")
    return PLACE.format(number) if replying else f"conversation:{number}:summary"


async def _page(visit: Visit, error: str, status: int = 200) -> Response:
    number = _number(visit)

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


def _number(visit: Visit) -> int:
    return int(visit.request.path_params["number"])


def _view(visit: Visit) -> View:
    asked = visit.request.query_params.get("view", "")
    return View(asked) if asked in list(View) else View.WAITING


def _listing(visit: Visit, unit: Unit) -> Listing:
    view, own_only = _view(visit), visit.own_only(Action.READ_CONVERSATIONS)
    wanted = Wanted(view, visit.staff.id, own_only, after=cursors.moment(visit, f"conversations {view}"))
    items = conversation_lists.page(unit, wanted)
    shown = items[: wanted.limit]
    more = ""
    if len(items) > wanted.limit:
        last = shown[-1]
        at = last.waiting_since or last.at if view is View.WAITING else last.at
        more = cursors.written(visit, f"conversations {view}", at, last.id)
    counts = conversation_lists.counts(unit, visit.staff.id, own_only=own_only)
    return Listing(view, shown, counts, more, drafts.places(unit, visit.staff.id))


def _found(visit: Visit, unit: Unit, number: int, action: Action) -> tuple[Item, Conversation]:
    """The conversation, if the person may do this with it; one they may not read does not exist for them."""
    found, conversation = conversation_lists.one(unit, number), conversations.by_id(unit, number)
    if found is None or conversation is None:
        raise faults.NotFound("page_unknown")
    item, manager_id = found
    own = owns_conversation(visit.staff, conversation.staff_id, manager_id)
    if visit.own_only(Action.READ_CONVERSATIONS) and not own:
        raise faults.NotFound("page_unknown")
    demand(visit.staff, action, own=own)
    return item, conversation


def _is_deaf(visit: Visit, conversation: Conversation) -> bool:
    """Whether nothing that the client writes there reaches us."""
    chat = conversation.addressee
    capabilities = visit.console.capabilities.get((chat.channel, chat.account))
    return capabilities is not None and not capabilities.hears


def _tie(visit: Visit, unit: Unit, conversation: Conversation) -> str | None:
    """The number of the client whose code such a chat came with, empty without one; None with nothing to tie."""
    if conversation.client_id is not None or not visit.may(Action.ISSUE_BIND_CODE) or not _is_deaf(visit, conversation):
        return None
    kept = dialogs.recall(conversation, dialogs.BINDING, visit.console.clock.now())
    return bindings.client_number(unit, kept["code"]) or "" if kept else ""


def _shown(visit: Visit, unit: Unit, number: int) -> Shown:
    item, conversation = _found(visit, unit, number, Action.READ_CONVERSATIONS)
    handover: Handover = visit.console.handover
    return Shown(
        item=item,
        conversation=conversation,
        stretch=chronicle.stretch(unit, number, cursors.place(visit, "chronicle")),
        window=handover.window(unit, conversation, visit.console.clock.now()),
        client=client_lists.by_id(unit, conversation.client_id) if conversation.client_id else None,
        tickets=ticket_lists.of_conversation(unit, number) if visit.may(Action.READ_TICKETS) else [],
        draft=drafts.kept(unit, visit.staff.id, PLACE.format(number)),
        mine=conversation.owner is Owner.STAFF and conversation.staff_id == visit.staff.id,
        phone=present(unit).say(Fact.PHONE, visit.locale),
        tie=_tie(visit, unit, conversation),
    )
