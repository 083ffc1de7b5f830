"""Mounts each channel's route: verify, store, answer. Nothing is acknowledged before it is stored."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.base import Channel, HttpAnswer, Received, WebhookRequest
from bot.clock import Clock
from bot.errors import BodyUnreadable, DatabaseBusy, WebhookError, places
from bot.messages import Event, Incoming, StatusReport
from bot.routing import Front, Said
from bot.vocabulary import ChannelKind
from services.delivery.submit import confirm, repump
from storage.repositories.inbox import Stored
from storage.unit import Database, Unit

log = logging.getLogger(__name__)

LARGEST_BODY = 1 << 20
"""Bytes; no platform sends more in one push."""

RETRY_PAUSE = 0.1
CONFIRM_PAUSE = 0.05
"""Seconds: between tries at a busy database, and while passive replies gather to be confirmed in one write."""

ENDING = 2.0
"""Seconds that the last confirmations get at the end."""

BEHIND = timedelta(seconds=1)
"""How long what did not fit waits, so that it does not overtake what did."""

UNAVAILABLE = HttpAnswer(503)

Receipts = Callable[[Unit, ChannelKind, str, Sequence[StatusReport]], None]
"""Takes what a platform says of earlier messages: the unit, the channel, its account, the reports."""


@dataclass(frozen=True)
class Hooks:
    """What the webhooks are made of; `seconds` is how long one request may take from its arrival."""

    database: Database
    front: Front
    receipts: Receipts
    clock: Clock
    seconds: float = 4.0


@dataclass
class Confirmations:
    """Passive replies whose response has been written, confirmed a moment later in one batch."""

    hooks: Hooks
    _ids: list[int] = field(default_factory=list)
    _task: "asyncio.Task[None] | None" = None

    async def add(self, said: Said) -> None:
        """The response that held these went out."""
        self._ids += said.delivery_ids
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._flush())

    async def close(self) -> None:
        """Confirm what is left; what a busy database does not take in time is found in doubt at the next start."""
        if self._task:
            _, late = await asyncio.wait({self._task}, timeout=ENDING)
            for task in late:
                task.cancel()

    async def _flush(self) -> None:
        while self._ids:
            await asyncio.sleep(CONFIRM_PAUSE)
            ids, self._ids = self._ids, []
            try:
                await self._confirm(ids)
            except DatabaseBusy as error:
                log.warning("%d passive replies not confirmed yet: %s", len(ids), error)
                self._ids += ids

    async def _confirm(self, ids: Sequence[int]) -> None:
        now = self.hooks.clock.now()
        await self.hooks.database.write(lambda unit: confirm(unit, ids, now), brief=True)


@dataclass(frozen=True)
class Answering:
    """How one request is answered, and what went out with it."""

    answer: HttpAnswer
    said: Said = field(default_factory=Said)


@dataclass(frozen=True)
class Hook:
    """The address of one channel account."""

    channel: Channel
    hooks: Hooks
    confirmations: Confirmations

    async def __call__(self, request: Request) -> Response:
        """Take a request of the platform."""
        deadline = asyncio.get_running_loop().time() + self.hooks.seconds
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        answering = await self._answering(_plain(request, body), deadline)
        answer = answering.answer
        after = BackgroundTask(self.confirmations.add, answering.said) if answering.said.delivery_ids else None
        return Response(answer.body, answer.status, media_type=answer.media_type, background=after)

    async def _answering(self, request: WebhookRequest, deadline: float) -> Answering:
        name = f"{self.channel.kind.value}/{self.channel.account}"
        try:
            return await self._taken(await self.channel.receive(request), deadline)
        except BodyUnreadable as error:
            log.warning("%s: signed but unreadable, acknowledged: %s", name, places(error))
            return Answering(HttpAnswer())
        except WebhookError as error:
            log.warning("%s: refused: %s", name, places(error))
            return Answering(HttpAnswer(403))
        except DatabaseBusy as error:
            log.error("%s: database busy, the platform will try again: %s", name, error)
            return Answering(UNAVAILABLE)
        except Exception as error:  # an unforeseen body must not end as an acknowledged loss: the platform tries again
            log.error("%s: broken request: %s", name, places(error))
            return Answering(UNAVAILABLE)

    async def _taken(self, received: Received, deadline: float) -> Answering:
        reports = [item for item in received.items if isinstance(item, StatusReport)]
        items = [item for item in received.items if isinstance(item, Incoming | Event)]
        if reports:
            await self._report(reports, deadline)
        if not items:
            return Answering(received.answer)
        stored = await self._stored(items, received, deadline)
        return await self._replied(received, stored[0], deadline)

    async def _stored(self, items: Sequence[Incoming | Event], received: Received, deadline: float) -> Sequence[Stored]:
        """Store, trying again while the database is busy."""
        loop, key, waits = asyncio.get_running_loop(), received.replay_key, received.passive is not None
        while True:
            try:
                patience = max(deadline - loop.time(), RETRY_PAUSE)
                return await self.hooks.front.take(items, key, patience, waits=waits)
            except DatabaseBusy:
                if loop.time() + RETRY_PAUSE >= deadline:
                    raise
            await asyncio.sleep(RETRY_PAUSE)

    async def _replied(self, received: Received, stored: Stored, deadline: float) -> Answering:
        if received.passive is None:
            return Answering(received.answer)
        left = max(deadline - asyncio.get_running_loop().time(), 0.0)
        said = await self.hooks.front.passive_reply(stored, left)
        if said is None or not said.texts:
            return Answering(received.answer)
        answering = _fitted(received, said)
        over = [one for one in said.delivery_ids if one not in answering.said.delivery_ids]
        if over:
            later = self.hooks.clock.now() + (BEHIND if answering.said.texts else timedelta())
            await self.hooks.database.write(lambda unit: repump(unit, over, later))
        return answering

    async def _report(self, reports: Sequence[StatusReport], deadline: float) -> None:
        channel, left = self.channel, max(deadline - asyncio.get_running_loop().time(), RETRY_PAUSE)
        await self.hooks.database.write(
            lambda unit: self.hooks.receipts(unit, channel.kind, channel.account, reports), left
        )


def _fitted(received: Received, said: Said) -> Answering:
    """As much as one answer holds: what the turn itself says, before it late replies, oldest first."""
    own = len(said.texts) - said.late
    shorter = [said.without(late) for late in range(said.late + (own > 0))]
    shorter += [said.without(said.late, last) for last in range(1, own)]
    for part in shorter:
        answer = received.passive("\n\n".join(part.texts)) if received.passive else None
        if answer is not None:
            return Answering(answer, part)
    return Answering(received.answer)


def routes(hooks: Hooks, confirmations: Confirmations, channels: Sequence[Channel]) -> list[Route]:
    """`/hooks/<kind>` for the account `main`, and `/hooks/<kind>/<account>` for every account."""
    return [route for channel in channels for route in _routes(Hook(channel, hooks, confirmations))]


def _routes(hook: Hook) -> list[Route]:
    channel = hook.channel
    methods = sorted({method for route in channel.routes() for method in route.methods})
    if not methods:
        return []
    paths = [f"/hooks/{channel.kind.value}/{channel.account}"]
    if channel.account == "main":
        paths.append(f"/hooks/{channel.kind.value}")

    async def endpoint(request: Request) -> Response:
        return await hook(request)

    return [Route(path, endpoint, methods=methods) for path in paths]


async def _body(request: Request) -> bytes | None:
    """The body, or None where it is too large."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _plain(request: Request, body: bytes) -> WebhookRequest:
    return WebhookRequest(
        method=request.method,
        query=dict(request.query_params),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )
