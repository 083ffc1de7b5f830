"""The event stream: which things changed, never what is in them; the page asks again, with its rights checked."""

import asyncio
import re
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from bot.live import CLIENT_TYPING, MISSED, Subscription
from bot.vocabulary import Action
from console.visits import COOKIE, Visit
from services.desk import owns_conversation, owns_ticket
from services.staff import demand
from storage.repositories import conversation_lists, conversations, ticket_lists, tickets
from storage.unit import Unit

TOPIC = re.compile(rf"(conversation|ticket)(:\d{{1,18}})?|{CLIENT_TYPING}:\d{{1,18}}")
NEEDED = {
    "conversation": Action.READ_CONVERSATIONS,
    CLIENT_TYPING: Action.READ_CONVERSATIONS,
    "ticket": Action.READ_TICKETS,
}
MOST_TOPICS = 12
BEAT = 15.0
"""Seconds between signs of life, each of which asks whether the sign-in still stands."""
MERGE = 0.2
"""Seconds in which changes become one."""


async def stream(visit: Visit) -> Response:
    """What changes among the topics asked for, until the person signs out; others' dialogues and tickets left out."""
    asked = visit.request.query_params.get("topics", "").split(",")[:MOST_TOPICS]
    topics = [topic for topic in asked if TOPIC.fullmatch(topic)]
    for topic in topics:
        demand(visit.staff, NEEDED[topic.partition(":")[0]])
    topics = await visit.console.database.read(lambda unit: [one for one in topics if _theirs(visit, unit, one)])
    return EventSourceResponse(_events(visit, topics), ping=int(BEAT), headers={"X-Accel-Buffering": "no"})


def _theirs(visit: Visit, unit: Unit, topic: str) -> bool:
    """Whether the person may see what changes; when somebody's client writes is not for everybody to know."""
    kind, _, number = topic.partition(":")
    if not number or not visit.own_only(NEEDED[kind]):
        return True
    if kind == "ticket":
        found = tickets.by_id(unit, int(number))
        item = ticket_lists.by_number(unit, found.number) if found else None
        return item is not None and owns_ticket(visit.staff, item)
    return _own_dialogue(visit, unit, int(number))


def _own_dialogue(visit: Visit, unit: Unit, number: int) -> bool:
    """Whether a conversation is the person's own, or stands on the page of a ticket that is."""
    found, conversation = conversation_lists.one(unit, number), conversations.by_id(unit, number)
    if found is None or conversation is None:
        return False
    if owns_conversation(visit.staff, conversation.staff_id, found[1]):
        return True
    tickets_here = ticket_lists.of_conversation(unit, number, conversation.client_id)
    return any(owns_ticket(visit.staff, item) for item in tickets_here)


async def _events(visit: Visit, topics: list[str]) -> AsyncIterator[ServerSentEvent]:
    subscription = visit.console.live.subscribe(*topics)
    news = aiter(subscription)
    following = asyncio.ensure_future(_next(news))
    try:
        yield ServerSentEvent(event="ready", data="")
        while await _signed_in(visit):
            done, _ = await asyncio.wait({following}, timeout=BEAT)
            if done and following.result() is None:
                return
            if done:
                heard = await _merged(subscription, following.result() or "")
                following = asyncio.ensure_future(_next(news))
                yield ServerSentEvent(event="changed", data=",".join(_told(heard, topics)))
        yield ServerSentEvent(event="expired", data="")
    finally:
        following.cancel()
        visit.console.live.leave(subscription)


async def _next(news: AsyncIterator[str]) -> str | None:
    """The next topic; None at the end, when the server stops."""
    return await anext(news, None)


async def _merged(subscription: Subscription, first: str) -> list[str]:
    """A topic with those that follow at once."""
    await asyncio.sleep(MERGE)
    found = [first]
    while (topic := await subscription.next(0)) is not None:
        found.append(topic)
    return found


def _told(heard: list[str], topics: list[str]) -> list[str]:
    """What a page hears of: what it asked for by number, and of a list only that it changed, not by whom."""
    named = (one if one == MISSED or one in topics else one.partition(":")[0] for one in heard)
    return list(dict.fromkeys(named))


async def _signed_in(visit: Visit) -> bool:
    word, console = visit.request.cookies.get(COOKIE, ""), visit.console
    return await console.database.read(lambda unit: console.sign_ins.current(unit, word)) is not None
