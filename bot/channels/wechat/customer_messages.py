"""Messages outside the answer to a request, within 48 hours after the client wrote."""

import logging
from datetime import timedelta

from bot.channels.base import ChannelState
from bot.channels.tencent.notation import legible, word
from bot.channels.tencent.refusal import Refusal
from bot.channels.wechat.account import LONGEST
from bot.channels.wechat.api import Api
from bot.channels.wechat.outcomes import NO_PERMISSION, OUT_OF_TIME_OR_UNSUBSCRIBED, send_error
from bot.clock import Clock
from bot.errors import ContentRefused, OutcomeUnknown, RecipientGone, SendError, StorageError, TryLater, WindowClosed
from bot.messages import Outgoing
from bot.splitting import split

log = logging.getLogger(__name__)

_REMEMBERED = timedelta(days=3)
"""How long it is known which parts of a long text went out; a window is open for two days."""

_BELIEVED = timedelta(hours=6)
"""For how long an account that may not send customer-service messages is not tried again by a process."""


class CustomerMessages:
    """Sends texts for one account."""

    def __init__(self, api: Api, state: ChannelState, clock: Clock) -> None:
        self._api = api
        self._state = state
        self._clock = clock
        self._forbidden_until = clock.now()

    async def send(self, outgoing: Outgoing) -> int:
        """Every part of the text in order; after a failure the next attempt goes on where this one ended.

        Returns how many messages it took, in all attempts together.
        To an account without the permission every window is closed: its replies go with the client's next message.
        """
        if self._clock.now() < self._forbidden_until:
            raise WindowClosed(str(NO_PERMISSION), "the account may not send customer-service messages")
        parts = split(legible(outgoing.text), LONGEST)
        if not parts:
            raise ContentRefused("44004", "nothing to send")
        if len(parts) == 1:
            await self._say(outgoing.to.address, parts[0])
            return 1
        key = f"parts:{outgoing.delivery_id}"
        said = await self._said(key)
        for number, part in enumerate(parts[said:], said + 1):
            await self._say(outgoing.to.address, part)
            await self._remember(key, number)
        return len(parts)

    async def typing(self, openid: str) -> None:
        """Show that an answer is being written; whatever is said against it, the answer comes all the same."""
        if self._clock.now() < self._forbidden_until:
            return
        try:
            await self._api.post("message/custom/typing", {"touser": openid, "command": "Typing"})
        except (Refusal, SendError) as error:
            log.debug("typing is not shown: %s", type(error).__name__)

    async def _said(self, key: str) -> int:
        try:
            return int(await self._state.get(key) or 0)
        except StorageError:
            raise TryLater("parts", "the database did not say what went out") from None

    async def _remember(self, key: str, number: int) -> None:
        """Without this note the next attempt would repeat what the client has read: then staff decide."""
        try:
            await self._state.put(key, str(number), _REMEMBERED)
        except StorageError:
            raise OutcomeUnknown("parts", "the database did not note what went out") from None

    async def _say(self, openid: str, text: str) -> None:
        message = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        try:
            answer = await self._api.post("message/custom/send", message)
        except Refusal as refusal:
            raise await self._outcome(refusal, openid) from None
        if "errcode" not in answer:
            raise OutcomeUnknown("junk", "no answer of the platform")

    async def _outcome(self, refusal: Refusal, openid: str) -> SendError:
        """One code means either of two things: then the platform is asked whether the client still follows."""
        if refusal.code == NO_PERMISSION:
            log.error("the account may not send customer-service messages (48001): set customer_messages to false")
            self._forbidden_until = self._clock.now() + _BELIEVED
            return WindowClosed(str(refusal.code))
        if refusal.code == OUT_OF_TIME_OR_UNSUBSCRIBED and not await self._follows(openid):
            return RecipientGone(str(refusal.code))
        return send_error(refusal, self._clock.now())

    async def _follows(self, openid: str) -> bool:
        """Where the platform doesn't say, the client counts as following: a closed window ends with their next word."""
        try:
            answer = await self._api.get("user/info", {"openid": openid})
        except Refusal as refusal:
            return not isinstance(send_error(refusal, self._clock.now()), RecipientGone)
        except SendError:
            return True
        return word(answer, "subscribe") != "0"
