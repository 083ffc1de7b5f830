"""One turn: what is known of it before thinking, and what is to be written when it ends."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.dispatcher import reading
from bot.messages import Incoming, Topic
from bot.routing import Outcome, Turn
from bot.vocabulary import ClientState, Locale, MessageKind, Owner
from services import topics
from services.delivery.submission import Route
from services.knowledge.outcome import Finding
from storage.repositories.clients import Client
from storage.repositories.inbox import InboxState, Work

Finder = Callable[[str, Locale, Topic | None], Awaitable[Finding]]
"""Awaits nothing unless an embedder has to be asked."""

SPOKEN = frozenset({MessageKind.TEXT, MessageKind.VOICE})
"""Kinds whose words are the client's own; the platform may have recognised those of a voice message."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written at the end of a turn; `outcome` is None where a person answers, not the bot."""

    work: Work
    turn: Turn
    outcome: Outcome | None
    route: Route
    state: InboxState = InboxState.HANDLED


async def prepare(work: Work, find: Finder | None, now: datetime, option_span: timedelta) -> Turn:
    """The turn of a row; the finding is made of texts only, and of nothing without `find` or while a person answers."""
    message, conversation = work.message, work.conversation
    locale, choice, stale, finding = conversation.locale, None, False, None
    topic = topics.current(conversation, now)
    if isinstance(message, Incoming):
        message = replace(message, text=reading.clean(message.text))
        locale = reading.language(message.text, conversation.locale)
        choice, stale = reading.picked(message, conversation, now, option_span)
        readable = message.kind in SPOKEN and message.text and conversation.owner is not Owner.STAFF
        question = message.text[: reading.LONGEST_QUESTION]
        finding = await find(question, locale, topic) if find and readable else None
    return Turn(
        inbox_id=work.inbox_id,
        message=message,
        conversation=conversation,
        client=_theirs(work),
        intake=work.intake,
        finding=finding,
        topic=topic,
        choice=choice,
        stale=stale,
        locale=locale,
        now=now,
    )


def _theirs(work: Work) -> Client | None:
    """Whose record may be spoken of: of somebody deceased nobody's, as it is another person who writes."""
    client = work.client
    return None if client is None or client.state is ClientState.DECEASED else client
