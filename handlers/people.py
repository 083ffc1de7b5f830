"""The way to a person."""

from collections.abc import Sequence

from bot.messages import Reply, say
from bot.routing import Outcome, Turn
from bot.vocabulary import Level
from handlers.turns import MENU, running
from services import Services, Unit, branch
from services.branch import Fact
from services.handover import Waiting, Wish


async def ask(turn: Turn, services: Services) -> Outcome:
    """Put the client into the queue and say what to expect; a complaint being told rests meanwhile."""

    def act(unit: Unit) -> Sequence[Reply]:
        wish = Wish(turn.inbox_id, turn.text, turn.now)
        place = services.handover.ask(unit, turn.conversation, wish)
        if running(turn):
            services.intakes.pause(unit, turn.conversation, turn.now)
        return (*promised(unit, turn, place), *_resting(turn))

    return act


async def crisis(turn: Turn, services: Services) -> Outcome:
    """Words that may save a life, and a person at once."""

    def act(unit: Unit) -> Sequence[Reply]:
        services.handover.ask(unit, turn.conversation, Wish(turn.inbox_id, turn.text, turn.now, Level.P1))
        hotline = branch.present(unit).say(Fact.CRISIS_HOTLINE, turn.locale)
        return (say("complaint_crisis", hotline=hotline),)

    return act


def promised(unit: Unit, turn: Turn, place: Waiting) -> Sequence[Reply]:
    """What a client in the queue may expect."""
    if place.promise is None:
        return (say("handover_ticket_undated", number=place.number),)
    promise = place.promise.isoformat()
    if place.staffed is False:
        facts = branch.present(unit)
        hours, phone = facts.say(Fact.HOURS, turn.locale), facts.say(Fact.PHONE, turn.locale)
        return (
            say("handover_outside_hours", hours=hours, phone=phone, reply_by=promise),
            say("handover_left_message", number=place.number, options=(MENU,)),
        )
    if place.ahead == 0:
        return (say("handover_ticket_opened", number=place.number, promise=promise),)
    ahead, minutes = place.ahead, place.minutes
    return (say("handover_ticket_queued", number=place.number, ahead=ahead, minutes=minutes, promise=promise),)


def _resting(turn: Turn) -> Sequence[Reply]:
    return (say("complaint_paused"),) if running(turn) else ()
