"""One corp's service desks as a channel, and the address to which the platform pushes everything of the corp."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import timedelta

from bot.channels.base import Capabilities, ChannelState, Unit, Window
from bot.channels.tencent.platform import Platform
from bot.channels.wecom.account import LONGEST, MOST_LINES, WecomAccount
from bot.channels.wecom.api import Api, Part
from bot.channels.wecom.callbacks import Callbacks
from bot.channels.wecom.checks import Checks
from bot.channels.wecom.desk import Chat, ServiceDesk, SessionState
from bot.channels.wecom.files import Files
from bot.channels.wecom.part import PartChannel
from bot.channels.wecom.pulling import Puller
from bot.channels.wecom.replies import Replies
from bot.channels.wecom.rows import Item
from bot.clock import Clock
from bot.messages import Outgoing, Receipt
from bot.vocabulary.health import Observation, Remark

REMEMBERED = timedelta(days=2)
"""An id that was used is taken for used at least as long as its message may go out; how much longer, nobody says."""

CAPABILITIES = Capabilities(
    longest_text=LONGEST,
    unit=Unit.BYTES,
    buttons=MOST_LINES,
    media=frozenset({"card", "image", "file"}),
    window=Window(timedelta(hours=48), 5),
    action_window=Window(timedelta(seconds=20), 1),
    native_idempotency=True,
    recognises=REMEMBERED,
)


class WecomChannel(PartChannel):
    """Channel, Poller, Opener and MediaSource for one corp."""

    capabilities = CAPABILITIES

    def __init__(self, account: WecomAccount, state: ChannelState, clock: Clock) -> None:
        platform = Platform(account.api_root, account.patience)
        part = Part("kf", account.corp_id, account.kf_secret or "")
        self._api = Api(part, platform, state, clock)
        self.desk = ServiceDesk(self._api, Files(self._api, state), alone=len(account.kf_ids) < 2)
        self._serves = bool(account.kf_ids)
        self._checks = Checks(account, account.name, clock)
        self._replies = Replies(self.desk, state)
        self._puller = Puller(account, self.desk, self._replies, clock)
        super().__init__(account.name, platform, Callbacks(account, state, clock, self._puller.wake))

    def poll(self) -> AsyncGenerator[Sequence[Item], None]:
        """What clients wrote to the desks, page after page."""
        return self._puller.poll()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """One answer at a desk, in several parts if it is long; raises SendError."""
        return await self._replies.send(outgoing)

    async def fetch(self, media: Mapping[str, str], limit: int) -> bytes:
        """What a client sent to a desk in the last three days."""
        return await self._api.fetch(media, limit)

    async def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """What can be seen of the desks."""
        if not self._serves:
            yield Observation(Remark.DESK_NONE)
            return
        async for observation in self._checks.run(public_url, self._api, self._checks.desks):
            yield observation

    async def hand_over(self, address: str, member: str | None = None) -> None:
        """Give a client's session to a member (userid), or to the queue; from then on only members write there."""
        await self.desk.hand_over(Chat.parse(address), member)

    async def session(self, address: str) -> SessionState:
        """Who has a client's session: we may write while it is new or the assistant's."""
        return await self.desk.session(Chat.parse(address))
