"""Clients who are contacts of members, as a channel: greeted by code when they come, later written to by members.

What we hand over is a task. The client gets it when the member confirms it, and only fetching tells whether that was
done; until then a message awaits staff.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

from bot.channels.base import Capabilities, ChannelState, Received, Route, Unit, WebhookRequest
from bot.channels.tencent.notation import legible
from bot.channels.tencent.notes import Note, SharedNote
from bot.channels.tencent.platform import Platform
from bot.channels.wecom.account import WecomAccount
from bot.channels.wecom.api import Api, Part
from bot.channels.wecom.callbacks import Callbacks
from bot.channels.wecom.mass import MassMessages, Status
from bot.channels.wecom.welcomes import code_for
from bot.clock import Clock
from bot.errors import ContentRefused, RecipientGone, SendError, StorageError, TryLater, WindowClosed
from bot.messages import GroupReceipt, Outgoing, Receipt, StatusReport
from bot.splitting import fits
from bot.vocabulary import ChannelKind, DeliveryState

log = logging.getLogger(__name__)

LONGEST = 4000
"""Bytes of UTF-8 in a mass message or welcome."""

PATIENCE = timedelta(days=7)
"""After so long an unconfirmed task is stopped, and its messages have expired."""

_OUTCOMES = {
    Status.SENT: DeliveryState.SENT,
    Status.NO_FRIEND: DeliveryState.FAILED,
    Status.FULL: DeliveryState.FAILED,
}
_LEASE = "results"

CAPABILITIES = Capabilities(longest_text=LONGEST, unit=Unit.BYTES, needs_staff_confirmation=True)


class WecomContactsChannel:
    """Channel, Opener, GroupSender, ResultSource and, to bring results, Poller."""

    kind = ChannelKind.WECOM
    capabilities = CAPABILITIES

    def __init__(self, account: WecomAccount, state: ChannelState, clock: Clock) -> None:
        self.account = account.contacts_name
        self._pace = account.pace
        self._state = state
        self._clock = clock
        self._callbacks = Callbacks(account, state, clock)
        self._platform = Platform(account.api_root, account.patience)
        api = Api(Part("contacts", account.corp_id, account.contact_secret or ""), self._platform, state, clock)
        self.mass = MassMessages(api)
        self._tasks = SharedNote(state, "tasks")
        self._holder = uuid4().hex

    async def open(self) -> None:
        """Make ready to send."""
        self._platform.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._platform.close()

    def routes(self) -> Sequence[Route]:
        """An address of its own, for a corp whose contacts are told of elsewhere than its desks."""
        return (Route(),)

    async def receive(self, request: WebhookRequest) -> Received:
        """Verify, decrypt and read a request; raises WebhookError for one that is not to be taken."""
        return await self._callbacks.receive(request)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """A greeting to somebody who has just come, else a task for the member; raises SendError."""
        client, text = outgoing.to.address, _checked(outgoing.text)
        if await self._greeted(client, text):
            return Receipt()
        return await self.send_group(outgoing, [client])

    async def _greeted(self, client: str, text: str) -> bool:
        """False where nobody came just now, or the member was faster."""
        try:
            code = await code_for(self._state, client)
        except StorageError:
            raise TryLater("welcome", "the database did not give the code") from None
        if code is None:
            return False
        try:
            await self.mass.welcome(code, text)
        except WindowClosed:
            return False
        return True

    async def send_group(self, outgoing: Outgoing, addresses: Sequence[str]) -> GroupReceipt:
        """One task for at most MOST_CLIENTS clients; raises SendError where it is for none of them."""
        content = _checked(outgoing.text)
        task = await self.mass.create(addresses, content)
        names = {client: f"{task.msgid}:{client}" for client in addresses if client not in task.refused}
        if not names:
            raise RecipientGone("fail_list")
        await self._note(task.msgid)
        return GroupReceipt(DeliveryState.AWAITING_STAFF, tuple(names.values()), by_address=names, refused=task.refused)

    async def _note(self, msgid: str) -> None:
        """Without this note nobody asks for the results: the deliveries would wait for ever, and say so."""
        since = int(self._clock.now().timestamp())
        try:
            await self._tasks.change(lambda note: note.update({msgid: {"since": since}}))
        except (StorageError, TryLater):
            log.error("%s: a task was made and not noted; its results will be missing", self.account)

    async def results(self, platform_message_ids: Sequence[str]) -> Sequence[StatusReport]:
        """What members have done about these; nothing for those that still wait."""
        wanted = set(platform_message_ids)
        reports: list[StatusReport] = []
        for msgid in dict.fromkeys(name.partition(":")[0] for name in platform_message_ids):
            reports += [one for one in await self._reports(msgid) if one.platform_message_id in wanted]
        return reports

    async def _reports(self, msgid: str) -> list[StatusReport]:
        statuses = await self.mass.statuses(msgid)
        return [
            StatusReport(_OUTCOMES[status], f"{msgid}:{client}", code=f"status {int(status)}")
            for client, status in statuses.items()
            if status in _OUTCOMES
        ]

    async def poll(self) -> AsyncGenerator[Sequence[StatusReport], None]:
        """Results of the tasks that are open, round after round, from the process that holds the lease."""
        try:
            while True:
                leads = await self._leads()
                for msgid, since in await self._open_tasks() if leads else ():
                    if reports := await self._concluded(msgid, since):
                        yield reports
                await asyncio.sleep(self._pace.results if leads else self._pause)
        finally:
            with suppress(StorageError):  # then the lease runs out by itself
                await self._state.release(_LEASE, self._holder)

    @property
    def _pause(self) -> float:
        """Until a process that may not fetch looks whether it may by now."""
        return min(self._pace.results, self._pace.lease.total_seconds())

    async def _leads(self) -> bool:
        """The lease is for one round: when its holder is killed, the next round is hardly late."""
        try:
            return await self._state.lease(_LEASE, self._holder, timedelta(seconds=self._pace.results))
        except StorageError as error:
            log.warning("%s: no results (%s)", self.account, type(error).__name__)
            return False

    async def _open_tasks(self) -> Sequence[tuple[str, datetime]]:
        try:
            note = await self._tasks.read()
        except StorageError as error:
            log.warning("%s: no results (%s)", self.account, type(error).__name__)
            return ()
        zone = self._clock.now().tzinfo
        return [(msgid, datetime.fromtimestamp(task["since"], zone)) for msgid, task in note.items()]

    async def _concluded(self, msgid: str, since: datetime) -> Sequence[StatusReport]:
        """What is known of a task. It is open until every client has an outcome, or it is too old."""
        try:
            statuses = await self.mass.statuses(msgid)
            waiting = [client for client, status in statuses.items() if status is Status.UNSENT]
            reports = await self._reports(msgid)
            if waiting and self._clock.now() - since >= PATIENCE:
                await self.mass.stop(msgid)
                reports += [StatusReport(DeliveryState.EXPIRED, f"{msgid}:{client}") for client in waiting]
                waiting = []
            if not waiting:
                await self._forget(msgid)
        except (SendError, StorageError) as error:
            log.warning("%s: no results of a task (%s)", self.account, type(error).__name__)
            return ()
        return reports

    async def _forget(self, msgid: str) -> None:
        def without(note: Note) -> None:
            note.pop(msgid, None)

        await self._tasks.change(without)

    async def remind(self, msgid: str) -> None:
        """Tell members who have not confirmed a task; Throttled after three times in 24 hours."""
        await self.mass.remind(msgid)

    async def stop(self, msgid: str) -> None:
        """Take a task back; what members have sent stays sent."""
        await self.mass.stop(msgid)


def _checked(text: str) -> str:
    content = legible(text).strip()
    if not content:
        raise ContentRefused("44004", "nothing to send")
    if not fits(content, LONGEST):
        raise ContentRefused("45002", "a mass message is not split")
    return content
