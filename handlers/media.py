"""Messages without words."""

from collections.abc import Sequence

from bot.messages import ALBUM, Incoming, Reply, say
from bot.routing import Outcome, Turn
from bot.vocabulary import MessageKind
from handlers import complaints
from handlers.turns import PERSON, heard, kind, paused, running, waiting
from services import Services, Unit, albums

MATERIAL = frozenset(
    {MessageKind.IMAGE, MessageKind.VOICE, MessageKind.VIDEO, MessageKind.FILE, MessageKind.LOCATION, MessageKind.LINK}
)
"""What may belong to a complaint; files are fetched apart from the turn."""


async def wordless(turn: Turn, services: Services) -> Outcome:
    """Material of a complaint goes to it, a person waited for gets it, everything else gets a polite line.

    All pictures of an album are kept, and the first that comes is answered.
    """
    outcome, message = _outcome(turn, services), turn.message
    if not isinstance(message, Incoming) or ALBUM not in message.media:
        return outcome

    def act(unit: Unit) -> Sequence[Reply]:
        replies = outcome(unit) if callable(outcome) else outcome
        return () if albums.answered(unit, turn.conversation.id, turn.inbox_id, message) else replies

    return act


def _outcome(turn: Turn, services: Services) -> Outcome:
    sent = kind(turn)
    if sent is MessageKind.RECALLED:
        return (Reply("recalled_message"),)
    if sent in MATERIAL and running(turn):
        return lambda unit: (Reply("complaint_material_kept"), *complaints.asked_again(unit, turn, services))
    if sent in MATERIAL and paused(turn):
        return lambda unit: _kept_resting(unit, turn, services)
    if sent in MATERIAL and waiting(turn):
        return lambda unit: _left(unit, turn, services)
    if sent in MATERIAL:
        return lambda unit: _supplemented(unit, turn, services)
    if sent in (MessageKind.TEXT, MessageKind.CHOICE):
        return (Reply("empty_message"),)
    return (_unsupported(turn, services),)


def _left(unit: Unit, turn: Turn, services: Services) -> Sequence[Reply]:
    ticket = services.handover.waiting_with(unit, turn.conversation)
    return (say("handover_left_message", number=ticket.number),) if ticket else (_unsupported(turn, services),)


def _kept_resting(unit: Unit, turn: Turn, services: Services) -> Sequence[Reply]:
    """What comes while a complaint rests belongs to it, and does not wake it."""
    if services.intakes.aside(unit, turn.conversation, heard(turn)) is None:
        return _supplemented(unit, turn, services)
    return (say("complaint_material_kept", options=(complaints.RESUME,)),)


def _supplemented(unit: Unit, turn: Turn, services: Services) -> Sequence[Reply]:
    """What comes in the days after a complaint was registered belongs to it."""
    ticket = services.intakes.supplement(unit, turn.conversation, heard(turn))
    return (complaints.added(ticket),) if ticket else (_unsupported(turn, services),)


def _unsupported(turn: Turn, services: Services) -> Reply:
    named = services.label(f"message_kind_{kind(turn)}", turn.locale)
    return say("unsupported_message", kind=named, options=(PERSON,))
