"""Pictures and files of clients, and pictures sent to them, for those who may read where they were sent.

A copy to look at, or what was sent.
"""

from starlette.responses import Response

from bot.vocabulary import Action
from console import faults
from console.visits import Visit
from services import audit
from services.audit import Deed
from services.desk import owns_conversation, owns_ticket
from services.media.kinds import is_picture
from storage.repositories import conversation_lists, conversations, ticket_lists
from storage.repositories import media as rows
from storage.repositories.media import Kept
from storage.unit import Unit


async def show(visit: Visit) -> Response:
    """A copy of a picture; with `?original=1`, and of everything else, what the client sent, which is written down."""
    number = int(visit.request.path_params["number"])
    kept = await visit.console.database.read(lambda unit: _readable(visit, unit, number))
    original = "original" in visit.request.query_params or not is_picture(kept.type)
    handed = await visit.console.library.hand_out(kept, original=original)
    if handed is None:
        raise faults.NotFound("page_unknown")
    if original:
        deed = Deed("media.open", f"media:{kept.id}", visit.console.clock.now(), visit.staff.id)
        await visit.console.database.write(lambda unit: audit.record(unit, deed))
    return Response(handed.content, media_type=handed.type, headers=dict(handed.headers))


def _readable(visit: Visit, unit: Unit, number: int) -> Kept:
    """One that the person may see; any other does not exist for them."""
    if (shown := rows.of_broadcast(unit, number)) is not None:
        return shown
    kept = rows.kept(unit, number) or rows.ours(unit, number)
    if kept is None or not (_in_own_conversation(visit, unit, kept) or _on_own_ticket(visit, unit, kept)):
        raise faults.NotFound("page_unknown")
    return kept


def _in_own_conversation(visit: Visit, unit: Unit, kept: Kept) -> bool:
    found = conversation_lists.one(unit, kept.conversation_id)
    conversation = conversations.by_id(unit, kept.conversation_id)
    if found is None or conversation is None:
        return False
    own = owns_conversation(visit.staff, conversation.staff_id, found[1])
    return own or not visit.own_only(Action.READ_CONVERSATIONS)


def _on_own_ticket(visit: Visit, unit: Unit, kept: Kept) -> bool:
    """Whoever works on a complaint sees what was sent to it, also where the client is another's."""
    if kept.inbox_id is None or not visit.may(Action.READ_TICKETS):
        return False
    tickets = (ticket_lists.by_number(unit, number) for number in rows.tickets_with(unit, kept.inbox_id))
    return any(ticket is not None and owns_ticket(visit.staff, ticket) for ticket in tickets)
