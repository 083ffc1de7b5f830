"""What the channels of one corp have in common: the address at which they are told things, and their connections."""

from collections.abc import Sequence

from bot.channels.base import Received, Route, WebhookRequest
from bot.channels.tencent.platform import Platform
from bot.channels.wecom.callbacks import Callbacks
from bot.vocabulary import ChannelKind


class PartChannel:
    """Opener, and the receiving half of Channel, for one part of a corp."""

    kind = ChannelKind.WECOM

    def __init__(self, account: str, platform: Platform, callbacks: Callbacks) -> None:
        self.account = account
        self._platform = platform
        self._callbacks = callbacks

    async def open(self) -> None:
        """Make ready to send; the platform is not contacted before there is something to say or to pull."""
        self._platform.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._platform.close()

    def routes(self) -> Sequence[Route]:
        """An address of its own, GET for the console's check: a corp may be told of each part elsewhere."""
        return (Route(),)

    async def receive(self, request: WebhookRequest) -> Received:
        """Verify, decrypt and read a request; raises WebhookError for one that is not to be taken."""
        return await self._callbacks.receive(request)
