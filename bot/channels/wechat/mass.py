"""One text for many followers (mass send): each gets four a month of a service account, whoever sends them.

What the platform answers is only that it took the text. What became of it comes as an event, and is asked for where
no event came.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.channels.tencent.notation import Fields, legible, word
from bot.channels.tencent.open_tasks import OpenTasks
from bot.channels.tencent.refusal import Refusal
from bot.channels.wechat.account import LONGEST
from bot.channels.wechat.api import Api
from bot.channels.wechat.outcomes import SENT_BEFORE, send_error
from bot.channels.wechat.reports import MASS, message_name
from bot.channels.wechat.rights import Power, Rights
from bot.channels.wechat.tags import Tags
from bot.clock import Clock
from bot.errors import ContentRefused, OutcomeUnknown, RecipientGone, SendError, StorageError, TryLater
from bot.messages import UNCLEAR, GroupReceipt, Outgoing, Receipt, StatusReport
from bot.splitting import fits
from bot.vocabulary import DeliveryState

log = logging.getLogger(__name__)

EVENT_WITHIN = timedelta(minutes=5)
"""For so long the event is waited for before the platform is asked."""

PATIENCE = timedelta(hours=24)
"""After so long nothing more is expected of a mass send."""

_OVER = {
    "SEND_SUCCESS": DeliveryState.SENT,
    "SEND_FAIL": DeliveryState.FAILED,
    "DELETE": DeliveryState.SENT,
}
"""What the platform says at the end; what was deleted had gone out before, and stays with those who had it."""


class MassMessages:
    """Sends texts to followers for one account, by list, or with `tags` by a tag put on them for this one text."""

    def __init__(self, api: Api, rights: Rights, jobs: OpenTasks, clock: Clock, tags: Tags | None) -> None:
        self._api = api
        self._rights = rights
        self._jobs = jobs
        self._clock = clock
        self._tags = tags

    async def send(self, outgoing: Outgoing, openids: Sequence[str]) -> Receipt:
        """Taken by the platform; it never tells who of them got it."""
        self._rights.demand(Power.MASS)
        text = legible(outgoing.text).strip()
        if not text or not fits(text, LONGEST):
            raise ContentRefused("45002", "a mass send is one message")
        message = {"msgtype": "text", "text": {"content": text}, "clientmsgid": outgoing.idempotency_key}
        if self._tags is None:
            number = await self._taken("send", {"touser": list(openids), **message})
            return Receipt(platform_message_ids=(message_name(MASS, number),), messages=0)
        tagged = await self._tags.put_on(openids, outgoing.idempotency_key)
        number = await self._taken("sendall", {"filter": {"is_to_all": False, "tag_id": tagged.tag}, **message})
        return GroupReceipt(platform_message_ids=(message_name(MASS, number),), messages=0, refused=tagged.refused)

    async def _taken(self, way: str, message: Mapping[str, object]) -> str:
        """The platform's number of what it took."""
        number = word(await self._sent(f"message/mass/{way}", message), "msg_id")
        if not number:
            raise OutcomeUnknown("junk", "no answer of the platform")
        await self._jobs.add(number)
        return number

    async def _sent(self, path: str, message: Mapping[str, object]) -> Fields:
        """Asked once more where the answer was lost: within a day the platform takes a `clientmsgid` once.

        That it was taken before is said with its number, sometimes already of the first call.
        """
        try:
            try:
                return await self._api.post(path, message)
            except OutcomeUnknown:
                return await self._api.post(path, message)
        except Refusal as refusal:
            if refusal.code == SENT_BEFORE:
                return refusal.fields
            raise await self._error(refusal) from None

    async def _error(self, refusal: Refusal) -> SendError:
        """A refused list does not say whom it is about: nobody of it counts as gone."""
        error = await self._rights.outcome(Power.MASS, refusal)
        return ContentRefused(error.code, "a recipient is refused") if isinstance(error, RecipientGone) else error

    async def told(self, reports: Sequence[StatusReport]) -> None:
        """An event told of these: they need not be asked after. Where that can't be noted, asking repeats the event."""
        names = (one.platform_message_id.partition(":") for one in reports)
        try:
            await self._jobs.drop({number for kind, _, number in names if kind == MASS})
        except (StorageError, TryLater) as error:
            log.warning("the end of a mass send is not noted (%s)", type(error).__name__)

    async def asked(self, number: str, since: datetime) -> Sequence[StatusReport]:
        """What became of a mass send taken at `since` of which no event told; raises SendError."""
        age = self._clock.now() - since
        if age < EVENT_WITHIN:
            return ()
        status = await self.status(number)
        if status in _OVER:
            await self._jobs.drop({number})
            report = StatusReport(_OVER[status], message_name(MASS, number))
            return [replace(report, code=status, rule=UNCLEAR) if report.state is DeliveryState.FAILED else report]
        if age >= PATIENCE:
            log.warning("a mass send has been %s for a day; it is not asked after any more", status or "without status")
            await self._jobs.drop({number})
        return ()

    async def status(self, number: str) -> str:
        """SEND_SUCCESS, SENDING, SEND_FAIL or DELETE; raises SendError."""
        try:
            return word(await self._api.post("message/mass/get", {"msg_id": number}), "msg_status")
        except Refusal as refusal:
            raise send_error(refusal, self._clock.now()) from None
