"""What a client wants to be sent: stopping everything, taking it back, how it stands."""

from collections.abc import Iterable, Sequence

from bot.messages import Reply, say
from bot.routing import Outcome, Turn
from bot.vocabulary import ConsentPurpose
from handlers.turns import BIND
from services import Services, Unit

BETWEEN = " / "
NOTHING = "-"


async def opt_out(turn: Turn, services: Services) -> Outcome:
    """Stop at once, one receipt, no word to hold the client; a chat without client is sent nothing anyway."""

    def act(unit: Unit) -> Sequence[Reply]:
        if turn.client is not None:
            services.consents.opt_out(unit, turn.client.id, turn.now)
        return (say("preference_opted_out", scope=services.label("scope_all", turn.locale)),)

    return act


async def opt_in(turn: Turn, services: Services) -> Outcome:
    """Take the stop back."""
    client = turn.client
    if client is None:
        return (say("bound_account_needed", options=(BIND,)),)

    def act(unit: Unit) -> Sequence[Reply]:
        services.consents.opt_in(unit, client.id, turn.now)
        return (say("preference_opted_in", scope=services.label("scope_all", turn.locale)),)

    return act


async def show(turn: Turn, services: Services) -> Outcome:
    """What the client agreed to."""
    client = turn.client
    if client is None:
        return (say("bound_account_needed", options=(BIND,)),)

    def act(unit: Unit) -> Sequence[Reply]:
        granted = services.consents.current(unit, client.id)
        refused = [purpose for purpose in ConsentPurpose if purpose not in granted]
        enabled = [purpose for purpose in ConsentPurpose if purpose in granted]
        named = {"enabled": _named(turn, services, enabled), "disabled": _named(turn, services, refused)}
        return (Reply("preference_current", named),)

    return act


def _named(turn: Turn, services: Services, purposes: Iterable[ConsentPurpose]) -> str:
    return BETWEEN.join(services.label(f"consent_{purpose}", turn.locale) for purpose in purposes) or NOTHING
