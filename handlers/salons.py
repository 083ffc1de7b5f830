"""Salons: whoever scans the code of an occasion is asked whether to sign up, and staff see who wishes to."""

from collections.abc import Sequence

from bot.messages import Option, Reply, say
from bot.routing import Outcome, Turn
from handlers import menu
from handlers.turns import MENU
from services import Services, Unit, dialogs
from services.dialogs import SALON
from services.handover import Wish

SCENES = ("qrscene_salon_", "salon_")
"""What stands before an occasion's name in the scene of its code."""

SIGN_UP = Option("sign_up", label_key="option_sign_up")


def occasion_of(turn: Turn) -> str | None:
    """The occasion whose code was scanned."""
    value = turn.event.value if turn.event is not None else ""
    start = next((scene for scene in SCENES if value.startswith(scene)), None)
    return value.removeprefix(start).strip() or None if start else None


async def invite(turn: Turn, services: Services) -> Outcome:
    """Name the occasion and offer to sign up for it."""
    occasion = occasion_of(turn) or ""

    def act(unit: Unit) -> Sequence[Reply]:
        dialogs.remember(unit, turn.conversation.id, SALON, turn.now + services.rules.option_span, occasion=occasion)
        return (
            Reply("salon_invited", {"occasion": occasion}, options=(SIGN_UP, MENU), quoted=frozenset({"occasion"})),
        )

    return act


async def sign_up(turn: Turn, services: Services) -> Outcome:
    """Tell staff of the wish; they confirm it, for they know who may come and how many."""
    kept = dialogs.recall(turn.conversation, SALON, turn.now)
    if kept is None:
        return await menu.stale(turn, services)
    occasion = kept["occasion"]

    def act(unit: Unit) -> Sequence[Reply]:
        dialogs.forget(unit, turn.conversation.id, SALON)
        words = services.texts.render("salon_wish", turn.locale, {"occasion": occasion})
        place = services.handover.ask(unit, turn.conversation, Wish(turn.inbox_id, words, turn.now))
        return (say("salon_signed_up", occasion=occasion, number=place.number, options=(MENU,)),)

    return act
