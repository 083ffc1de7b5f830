"""One message to one platform, and what its answer means for the delivery."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.channels.base import Channel
from bot.errors import (
    AddressChanged,
    ChannelStopped,
    ContentRefused,
    OutcomeUnknown,
    QuotaUsed,
    RecipientGone,
    SendError,
    Throttled,
    TryLater,
    WindowClosed,
)
from bot.messages import Document, Outgoing, Picture, Receipt
from bot.vocabulary import DeliveryState
from bot.vocabulary.delivery import TRANSITIONS
from services.delivery.faults import report
from services.delivery.gate import RECHECK
from storage.repositories.claims import Due, Result

LONGEST = 30.0
"""Seconds after which an adapter that does not answer is given up; the message may have gone out."""
TRIES = 8
"""After so many passing faults a message has failed, where the platform does not say how many there may be."""
PAUSES = tuple(min(5.0 * 2**tried, 600.0) for tried in range(TRIES - 1))
"""Seconds before each further try."""
STOPPED_FOR = timedelta(seconds=60)
"""How long an account with wrong settings is left alone before the next try."""


Fetch = Callable[[int], Awaitable[Picture | Document]]
"""A picture or file of the branch's media by its id; SendError where it is not to be had."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How one send ended; `pause_until` holds the whole lane, `stopped` asks for a person."""

    result: Result
    pause_until: datetime | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One message about to be sent, the instant it is sent at, and where its picture or file comes from."""

    due: Due
    outgoing: Outgoing
    channel: Channel
    now: datetime
    enclosed: Fetch | None = None

    def result(self, state: DeliveryState, rule: str | None = None, **values: object) -> Result:
        """The result of this attempt."""
        due = self.due
        base = Result(due.id, due.account_id, state, due.attempts + 1, due.conversation_id, rule)
        return replace(base, **{"notice": self.notice, "doubted": due.doubted, **values})  # type: ignore[arg-type]

    @property
    def notice(self) -> str | None:
        """The platform's form of which this message uses up a consent, if it goes by one."""
        form = self.outgoing.form
        return self.channel.capabilities.consented.get(form.text_key) if form else None

    def postponed(self) -> Ending:
        """It never left: the next try is the same one."""
        return Ending(self.result(DeliveryState.PENDING, attempts=self.due.attempts))


async def send(attempt: Attempt) -> Ending:
    """Send once, or twice where the chat has moved; whatever happens ends in a result."""
    if _too_late(attempt):
        return Ending(attempt.result(DeliveryState.UNCERTAIN, "unknown"))
    try:
        try:
            return _taken(attempt, await _call(attempt, attempt.outgoing))
        except AddressChanged as moved:
            there = replace(attempt.outgoing, to=replace(attempt.outgoing.to, address=moved.address))
            ending = await send(replace(attempt, outgoing=there)) if there != attempt.outgoing else _unknown(attempt)
            return replace(ending, result=replace(ending.result, address=moved.address))
    except SendError as error:
        return _meaning(attempt, error)
    except asyncio.CancelledError:
        return Ending(attempt.result(DeliveryState.UNCERTAIN, "interrupted"))
    except Exception as error:  # an adapter's fault must neither stop the others nor lead to a second sending
        return _fault(attempt, error)


def _too_late(attempt: Attempt) -> bool:
    """Whether an earlier try may have gone out, which the platform would not recognise any more.

    It is reckoned from when the message was made, before any try. What staff want sent again has no tries.
    """
    due, known_for = attempt.due, attempt.channel.capabilities.recognises
    return due.doubted and due.attempts > 0 and known_for is not None and attempt.now - due.created_at >= known_for


async def _call(attempt: Attempt, outgoing: Outgoing) -> Receipt:
    whole = await _enclosing(attempt, outgoing)
    try:
        async with asyncio.timeout(LONGEST):
            return await attempt.channel.send(whole)
    except TimeoutError:
        raise OutcomeUnknown("timeout") from None


async def _enclosing(attempt: Attempt, outgoing: Outgoing) -> Outgoing:
    """With its picture or file. Of a broadcast the words go alone where that cannot be shown; else neither goes."""
    shown = attempt.channel.capabilities.media & {"image", "file"}
    if attempt.due.media_id is None or outgoing.form is not None:
        return outgoing
    thing = await _fetched(attempt.enclosed, attempt.due.media_id) if attempt.enclosed and shown else None
    if thing is not None and ("image" if isinstance(thing, Picture) else "file") in shown:
        return replace(outgoing, enclosed=(thing, *outgoing.enclosed))
    if attempt.due.broadcast_id is None:
        raise ContentRefused("media", "nothing of this kind here")
    return outgoing


async def _fetched(fetch: Fetch, media_id: int) -> Picture | Document:
    """A place of media that does not answer leaves no doubt: nothing has gone out yet."""
    try:
        async with asyncio.timeout(LONGEST):
            return await fetch(media_id)
    except TimeoutError:
        raise TryLater("media", "timeout") from None


def _taken(attempt: Attempt, receipt: Receipt) -> Ending:
    state = receipt.state if receipt.state in TRANSITIONS[DeliveryState.SENDING] else DeliveryState.SENT
    names = receipt.platform_message_ids
    last = names[-1][:128] if names else None
    sent_at = None if state is DeliveryState.AWAITING_STAFF else attempt.now
    taken = attempt.result(state, sent_at=sent_at, platform_message_id=last, messages=receipt.messages)
    return Ending(taken)


def _fault(attempt: Attempt, error: Exception) -> Ending:
    number = report(f"delivery {attempt.due.id}", error)
    return Ending(attempt.result(DeliveryState.UNCERTAIN, "fault", error=f"fault {number}"))


def _meaning(attempt: Attempt, error: SendError) -> Ending:
    """What a platform's refusal means; the table of errors and outcomes."""
    ending = _MEANINGS[type(error)](attempt, error)
    result = replace(ending.result, error=_words(error))
    if error.begun:  # it goes no other way, and was tried, also where the next try is to be the same one
        result = replace(result, doubted=True, attempts=max(result.attempts, 1))
    return replace(ending, result=result)


def _words(error: SendError) -> str:
    return f"{type(error).__name__} {error.code}".strip()[:200]


def _throttled(attempt: Attempt, error: SendError) -> Ending:
    seconds = error.retry_after if isinstance(error, Throttled) else 1.0
    return replace(attempt.postponed(), pause_until=attempt.now + timedelta(seconds=max(seconds, 0.1)))


def _again(attempt: Attempt, rule: str, pauses: tuple[float, ...] = PAUSES, *, doubted: bool = False) -> Ending:
    """Later once more; after so many tries given up, or left in doubt where one of them may have gone out."""
    tried = attempt.due.attempts
    doubted = doubted or attempt.due.doubted
    if tried >= len(pauses):
        state, last = (DeliveryState.UNCERTAIN, "unknown") if doubted else (DeliveryState.FAILED, "gave_up")
        return Ending(attempt.result(state, last, doubted=doubted))
    not_before = attempt.now + timedelta(seconds=pauses[tried])
    return Ending(attempt.result(DeliveryState.PENDING, rule, not_before=not_before, doubted=doubted))


def _later(attempt: Attempt, error: SendError) -> Ending:
    pauses = error.pauses if isinstance(error, TryLater) else None
    return _again(attempt, "try_later", PAUSES if pauses is None else pauses)


def _gone(attempt: Attempt, _error: SendError) -> Ending:
    return Ending(attempt.result(DeliveryState.FAILED, "gone", gone=True))


def _window(attempt: Attempt, _error: SendError) -> Ending:
    """It waits: for the client's next message, or for the window to be found open."""
    return Ending(attempt.result(DeliveryState.PENDING, "window", not_before=attempt.now + RECHECK, shut=True))


def _quota(attempt: Attempt, error: SendError) -> Ending:
    until = error.until if isinstance(error, QuotaUsed) else attempt.now + RECHECK
    result = attempt.result(DeliveryState.PENDING, "quota", not_before=until, attempts=attempt.due.attempts)
    return Ending(result, pause_until=min(until, attempt.now + RECHECK))


def _refused(attempt: Attempt, _error: SendError) -> Ending:
    return Ending(attempt.result(DeliveryState.FAILED, "content_refused"))


def _stopped(attempt: Attempt, _error: SendError) -> Ending:
    result = attempt.result(DeliveryState.PENDING, "channel_stopped", attempts=attempt.due.attempts)
    return Ending(result, pause_until=attempt.now + STOPPED_FOR, stopped=True)


def _unknown(attempt: Attempt, _error: SendError | None = None) -> Ending:
    if attempt.channel.capabilities.native_idempotency:
        return _again(attempt, "unknown", doubted=True)
    return Ending(attempt.result(DeliveryState.UNCERTAIN, "unknown"))


_MEANINGS: dict[type[SendError], Callable[[Attempt, SendError], Ending]] = {
    Throttled: _throttled,
    TryLater: _later,
    RecipientGone: _gone,
    WindowClosed: _window,
    QuotaUsed: _quota,
    ContentRefused: _refused,
    ChannelStopped: _stopped,
    OutcomeUnknown: _unknown,
    SendError: _unknown,
}
