"""The branch's own chat page as a channel: a stored row has been sent, open pages are told to look."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from bot.channels.base import Capabilities, Received, Route, Unit, WebhookRequest
from bot.errors import BodyUnreadable
from bot.messages import Outgoing, Receipt
from bot.vocabulary import ChannelKind
from bot.vocabulary.health import Observation, Remark

CAPABILITIES = Capabilities(
    longest_text=4000,
    unit=Unit.CHARACTERS,
    buttons=6,
    media=frozenset({"image", "file"}),
    native_idempotency=True,
    personal_data_allowed=True,
)


@dataclass(frozen=True)
class WebchatChannel:
    """The chat page of one branch. `announce` hears the visitor whose page should look for news."""

    announce: Callable[[str], None]
    account: str = "main"
    kind: ChannelKind = ChannelKind.WEBCHAT
    capabilities: Capabilities = CAPABILITIES

    def routes(self) -> Sequence[Route]:
        """None: the page speaks to `bot.webchat`."""
        return ()

    async def receive(self, request: WebhookRequest) -> Received:
        """No platform calls this channel."""
        raise BodyUnreadable("the chat page has no hook")

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Tell the visitor's pages; the row is the message, with its picture or file, so that this may be repeated."""
        self.announce(outgoing.to.address)
        return Receipt()

    async def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """The page is of this server; where it has a public address, it must be reached there."""
        from bot.channels.checks import Knock, knock  # its HTTP client is nothing that every start should load

        yield Observation(Remark.PAGE_OWN if public_url else Remark.PAGE_LOCAL)
        if public_url:
            yield await knock(Knock(f"{public_url.rstrip('/')}/healthz", expected="ok"))
