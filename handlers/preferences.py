"""What a client wants to be sent: stopping everything, taking it back, how it stands, by which channel first."""

from collections.abc import Iterable, Sequence

from bot.messages import Option, Reply, say
from bot.routing import Outcome, Turn
from bot.vocabulary import ChannelKind, ConsentPurpose
from handlers.turns import BIND
from services import Services, Unit, chats

BETWEEN = " / "
NOTHING = "-"
ANY = "any"
CHANNEL = Option("channel", label_key="option_channel")
ANY_CHANNEL = Option(f"prefer:{ANY}", label_key="option_any_channel")


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
        return (Reply("preference_current", named, options=(CHANNEL,)),)

    return act


async def ask_channel(turn: Turn, services: Services) -> Outcome:
    """Offer the channels that the client has bound."""
    client = turn.client
    if client is None:
        return (say("bound_account_needed", options=(BIND,)),)

    def act(unit: Unit) -> Sequence[Reply]:
        known = chats.choice(unit, client.id)
        if len(known.channels) < 2:
            here = known.channels[0] if known.channels else turn.conversation.addressee.channel
            return (say("preference_channel_single", channel=_channel(turn, services, here)),)
        options = [Option(f"prefer:{kind}", label_key=f"channel_{kind}") for kind in known.channels]
        current = _channel(turn, services, known.preferred) if known.preferred else NOTHING
        return (say("preference_channel_ask", current=current, options=(*options, ANY_CHANNEL)),)

    return act


async def choose_channel(turn: Turn, services: Services, answer: str) -> Outcome:
    """Write to the client by this channel first from now on."""
    client = turn.client
    if client is None:
        return (say("bound_account_needed", options=(BIND,)),)

    def act(unit: Unit) -> Sequence[Reply]:
        if answer == ANY:
            chats.prefer(unit, client.id, None, turn.now)
            return (Reply("preference_channel_any"),)
        if answer not in chats.choice(unit, client.id).channels:
            return (Reply("preference_channel_gone"),)
        chats.prefer(unit, client.id, ChannelKind(answer), turn.now)
        return (say("preference_channel_set", channel=_channel(turn, services, answer)),)

    return act


def _channel(turn: Turn, services: Services, kind: str) -> str:
    return services.label(f"channel_{kind}", turn.locale)


def _named(turn: Turn, services: Services, purposes: Iterable[ConsentPurpose]) -> str:
    return BETWEEN.join(services.label(f"consent_{purpose}", turn.locale) for purpose in purposes) or NOTHING
