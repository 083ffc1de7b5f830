"""What happens around a chat without words."""

from bot.routing import Outcome, Turn
from bot.vocabulary import EventKind
from handlers import binding, menu, salons
from services import Services


async def happened(turn: Turn, services: Services) -> Outcome:
    """A new chat is welcomed, a code in its scene binds it or invites it; the rest needs no answer."""
    greeted = turn.event is not None and turn.event.kind is EventKind.RETURNED
    if binding.code_of(turn) is not None:
        return await (binding.keep if greeted else binding.present)(turn, services)
    if salons.occasion_of(turn) is not None and services.hears(turn.conversation.addressee):
        return await salons.invite(turn, services)
    if turn.event is not None and turn.event.kind is EventKind.FOLLOWED:
        return await menu.welcome(turn, services)
    return ()
