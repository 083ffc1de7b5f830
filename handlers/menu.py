"""Welcome, menu, help, greetings and the language."""

from collections.abc import Sequence

from bot.messages import Option, Reply, say
from bot.routing import Outcome, Turn
from bot.vocabulary import Locale
from handlers.turns import BIND, COMPLAINT, MENU, PERSON, PROGRESS
from services import Services, Unit, branch, dialogs
from services.branch import Fact
from services.commands import Command
from services.knowledge.outcome import THANKS


async def welcome(turn: Turn, services: Services) -> Outcome:
    """The first words, with the questions most asked; where nothing that they write reaches us, who answers there."""
    heard = services.hears(turn.conversation.addressee)

    def act(unit: Unit) -> Sequence[Reply]:
        name = branch.present(unit).say(Fact.NAME, turn.locale)
        if not heard:
            return (say("welcome_contact", branch=name),)
        options = (*common(turn, services), COMPLAINT, PERSON, MENU)
        return (say("welcome", branch=name, manager="", options=options),)

    return act


async def show(turn: Turn, services: Services) -> Outcome:
    """The menu."""
    account = () if turn.client else (BIND,)
    return (say("menu_main", options=(*common(turn, services), PROGRESS, COMPLAINT, *account, PERSON)),)


async def explain(turn: Turn, services: Services) -> Outcome:
    """How to use the service."""
    return (say("help_text", options=(MENU, PERSON)),)


async def greet(turn: Turn, services: Services) -> Outcome:
    """Answer a greeting or thanks."""
    if turn.finding is not None and turn.finding.reason == THANKS:
        return (say("question_thanks"),)
    return (say("question_greeting", options=(*common(turn, services), MENU)),)


async def stale(turn: Turn, services: Services) -> Outcome:
    """Say that a button or number belongs to a list that no longer holds."""
    return (say("option_stale", options=(MENU,)),)


async def switch(turn: Turn, services: Services) -> Outcome:
    """Speak another language from now on."""
    locale = Locale.EN if services.commands.of(turn.text) is Command.ENGLISH else Locale.ZH_CN

    def act(unit: Unit) -> Sequence[Reply]:
        dialogs.speak(unit, turn.conversation.id, locale)
        return (Reply("preference_language_set", locale=locale),)

    return act


def common(turn: Turn, services: Services) -> tuple[Option, ...]:
    """The questions most asked, in the client's language."""
    known = services.knowledge.entries
    return tuple(question(services, name, turn.locale) for name in services.commands.common if name in known)


def question(services: Services, entry_id: str, locale: Locale) -> Option:
    """An entry to pick."""
    entry = services.knowledge.entry(entry_id)
    english = entry.english if locale is Locale.EN else None
    return Option(f"faq:{entry_id}", label=(english or entry.chinese).question)
