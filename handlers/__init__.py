"""What the bot answers: one module per noun or intent.

The order decides. Lives come first, then orders that always hold, then what a running dialogue waits for, then
the answer engine. What a client writes while waiting for a person also lands on their ticket.
"""

from collections.abc import Sequence

from bot.messages import Reply
from bot.routing import Filter, Handler, Outcome, Router, Turn
from handlers import (
    assessments,
    binding,
    complaints,
    events,
    followups,
    lessons,
    media,
    menu,
    options,
    people,
    personal,
    preferences,
    questions,
)
from handlers.turns import (
    assessing,
    assessment_rests,
    both,
    found,
    paused,
    picked,
    running,
    says,
    studying,
    waiting,
    wordless,
)
from services import Services, Unit, commands
from services.commands import Command
from services.knowledge.outcome import Outcome as Found
from services.knowledge.outcome import Refusal
from services.tickets import number_in

LONGEST_NUMBER = 24
"""Signs of a message that is a ticket's number and little else."""


def router() -> Router:
    """All handlers in the order in which they are asked."""
    routes = (*_always(), *_orders(), *_engine())
    return Router(tuple((matches, _kept(handler)) for matches, handler in routes), _kept(questions.unknown))


def _always() -> Sequence[tuple[Filter, Handler]]:
    return (
        (lambda turn: turn.stale, _stale),
        (lambda turn: picked(turn) is not None, options.chosen),
        (lambda turn: turn.event is not None, events.happened),
        (binding.shares_phone, binding.prove_by_phone),
        (wordless, media.wordless),
        (found(Found.CRISIS), people.crisis),
    )


def _orders() -> Sequence[tuple[Filter, Handler]]:
    words = commands.packaged()
    return (
        (says(words, Command.START), menu.welcome),
        (says(words, Command.ENGLISH, Command.CHINESE), menu.switch),
        (found(Found.OPT_OUT), preferences.opt_out),
        (found(Found.OPT_IN), preferences.opt_in),
        (preferences.types_quiet, preferences.type_quiet),
        (lambda turn: binding.code_of(turn) is not None, binding.present),
        (lambda turn: binding.proving(turn, words), binding.prove),
        (says(words, Command.MENU), menu.show),
        (says(words, Command.HELP), menu.explain),
        (says(words, Command.BIND), binding.start),
        (says(words, Command.UNBIND), binding.ask_unbind),
        (says(words, Command.PREFERENCES), preferences.show),
        (says(words, Command.CHANNEL), preferences.ask_channel),
        (says(words, Command.PROGRESS), complaints.progress),
        (_names_ticket, complaints.progress),
        (says(words, Command.RISK), assessments.start),
        (both(says(words, Command.LESSONS), lambda turn: not running(turn)), lessons.show),
        (says(words, Command.COMPLAINT), complaints.start),
        (says(words, Command.PERSON), people.ask),
        (running, _told),
        (both(says(words, Command.RESUME), paused), complaints.step),
        (both(assessing, _no_other_matter), _tested),
        (both(says(words, Command.RESUME, Command.RESTART), assessment_rests), assessments.step),
        (both(studying, _no_other_matter), _studied),
    )


def _engine() -> Sequence[tuple[Filter, Handler]]:
    return (
        (found(Found.COMPLAINT), complaints.start),
        (found(Found.PERSON), people.ask),
        (found(Found.GREETING), menu.greet),
        (personal.asked, personal.show),
        (found(Found.REJECTED), followups.move_on),
        (found(Found.RELATED), followups.related),
        (found(Found.REFUSED), questions.refuse),
        (found(Found.ANSWERED), questions.answer),
        (found(Found.CANDIDATES, Found.CLARIFY), questions.offer),
    )


def _names_ticket(turn: Turn) -> bool:
    return len(turn.text) <= LONGEST_NUMBER and number_in(turn.text) is not None


async def _told(turn: Turn, services: Services) -> Outcome:
    """A message while a complaint is told."""
    if questions.is_aside(turn, services):
        return await questions.aside(turn, services)
    return await complaints.step(turn, services)


def _no_other_matter(turn: Turn) -> bool:
    """Whether words during the questionnaire belong to it; a grievance or a wish for a person is heard first."""
    reason = turn.finding.reason if turn.finding else None
    refused = found(Found.REFUSED)(turn) and reason != Refusal.OUT_OF_SCOPE
    return not refused and not found(Found.COMPLAINT, Found.PERSON)(turn)


async def _tested(turn: Turn, services: Services) -> Outcome:
    """Words while the questionnaire is answered."""
    if questions.is_aside(turn, services):
        return await questions.aside(turn, services)
    if services.commands.asks(turn.text) and found(Found.CANDIDATES, Found.CLARIFY)(turn):
        return await questions.offer(turn, services)
    return await assessments.step(turn, services)


async def _studied(turn: Turn, services: Services) -> Outcome:
    """Words while a quiz is answered; it is picked from, so whatever else is understood is no answer of it."""
    if services.commands.of(turn.text) is not None:
        return await lessons.step(turn, services)
    if found(Found.ANSWERED)(turn):
        return await questions.aside(turn, services)
    if found(Found.CANDIDATES, Found.CLARIFY)(turn):
        return await questions.offer(turn, services)
    return await lessons.step(turn, services)


async def _stale(turn: Turn, services: Services) -> Outcome:
    """A number or button out of date; what is being told or asked asks its question again with fresh options."""
    replies = await menu.stale(turn, services)
    if not (running(turn) or assessing(turn) or studying(turn)) or callable(replies):
        return replies
    plain = [Reply(reply.key, reply.parameters) for reply in replies]
    return lambda unit: (*plain, *questions.go_on(unit, turn, services))


def _kept(handler: Handler) -> Handler:
    """Also put the words on the ticket of a client who waits for a person."""

    async def keeping(turn: Turn, services: Services) -> Outcome:
        outcome = await handler(turn, services)
        if not waiting(turn) or turn.event is not None:
            return outcome

        def act(unit: Unit) -> Sequence[Reply]:
            services.handover.client_wrote(unit, turn.conversation, turn.inbox_id, turn.text)
            return outcome(unit) if callable(outcome) else outcome

        return act

    return keeping
