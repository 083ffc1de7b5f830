"""Clients who are contacts of members, as a channel: greeted by code when they come, later written to by members.

What we hand over is a task. The client gets it when the member confirms it, and only fetching tells whether that was
done; until then a message awaits staff.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence

from bot.channels.base import Capabilities, ChannelState, Group, Unit
from bot.channels.tencent.notation import legible
from bot.channels.tencent.platform import Platform
from bot.channels.wecom.account import WecomAccount
from bot.channels.wecom.api import Api, Part
from bot.channels.wecom.callbacks import Callbacks
from bot.channels.wecom.checks import Checks
from bot.channels.wecom.files import Files, card_fields, form_of
from bot.channels.wecom.mass import MOST_CLIENTS, Attached, MassMessages
from bot.channels.wecom.part import PartChannel
from bot.channels.wecom.tasks import Tasks
from bot.channels.wecom.ways import ContactWays
from bot.channels.wecom.welcomes import code_for
from bot.clock import Clock
from bot.errors import ContentRefused, RecipientGone, StorageError, TryLater, WindowClosed
from bot.messages import Card, Enclosed, Event, GroupReceipt, Outgoing, Receipt, StatusReport
from bot.splitting import fits
from bot.vocabulary import DeliveryState
from bot.vocabulary.health import Observation

LONGEST = 4000
"""Bytes of UTF-8 in a mass message or welcome."""

MONTHLY = 28
"""A client gets as many mass messages a month as it has days: so many in any month."""

MEDIA = frozenset({"card", "image", "file"})

CAPABILITIES = Capabilities(
    longest_text=LONGEST,
    unit=Unit.BYTES,
    needs_staff_confirmation=True,
    media=MEDIA,
    group=Group(least=1, most=MOST_CLIENTS, rate=1.0, monthly=MONTHLY, media=MEDIA),
    hears=False,
)


class WecomContactsChannel(PartChannel):
    """Channel, Opener, GroupSender, ResultSource, Withdrawer and, to bring results, Poller."""

    capabilities = CAPABILITIES

    def __init__(self, account: WecomAccount, state: ChannelState, clock: Clock) -> None:
        platform = Platform(account.api_root, account.patience)
        super().__init__(account.contacts_name, platform, Callbacks(account, state, clock))
        self._state = state
        self._api = Api(Part("contacts", account.corp_id, account.contact_secret or ""), platform, state, clock)
        self._mass = MassMessages(self._api)
        self._files = Files(self._api, state)
        self._checks = Checks(account, self.account, clock)
        self.tasks = Tasks(account, self._mass, state, clock)
        self.ways = ContactWays(self._api)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """A greeting to somebody who has just come, else a task for the member; raises SendError."""
        client, text = outgoing.to.address, _checked(outgoing.text)
        if await self._greeted(client, text, outgoing.enclosed):
            return Receipt()
        receipt = await self.send_group(outgoing, [client])
        if receipt.refused:
            raise RecipientGone("fail_list")
        return receipt

    async def _greeted(self, client: str, text: str, things: Sequence[Enclosed]) -> bool:
        """False where nobody came just now, or the member was faster."""
        try:
            code = await code_for(self._state, client)
        except StorageError:
            raise TryLater("welcome", "the database did not give the code") from None
        if code is None:
            return False
        try:
            await self._mass.welcome(code, text, await self._attached(things))
        except WindowClosed:
            return False
        return True

    def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """What can be seen of the members that clients are contacts of."""
        return self._checks.run(public_url, self._api, self._checks.contacts)

    async def send_group(self, outgoing: Outgoing, addresses: Sequence[str]) -> GroupReceipt:
        """One call for at most MOST_CLIENTS clients, of which each member gets a task for theirs; raises SendError."""
        text, attached = _checked(outgoing.text), await self._attached(outgoing.enclosed)
        task = await self._mass.create(addresses, text, attached)
        names = {client: f"{task.msgid}:{client}" for client in addresses if client not in task.refused}
        if names:
            await self.tasks.note(task.msgid)
        return GroupReceipt(DeliveryState.AWAITING_STAFF, tuple(names.values()), by_address=names, refused=task.refused)

    async def _attached(self, things: Sequence[Enclosed]) -> Attached:
        """Handed in, which shows nothing yet; a card goes as it is."""
        return [await self._below(one) for one in things]

    async def _below(self, thing: Enclosed) -> tuple[str, Mapping[str, str]]:
        if isinstance(thing, Card):
            return "link", card_fields(thing)
        return form_of(thing), {"media_id": await self._files.number(thing)}

    async def results(self, platform_message_ids: Sequence[str]) -> Sequence[StatusReport]:
        """What members have done about these; nothing for those that still wait."""
        return await self.tasks.results(platform_message_ids)

    async def withdraw(self, platform_message_ids: Sequence[str]) -> Sequence[StatusReport]:
        """Nobody can confirm the tasks of these any more; reported is what members did before."""
        return await self.tasks.withdraw(platform_message_ids)

    def poll(self) -> AsyncGenerator[Sequence[StatusReport | Event], None]:
        """Results of the tasks that are open, round after round."""
        return self.tasks.poll()


def _checked(text: str) -> str:
    content = legible(text).strip()
    if not content:
        raise ContentRefused("44004", "nothing to send")
    if not fits(content, LONGEST):
        raise ContentRefused("45002", "a mass message is not split")
    return content
