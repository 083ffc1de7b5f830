"""The recording channel among the contract cases."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.channels.base import WebhookRequest
from bot.channels.recording import Failure, RecordingChannel
from bot.clock import MovableClock
from bot.errors import OutcomeUnknown, RecipientGone, SendError, Throttled, TryLater
from bot.messages import Outgoing
from bot.vocabulary import Addressee, ChannelKind
from tests.channels.contract import Kit

NO_PLATFORM = "no platform calls it: messages of its clients are never received over HTTP"
EXEMPT = {
    "a_text_comes_in": NO_PLATFORM,
    "two_texts_are_two": NO_PLATFORM,
    "a_wrong_signature_is_refused": NO_PLATFORM,
    "a_stale_request_is_refused": NO_PLATFORM,
    "a_retry_is_recognisable": NO_PLATFORM,
    "a_reused_nonce_is_recognisable": NO_PLATFORM,
    "a_check_of_a_dead_platform_is_a_fault": "there is no platform behind it that could die",
    "a_long_text_is_split_at_sentences": "it keeps a text of any length whole",
}


@dataclass
class RecordingKit:
    """Faults are scripted in the channel itself; there is no double."""

    channel: RecordingChannel = field(default_factory=RecordingChannel)
    client = Addressee(ChannelKind.RECORDING, "main", "demo-17")
    secrets = ()
    exempt = EXEMPT

    def pushed(self, text: str) -> WebhookRequest:
        return WebhookRequest("POST", {}, {}, text.encode())

    def retried(self, request: WebhookRequest) -> WebhookRequest:
        return request

    def reused(self, request: WebhookRequest, text: str) -> WebhookRequest:
        return self.pushed(text)

    def forged(self, text: str) -> Sequence[WebhookRequest]:
        return [self.pushed(text)]

    def stale(self, text: str) -> WebhookRequest:
        return self.pushed(text)

    def signed(self, body: bytes) -> WebhookRequest:
        return WebhookRequest("POST", {}, {}, body)

    def got(self) -> Sequence[str]:
        return [outgoing.text for outgoing in self.channel.ledger]

    def throttle(self) -> float:
        self.channel.fail(Failure(Throttled(7)))
        return 7

    def block(self) -> None:
        self.channel.fail(Failure(RecipientGone("blocked"), address=self.client.address))

    def refuse_with_200(self) -> None:
        self.channel.fail(Failure(SendError("refused")))

    def answer_junk(self) -> None:
        self._lose_the_answer()

    def fall_silent(self) -> None:
        self._lose_the_answer()

    def hang_up(self) -> None:
        self._lose_the_answer()

    def _lose_the_answer(self) -> None:
        self.channel.fail(Failure(OutcomeUnknown("lost"), after=True))

    def unreachable(self) -> RecordingChannel:
        away = RecordingChannel(ledger=list[Outgoing]())
        away.fail(Failure(TryLater("refused")))
        return away


@asynccontextmanager
async def recording_kit(clock: MovableClock) -> AsyncIterator[Kit]:
    yield RecordingKit()
