"""The recording channel: keeps what it is given, for the demo branch, for tests and for benchmarks."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from bot.channels.base import Capabilities, Received, Route, Unit, WebhookRequest
from bot.errors import SendError, SignatureWrong
from bot.messages import Outgoing, Receipt
from bot.vocabulary import ChannelKind
from bot.vocabulary.health import Observation, Remark


@dataclass(frozen=True, slots=True)
class Failure:
    """What the next `times` messages meet, to one address or (None) to any.

    `after` keeps the message first, as a platform does whose answer is lost on the way back.
    """

    error: SendError
    times: int = 1
    address: str | None = None
    after: bool = False


@dataclass
class RecordingChannel:
    """Takes everything at once; `ledger` holds every message taken, oldest first."""

    account: str = "main"
    ledger: list[Outgoing] = field(default_factory=list)
    _script: list[Failure] = field(default_factory=list)

    kind = ChannelKind.RECORDING
    capabilities = Capabilities(longest_text=1_000_000, unit=Unit.CHARACTERS, buttons=100)

    def fail(self, failure: Failure) -> None:
        """Add to what is to go wrong; the first failure that fits a message is used up by it."""
        self._script.extend([failure] * failure.times)

    def routes(self) -> Sequence[Route]:
        """Nobody calls it."""
        return ()

    async def receive(self, request: WebhookRequest) -> Received:
        """Refuses: there is no platform behind it that could have called."""
        raise SignatureWrong("the recording channel is called by nobody")

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Keep the message, or fail as scripted."""
        failure = self._failure(outgoing.to.address)
        if failure is None or failure.after:
            self.ledger.append(outgoing)
        if failure is not None:
            raise failure.error
        return Receipt(platform_message_ids=(f"recording:{outgoing.delivery_id}",))

    async def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """There is no platform that could fail."""
        yield Observation(Remark.RECORDER_READY)

    def _failure(self, address: str) -> Failure | None:
        for failure in self._script:
            if failure.address in (None, address):
                self._script.remove(failure)
                return failure
        return None
