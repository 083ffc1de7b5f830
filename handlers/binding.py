"""Making a chat a client's, and letting it go."""

import re
from collections.abc import Sequence
from datetime import datetime

from bot.messages import SHARE_PHONE, Incoming, Option, Reply, say
from bot.routing import Outcome, Turn
from bot.vocabulary import MessageKind
from handlers.turns import MENU, kind
from services import Services, Unit, branch, dialogs
from services.branch import Fact
from services.commands import Command, Commands
from services.dialogs import BINDING
from services.identity import Result, Step, code_in

SCENES = ("qrscene_", "bind_")
"""What platforms and our own links set before a code."""

_TAIL = re.compile(r"(?:\d{14})?(\d{3}[\dXx])")
_WORD = re.compile(r"^\S+\s+")
YES = Option("unbind:yes", label_key="option_confirm")
NO = Option("unbind:no", label_key="option_cancel")


async def start(turn: Turn, services: Services) -> Outcome:
    """Say how to get a code, and wait for it."""
    if turn.client is not None:
        return (Reply("bind_already"),)
    return (say("bind_start", minutes=int(services.rules.bind_span.total_seconds() // 60)),)


async def present(turn: Turn, services: Services) -> Outcome:
    """A code was shown, typed or by a scene."""
    code = code_of(turn) or ""

    def act(unit: Unit) -> Sequence[Reply]:
        result = services.identity.present(unit, turn.conversation.account_id, code, turn.now)
        if result.result is Result.NEXT:
            dialogs.remember(unit, turn.conversation.id, BINDING, _until(turn, services, result), code=result.code_id)
        return _said(unit, turn, services, result)

    return act


async def keep(turn: Turn, services: Services) -> Outcome:
    """A code was shown by somebody whom we cannot greet: staff find it in the conversation."""
    outcome = await present(turn, services)

    def act(unit: Unit) -> Sequence[Reply]:
        if callable(outcome):
            outcome(unit)
        return ()

    return act


async def prove(turn: Turn, services: Services) -> Outcome:
    """The last four signs of the id number, or the wish to stop."""
    kept = dialogs.recall(turn.conversation, BINDING, turn.now) or {}
    tail = _TAIL.fullmatch(turn.text.strip())

    def act(unit: Unit) -> Sequence[Reply]:
        if tail is None:
            dialogs.forget(unit, turn.conversation.id, BINDING)
            return (Reply("bind_cancelled"),)
        identity, account = services.identity, turn.conversation.account_id
        result = identity.prove(unit, account, kept["code"], tail[1], turn.now)
        if result.result is not Result.WRONG:
            dialogs.forget(unit, turn.conversation.id, BINDING)
        return _said(unit, turn, services, result)

    return act


async def prove_by_phone(turn: Turn, services: Services) -> Outcome:
    """A telephone card; only the client's own counts, of another's the channel gives no number."""
    kept = dialogs.recall(turn.conversation, BINDING, turn.now) or {}
    phone = turn.message.media.get("phone") if isinstance(turn.message, Incoming) else None

    def act(unit: Unit) -> Sequence[Reply]:
        if phone is None:
            return (say("bind_own_phone", options=(SHARE_PHONE,)),)
        account = turn.conversation.account_id
        result = services.identity.prove_by_phone(unit, account, kept["code"], phone, turn.now)
        if result.result is not Result.WRONG:
            dialogs.forget(unit, turn.conversation.id, BINDING)
        return _said(unit, turn, services, result)

    return act


async def ask_phone(turn: Turn, services: Services) -> Outcome:
    """The button's words came as words: the app could not share the number, so ask for either factor again."""
    if dialogs.recall(turn.conversation, BINDING, turn.now) is None:
        return await start(turn, services)
    return (_second_factor(turn, services),)


async def ask_unbind(turn: Turn, services: Services) -> Outcome:
    """Make sure before letting go."""
    if turn.client is None:
        return (say("bind_not_bound", options=(MENU,)),)
    return (say("bind_unbind_confirm", options=(YES, NO)),)


async def unbind(turn: Turn, services: Services, answer: str) -> Outcome:
    """Let go, or not."""
    if answer != "yes":
        return (Reply("bind_cancelled"),)

    def act(unit: Unit) -> Sequence[Reply]:
        done = services.identity.unbind(unit, turn.conversation.account_id, turn.now)
        return (Reply("bind_unbound" if done else "bind_not_bound"),)

    return act


def proving(turn: Turn, commands: Commands) -> bool:
    """Whether the second factor is waited for and this is one, or the order to stop."""
    if dialogs.recall(turn.conversation, BINDING, turn.now) is None:
        return False
    stops = commands.of(turn.text) is Command.CANCEL
    return stops or _TAIL.fullmatch(turn.text.strip()) is not None


def shares_phone(turn: Turn) -> bool:
    """Whether the second factor is waited for and this is a telephone card."""
    return kind(turn) is MessageKind.CONTACT and dialogs.recall(turn.conversation, BINDING, turn.now) is not None


def code_of(turn: Turn) -> str | None:
    """The code that a scene carries or a text is, alone or after one word (`bind ABCD2345`)."""
    if turn.event is not None:
        value = turn.event.value
        for scene in SCENES:
            value = value.removeprefix(scene)
        return code_in(value)
    return code_in(turn.text) or code_in(_WORD.sub("", turn.text.strip()))


def _until(turn: Turn, services: Services, step: Step) -> datetime:
    """How long the second factor is waited for; staff, who give it where clients cannot, have the code's whole life."""
    if step.until is not None and not services.hears(turn.conversation.addressee):
        return step.until
    return turn.now + services.rules.bind_span


def _second_factor(turn: Turn, services: Services) -> Reply:
    """What is asked for next: where the platform vouches for phones, either of two; or that staff see to it."""
    if not services.hears(turn.conversation.addressee):
        return Reply("bind_by_staff")
    if services.knows_phones(turn.conversation.addressee):
        return say("bind_second_factor_or_phone", options=(SHARE_PHONE,))
    return Reply("bind_second_factor")


def _said(unit: Unit, turn: Turn, services: Services, step: Step) -> Sequence[Reply]:
    phone = branch.present(unit).say(Fact.PHONE, turn.locale)
    match step.result:
        case Result.NEXT:
            return (_second_factor(turn, services),)
        case Result.DONE:
            return (say("bind_done", phone=phone, options=(MENU,)),)
        case Result.WRONG:
            return (say("bind_wrong_code", remaining=step.remaining),)
        case Result.LOCKED:
            return (say("bind_locked", until=step.until.isoformat() if step.until else "", phone=phone),)
        case Result.EXPIRED:
            return (Reply("bind_expired"),)
        case Result.ALREADY:
            return (Reply("bind_already"),)
        case Result.OTHER:
            return (Reply("bind_other_client"),)
