"""One text for many followers (mass send): each gets four a month, whoever sends them."""

from collections.abc import Mapping, Sequence

from bot.channels.tencent.notation import Fields, legible, word
from bot.channels.tencent.refusal import Refusal
from bot.channels.wechat.account import LONGEST
from bot.channels.wechat.api import Api
from bot.channels.wechat.outcomes import SENT_BEFORE, send_error
from bot.channels.wechat.reports import MASS, message_name
from bot.clock import Clock
from bot.errors import ContentRefused, OutcomeUnknown
from bot.messages import Outgoing, Receipt
from bot.splitting import fits

_SEND = "message/mass/send"


class MassMessages:
    """Sends texts to lists of followers for one account."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def send(self, outgoing: Outgoing, openids: Sequence[str]) -> Receipt:
        """Taken by the platform; it never tells who of them got it."""
        text = legible(outgoing.text).strip()
        if not text or not fits(text, LONGEST):
            raise ContentRefused("45002", "a mass send is one message")
        message = {
            "touser": list(openids),
            "msgtype": "text",
            "text": {"content": text},
            "clientmsgid": outgoing.idempotency_key,
        }
        number = word(await self._sent(message), "msg_id")
        if not number:
            raise OutcomeUnknown("junk", "no answer of the platform")
        return Receipt(platform_message_ids=(message_name(MASS, number),), messages=0)

    async def _sent(self, message: Mapping[str, object]) -> Fields:
        """Asked once more where the answer was lost: within a day the platform takes a `clientmsgid` once.

        That it was taken before is said with its number, sometimes already of the first call.
        """
        try:
            try:
                return await self._api.post(_SEND, message)
            except OutcomeUnknown:
                return await self._api.post(_SEND, message)
        except Refusal as refusal:
            if refusal.code == SENT_BEFORE:
                return refusal.fields
            raise send_error(refusal, self._clock.now()) from None
