"""Complaints: being told step by step, registered, asked about."""

import re
from collections.abc import Mapping, Sequence

from bot.messages import Option, Reply, say
from bot.routing import Outcome, Turn
from bot.vocabulary import IntakeStep, TicketState
from handlers.turns import COMPLAINT, PERSON, heard, picked
from services import Services, Unit, branch
from services.branch import Branch, Fact
from services.commands import Command
from services.intakes import Heard, Registered, Told, answer_to, contact_of, receipt
from services.knowledge.outcome import Outcome as Found
from services.tickets import Ticket, number_in

SKIP = Option("intake:skip", label_key="option_skip")
CANCEL = Option("intake:cancel", label_key="option_cancel")
LATER = Option("intake:later", label_key="option_later")
CONFIRM = Option("intake:confirm", label_key="option_confirm")
EDIT = Option("intake:edit", label_key="option_edit")
HERE = Option("intake:here", label_key="option_contact_here")
RESUME = Option("intake:resume", label_key="option_continue")

ASKED: Mapping[IntakeStep, Reply] = {
    IntakeStep.WHAT: say("complaint_start", options=(LATER, CANCEL, PERSON)),
    IntakeStep.WHEN: say("complaint_ask_when", options=(SKIP, LATER, CANCEL)),
    IntakeStep.DEMAND: say("complaint_ask_demand", options=(SKIP, LATER, CANCEL)),
    IntakeStep.CONTACT: say("complaint_ask_contact", options=(HERE, SKIP, CANCEL)),
}
ORDERS = {
    Command.SKIP: "intake:skip",
    Command.CANCEL: "intake:cancel",
    Command.CONFIRM: "intake:confirm",
    Command.EDIT: "intake:edit",
    Command.LATER: "intake:later",
    Command.RESUME: "intake:resume",
}
SHOWN = 80
"""Signs of an answer that are read back to the client."""

PROGRESS_SHOWN = 6
NOTHING = "-"
_DIGITS = re.compile(r"(\d{3})[\d -]{3,}(\d{4})")


async def start(turn: Turn, services: Services) -> Outcome:
    """Begin the intake, or go on with one; an angry message is its first answer already."""
    bare = picked(turn) is not None or services.commands.of(turn.text) is Command.COMPLAINT
    angry = heard(turn)

    def act(unit: Unit) -> Sequence[Reply]:
        known = None if bare or turn.intake else services.intakes.supplement(unit, turn.conversation, angry)
        if known:
            return (added(known),)
        told = services.intakes.start(unit, turn.conversation, angry, bare=bare)
        resumed = (Reply("complaint_resumed"),) if turn.intake else ()
        return (*resumed, *_next(unit, turn, told))

    return act


async def step(turn: Turn, services: Services) -> Outcome:
    """A message while a complaint is told: an order, a question in between, or the answer."""
    order = services.commands.of(turn.text)
    if order in ORDERS:
        return await choose(turn, services, ORDERS[order])
    if _is_aside(turn, services):
        return lambda unit: asked_again(unit, turn, services)
    return lambda unit: _answered(unit, turn, services, heard(turn))


async def choose(turn: Turn, services: Services, value: str) -> Outcome:
    """One of the intake's options."""
    if turn.intake is None:
        return _gone()

    def act(unit: Unit) -> Sequence[Reply]:
        intakes, conversation, now = services.intakes, turn.conversation, turn.now
        match value:
            case "intake:skip":
                return _told(unit, turn, intakes.skip(unit, conversation, now))
            case "intake:confirm" if turn.intake and turn.intake.step is IntakeStep.CONFIRM:
                return _told(unit, turn, intakes.confirm(unit, conversation, now))
            case "intake:here":
                here = Heard(turn.inbox_id, services.label("option_contact_here", turn.locale), now)
                return _answered(unit, turn, services, here)
            case "intake:later":
                return _moved(intakes.pause(unit, conversation, now), say("complaint_paused", options=(RESUME,)))
            case "intake:cancel":
                return _moved(intakes.cancel(unit, conversation, now), say("complaint_cancelled", options=(COMPLAINT,)))
            case "intake:resume":
                again = intakes.resume(unit, conversation, now)
                return (Reply("complaint_resumed"), *_next(unit, turn, again)) if again else _gone()
            case "intake:edit":
                return (say("complaint_edit"),)
            case _:
                return asked_again(unit, turn, services)

    return act


async def progress(turn: Turn, services: Services) -> Outcome:
    """How a complaint stands; only who made it is told."""
    value = picked(turn) or ""
    number = number_in(value) or number_in(turn.text)

    def act(unit: Unit) -> Sequence[Reply]:
        mine = services.tickets.complaints_of(unit, turn.conversation.id, turn.conversation.client_id)
        named = [ticket for ticket in mine if number in (None, ticket.number)]
        if not named:
            wanted = say("complaint_not_found", number=number) if number else Reply("complaint_none")
            return (Reply(wanted.key, wanted.parameters, options=(COMPLAINT, PERSON)),)
        if len(named) == 1:
            return (_standing(unit, turn, services, named[0]),)
        listed = tuple(Option(f"ticket:{each.number}", label=each.number) for each in named[:PROGRESS_SHOWN])
        return (say("complaint_choose", options=listed),)

    return act


def asked_again(unit: Unit, turn: Turn, services: Services) -> Sequence[Reply]:
    """Keep what was said in between and ask the step's question again."""
    intake = services.intakes.aside(unit, turn.conversation, heard(turn))
    return _next(unit, turn, intake) if intake else _late(unit, turn, services, heard(turn))


def added(ticket: Ticket) -> Reply:
    """What came later is on the ticket."""
    return say("complaint_added", number=ticket.number, options=(COMPLAINT, PERSON))


def _is_aside(turn: Turn, services: Services) -> bool:
    """Courtesies, and what the intake asks for anyway."""
    courtesy = turn.finding is not None and turn.finding.outcome is Found.GREETING
    return courtesy or services.commands.of(turn.text) is not None


def _answered(unit: Unit, turn: Turn, services: Services, words: Heard) -> Sequence[Reply]:
    """Take the words as the step's answer; where the intake is over by now, add them to the ticket."""
    told = services.intakes.answer(unit, turn.conversation, words)
    return _late(unit, turn, services, words) if told is None else _next(unit, turn, told)


def _late(unit: Unit, turn: Turn, services: Services, words: Heard) -> Sequence[Reply]:
    """Words for an intake that is over by now go to its ticket."""
    ticket = services.intakes.supplement(unit, turn.conversation, words)
    return (added(ticket),) if ticket else _gone()


def _told(unit: Unit, turn: Turn, told: Told | None) -> Sequence[Reply]:
    return _gone() if told is None else _next(unit, turn, told)


def _moved(moved: object | None, reply: Reply) -> Sequence[Reply]:
    return _gone() if moved is None else (reply,)


def _gone() -> Sequence[Reply]:
    """The complaint was registered or cancelled meanwhile."""
    return (say("option_stale", options=(COMPLAINT,)),)


def _next(unit: Unit, turn: Turn, told: Told) -> Sequence[Reply]:
    """The step's question, or the receipt."""
    if isinstance(told, Registered):
        return _receipt(unit, turn, told)
    if told.step is not IntakeStep.CONFIRM:
        return (ASKED[told.step],)
    answers = {
        "summary": _short(answer_to(told, IntakeStep.WHAT)),
        "when": _short(answer_to(told, IntakeStep.WHEN)),
        "demand": _short(answer_to(told, IntakeStep.DEMAND)),
        "contact": _short(_DIGITS.sub(r"\1****\2", contact_of(unit, told))),
    }
    reply = Reply("complaint_confirm", answers, options=(CONFIRM, EDIT, CANCEL), quoted=frozenset(answers))
    return (reply,)


def _receipt(unit: Unit, turn: Turn, done: Registered) -> Sequence[Reply]:
    facts = branch.present(unit)
    key, parameters = receipt(done.ticket)
    phone = facts.say(Fact.COMPLAINT_PHONE, turn.locale)
    whistle = (Reply("complaint_classified_whistle"),) if done.suggestion.kind == "whistleblowing" else ()
    urgent = _urgent(facts, turn, done.suggestion.reply)
    return (*urgent, Reply(key, parameters), *whistle, say("complaint_other_ways", company_phone=phone))


def _urgent(facts: Branch, turn: Turn, key: str | None) -> Sequence[Reply]:
    """What must be said at once before anything else."""
    match key:
        case None:
            return ()
        case "complaint_urgent_account":
            return (Reply(key, {"security_phone": facts.say(Fact.SECURITY_PHONE, turn.locale)}),)
        case "complaint_crisis":
            return (Reply(key, {"hotline": facts.say(Fact.CRISIS_HOTLINE, turn.locale)}),)
        case _:
            return (Reply(key),)


def _standing(unit: Unit, turn: Turn, services: Services, ticket: Ticket) -> Reply:
    status = services.label(f"ticket_state_{ticket.state}", turn.locale)
    assignee = services.tickets.assignee(unit, ticket)
    due = ticket.dues.resolve_at or ticket.dues.decide_at
    if assignee is None or due is None or ticket.state is TicketState.REGISTERED:
        return say("complaint_progress_open", number=ticket.number, status=status)
    return say("complaint_progress", number=ticket.number, status=status, assignee=assignee, due=due.isoformat())


def _short(text: str) -> str:
    return NOTHING if not text else text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
