"""Options picked by button, by number or from a platform's menu."""

from collections.abc import Mapping

from bot.routing import Handler, Outcome, Turn
from handlers import assessments, binding, complaints, followups, lessons, menu, people, preferences, questions, salons
from handlers.turns import picked
from services import Services

PLAIN: Mapping[str, Handler] = {
    "bind": binding.start,
    "channel": preferences.ask_channel,
    "complaint": complaints.start,
    "help": menu.explain,
    "lessons": lessons.show,
    "menu": menu.show,
    "none": followups.move_on,
    "person": people.ask,
    "preferences": preferences.show,
    "progress": complaints.progress,
    "risk": assessments.start,
    "share_phone": binding.ask_phone,
    "sign_up": salons.sign_up,
    "stop": preferences.opt_out,
}


async def chosen(turn: Turn, services: Services) -> Outcome:
    """What the picked value stands for; one that is not ours is told to be out of date."""
    value = picked(turn) or ""
    topic, _, rest = value.partition(":")
    if value in PLAIN:
        return await PLAIN[value](turn, services)
    match topic:
        case "faq":
            return await questions.chosen(turn, services, rest)
        case "useful" | "useless":
            return await questions.rate(turn, services, topic, rest)
        case "intake":
            return await complaints.choose(turn, services, value)
        case "assess":
            return await assessments.choose(turn, services, rest)
        case "course":
            return await lessons.open_course(turn, services, rest)
        case "lesson":
            return await lessons.give(turn, services, rest)
        case "quiz":
            return await lessons.choose(turn, services, rest)
        case "ticket":
            return await complaints.progress(turn, services)
        case "prefs":
            return await preferences.ask(turn, services, rest)
        case "consent":
            return await preferences.choose_consent(turn, services, rest)
        case "interest":
            return await preferences.choose_interest(turn, services, rest)
        case "quiet":
            return await preferences.choose_quiet(turn, services, rest)
        case "speak":
            return await preferences.choose_language(turn, services, rest)
        case "prefer":
            return await preferences.choose_channel(turn, services, rest)
        case "unbind":
            return await binding.unbind(turn, services, rest)
        case _:
            return await menu.stale(turn, services)
