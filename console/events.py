"""The event stream: which things changed, never what is in them; the page asks again, with its rights checked."""

import asyncio
import re
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from bot.live import CLIENT_TYPING, Subscription
from bot.vocabulary import Action
from console.visits import COOKIE, Visit
from services.staff import demand

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
    """What changes among the topics asked for, until the person signs out."""
    asked = visit.request.query_params.get("topics", "").split(",")[:MOST_TOPICS]
    topics = [topic for topic in asked if TOPIC.fullmatch(topic)]
    for topic in topics:
        demand(visit.staff, NEEDED[topic.partition(":")[0]])
    return EventSourceResponse(_events(visit, topics), ping=int(BEAT), headers={"X-Accel-Buffering": "no"})


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
                changed = await _merged(subscription, following.result() or "")
                following = asyncio.ensure_future(_next(news))
                yield ServerSentEvent(event="changed", data=",".join(changed))
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


async def _signed_in(visit: Visit) -> bool:
    word, console = visit.request.cookies.get(COOKIE, ""), visit.console
    return await console.database.read(lambda unit: console.sign_ins.current(unit, word)) is not None
