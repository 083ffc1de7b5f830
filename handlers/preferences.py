"""What a client wants to be sent: each purpose, subjects, quiet hours, language, channel, and stopping everything."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import time

from bot.messages import Option, Reply, say
from bot.routing import Outcome, Turn
from bot.vocabulary import ChannelKind, ConsentPurpose, Interest, Locale
from handlers.turns import BIND
from services import Services, Unit, chats, commands, dialogs, preferences
from services.consents import VERSION, Statement
from services.records import Client

BETWEEN = " / "
NOTHING = "-"
ANY = "any"
CHANNEL = Option("channel", label_key="option_channel")
MENU = (
    Option("prefs:consents", label_key="option_preference_consents"),
    Option("prefs:interests", label_key="option_preference_interests"),
    Option("prefs:quiet", label_key="option_preference_quiet"),
    Option("prefs:language", label_key="option_preference_language"),
    CHANNEL,
    Option("stop", label_key="option_preference_stop"),
)
ANY_CHANNEL = Option(f"prefer:{ANY}", label_key="option_any_channel")


async def opt_out(turn: Turn, services: Services) -> Outcome:
    """Stop at once, one receipt, no word to hold the client; a chat without client is sent nothing anyway.

    Who names one kind of messages stops that one.
    """
    purpose = commands.packaged().purpose_in(turn.text)
    if purpose is not None and turn.client is not None:
        return await choose_consent(turn, services, f"{purpose}:off")

    def act(unit: Unit) -> Sequence[Reply]:
        if turn.client is not None:
            services.consents.opt_out(unit, turn.client.id, turn.now)
        return (say("preference_opted_out", scope=services.label("scope_all", turn.locale)),)

    return act


async def opt_in(turn: Turn, services: Services) -> Outcome:
    """Take the stop back; who names one kind of messages is asked in the words that are agreed to."""
    client, purpose = turn.client, commands.packaged().purpose_in(turn.text)
    if client is None:
        return (say("bound_account_needed", options=(BIND,)),)
    if purpose is not None:
        return await choose_consent(turn, services, f"{purpose}:on")

    def act(unit: Unit) -> Sequence[Reply]:
        services.consents.opt_in(unit, client.id, turn.now)
        return (say("preference_opted_in", scope=services.label("scope_all", turn.locale)),)

    return act


async def show(turn: Turn, services: Services) -> Outcome:
    """How everything stands, and what can be changed."""
    client = turn.client
    if client is None:
        return (say("bound_account_needed", options=(BIND,)),)

    def act(unit: Unit) -> Sequence[Reply]:
        granted = services.consents.current(unit, client.id)
        wishes, known = preferences.wishes(unit, client.id), chats.choice(unit, client.id)
        said = {
            "enabled": _named(turn, services, [each for each in ConsentPurpose if each in granted]),
            "disabled": _named(turn, services, [each for each in ConsentPurpose if each not in granted]),
            "interests": _interests(turn, services, wishes.interests),
            "quiet": _hours(wishes.quiet),
            "language": services.label(f"language_{wishes.locale.value.lower()}", turn.locale),
            "channel": _channel(turn, services, known.preferred) if known.preferred else NOTHING,
        }
        stopped = (Reply("preference_stopped"),) if wishes.opted_out else ()
        return (*stopped, Reply("preference_current", said, options=MENU))

    return act


async def ask(turn: Turn, services: Services, subject: str) -> Outcome:
    """One of the preferences with what may be chosen."""
    client = turn.client
    if client is None or subject not in ASKED:
        return (say("bound_account_needed", options=(BIND,)),)
    return lambda unit: ASKED[subject](unit, turn, services, client)


async def choose_consent(turn: Turn, services: Services, answer: str) -> Outcome:
    """Turning off holds at once, with one receipt; turning on is asked for in the words that are agreed to."""
    name, _, wish = answer.partition(":")
    client = turn.client
    if client is None or name not in list(ConsentPurpose):
        return (say("bound_account_needed", options=(BIND,)),)
    purpose, now = ConsentPurpose(name), turn.now
    scope = services.label(f"consent_{purpose}", turn.locale)
    said = Statement(client.id, purpose, wish == "yes", VERSION, turn.conversation.addressee.channel, now)

    def act(unit: Unit) -> Sequence[Reply]:
        match wish:
            case "on":
                return (say("preference_consent_ask", scope=scope, options=_yes_or_no(purpose)),)
            case "yes":
                stopped = preferences.wishes(unit, client.id).opted_out
                services.consents.agree(unit, said)
                return (say("preference_consent_only" if stopped else "preference_consent_given", scope=scope),)
            case "no":
                return (say("preference_consent_declined", scope=scope),)
        services.consents.state(unit, said)
        return (say("preference_consent_withdrawn", scope=scope),)

    return act


async def choose_interest(turn: Turn, services: Services, name: str) -> Outcome:
    """Note a subject, or take it off."""
    client = turn.client
    if client is None or name not in list(Interest):
        return (say("bound_account_needed", options=(BIND,)),)

    def act(unit: Unit) -> Sequence[Reply]:
        preferences.toggle(unit, client.id, Interest(name), turn.now)
        return _ask_interests(unit, turn, services, client)

    return act


async def choose_quiet(turn: Turn, services: Services, answer: str) -> Outcome:
    """Quiet hours picked or typed; anything else takes them off."""
    client, span = turn.client, preferences.span_in(answer)
    if client is None:
        return (say("bound_account_needed", options=(BIND,)),)

    def act(unit: Unit) -> Sequence[Reply]:
        dialogs.forget(unit, turn.conversation.id, dialogs.QUIET)
        preferences.leave_alone(unit, client.id, span, turn.now)
        if span is None:
            return (Reply("preference_quiet_off"),)
        return (say("preference_quiet_set", start=span[0].isoformat(), end=span[1].isoformat()),)

    return act


async def type_quiet(turn: Turn, services: Services) -> Outcome:
    """Quiet hours in the client's own words; they are asked for again where they are none."""
    if preferences.span_in(turn.text) is None:
        return await ask(turn, services, "quiet")
    return await choose_quiet(turn, services, turn.text)


def types_quiet(turn: Turn) -> bool:
    """Whether hours were asked for and this names some, or tries to."""
    return preferences.like_hours(turn.text) and dialogs.recall(turn.conversation, dialogs.QUIET, turn.now) is not None


async def choose_language(turn: Turn, services: Services, name: str) -> Outcome:
    """Write in this language from now on, here and elsewhere."""
    client = turn.client
    if name not in list(Locale):
        return (say("bound_account_needed", options=(BIND,)),)

    def act(unit: Unit) -> Sequence[Reply]:
        dialogs.speak(unit, turn.conversation.id, Locale(name))
        if client is not None:
            preferences.write_in(unit, client.id, Locale(name), turn.now)
        return (Reply("preference_language_set", locale=Locale(name)),)

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


def _ask_consents(unit: Unit, turn: Turn, services: Services, client: Client) -> Sequence[Reply]:
    granted = services.consents.current(unit, client.id)
    options = [_switch(turn, services, purpose, on=purpose in granted) for purpose in ConsentPurpose]
    return (say("preference_consents", options=tuple(options)),)


def _switch(turn: Turn, services: Services, purpose: ConsentPurpose, *, on: bool) -> Option:
    deed = services.label("turn_off" if on else "turn_on", turn.locale)
    label = f"{deed} {services.label(f'consent_{purpose}', turn.locale)}"
    return Option(f"consent:{purpose}:{'off' if on else 'on'}", label=label)


def _yes_or_no(purpose: ConsentPurpose) -> tuple[Option, ...]:
    yes = Option(f"consent:{purpose}:yes", label_key="option_agree")
    return (yes, Option(f"consent:{purpose}:no", label_key="option_disagree"))


def _ask_interests(unit: Unit, turn: Turn, services: Services, client: Client) -> Sequence[Reply]:
    liked = _interests(turn, services, preferences.wishes(unit, client.id).interests)
    options = tuple(Option(f"interest:{each}", label_key=f"interest_{each}") for each in Interest)
    return (say("preference_interests", interests=liked, options=options),)


def _ask_quiet(unit: Unit, turn: Turn, services: Services, client: Client) -> Sequence[Reply]:
    dialogs.remember(unit, turn.conversation.id, dialogs.QUIET, turn.now + services.rules.option_span)
    presets = tuple(Option(f"quiet:{each}", label=each) for each in preferences.PRESETS)
    off = Option("quiet:off", label_key="option_quiet_off")
    quiet = _hours(preferences.wishes(unit, client.id).quiet)
    return (say("preference_quiet_ask", quiet=quiet, options=(*presets, off)),)


def _ask_language(_unit: Unit, _turn: Turn, _services: Services, _client: Client) -> Sequence[Reply]:
    chinese = Option(f"speak:{Locale.ZH_CN}", label_key="option_chinese")
    return (
        say("preference_language_ask", options=(chinese, Option(f"speak:{Locale.EN}", label_key="option_english"))),
    )


ASKED: Mapping[str, Callable[[Unit, Turn, Services, Client], Sequence[Reply]]] = {
    "consents": _ask_consents,
    "interests": _ask_interests,
    "quiet": _ask_quiet,
    "language": _ask_language,
}


def _interests(turn: Turn, services: Services, liked: Iterable[Interest]) -> str:
    return BETWEEN.join(services.label(f"interest_{each}", turn.locale) for each in liked) or NOTHING


def _hours(span: tuple[time, time] | None) -> str:
    return f"{span[0]:%H:%M}-{span[1]:%H:%M}" if span else NOTHING
