"""WeCom's service desk among the contract cases, beside the WeCom double."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

from bot.channels.base import ChannelState, MemoryState, WebhookRequest
from bot.channels.wecom import Patience, WecomAccount, WecomChannel
from bot.clock import MovableClock
from bot.vocabulary import Addressee, ChannelKind
from tests.channels.contract import Kit
from tests.channels.wecom import ACCOUNT, ADDRESS, CALL, CLIENT, KF_SECRET, OTHER_KEY, TOKEN, Pushing, asking
from tests.doubles.faults import Delay, Effect, Fault, HangUp, errcode, junk
from tests.doubles.server import running
from tests.doubles.wecom import AES_KEY, WecomDouble
from tests.doubles.wecom.push import Seal

NOBODY = "http://127.0.0.1:1"
PATIENCE = Patience(connect=2.0, read=0.4)
SEND = "kf/send_msg"
AN_HOUR = timedelta(hours=1)
PULLED = "the push only says that there is something; what was written is pulled, see test_wecom_pulling"


@dataclass
class WecomKit:
    """Requests are wrapped and signed by the double's own envelope."""

    double: WecomDouble
    clock: MovableClock
    account: WecomAccount

    def __post_init__(self) -> None:
        self.state = MemoryState()
        self.channel = WecomChannel(self.account, self.state, self.clock)
        self.away = WecomChannel(replace(self.account, api_root=NOBODY), MemoryState(), self.clock)
        self.client = Addressee(ChannelKind.WECOM, "main", ADDRESS)
        self.exempt: Mapping[str, str] = dict.fromkeys(
            ("a_text_comes_in", "two_texts_are_two", "a_retry_is_recognisable", "a_reused_nonce_is_recognisable"),
            PULLED,
        )
        self.numbers = count(1)
        self.others: list[WecomChannel] = []

    @property
    def secrets(self) -> Sequence[str]:
        answers = [call.answer for call in self.double.ledger.called("gettoken") if call.answer]
        return (TOKEN, KF_SECRET, AES_KEY, *(str(answer.data["access_token"]) for answer in answers))

    def _pushing(self, ago: timedelta = timedelta()) -> Pushing:
        at = int((self.clock.now() - ago).timestamp())
        return Pushing(seal=Seal(str(at), f"nonce{next(self.numbers)}"))

    def pushed(self, text: str) -> WebhookRequest:
        self.double.desk.wrote(CLIENT, {"msgtype": "text", "text": {"content": text}})
        return self._pushing().post()

    def retried(self, request: WebhookRequest) -> WebhookRequest:
        return request

    def reused(self, request: WebhookRequest, text: str) -> WebhookRequest:
        return request

    def forged(self, text: str) -> Sequence[WebhookRequest]:
        genuine = self._pushing().post()
        unsigned = {name: value for name, value in genuine.query.items() if name != "msg_signature"}
        return [
            replace(self._pushing(), token="another").post(),
            replace(self._pushing(), aes_key=OTHER_KEY).post(),
            replace(self._pushing(), corp_id="another").post(),
            replace(genuine, query=unsigned),
            replace(genuine, query={}),
            replace(genuine, body=b"<xml></xml>"),
            asking(genuine, msg_signature=""),
            asking(genuine, msg_signature="0" * 40),
            asking(genuine, nonce="another"),
        ]

    def stale(self, text: str) -> WebhookRequest:
        return self._pushing(AN_HOUR).post(CALL)

    def signed(self, body: bytes) -> WebhookRequest:
        return self._pushing().seal_up(body)

    def got(self) -> Sequence[str]:
        return self.double.ledger.texts(CLIENT)

    def throttle(self) -> float:
        self._fail(errcode(45009))
        return 60.0

    def block(self) -> None:
        self.double.desk.sessions.clear()

    def refuse_with_200(self) -> None:
        self._fail(errcode(45002))

    def answer_junk(self) -> None:
        self._fail(junk(), after=True)

    def fall_silent(self) -> None:
        self._fail(Delay(PATIENCE.read * 3), after=True)

    def hang_up(self) -> None:
        self._fail(HangUp(), after=True)

    def _fail(self, effect: Effect, after: bool = False) -> None:
        self.double.faults.add(Fault(effect, SEND, after=after))

    def another(self, state: ChannelState | None = None, account: WecomAccount | None = None) -> WecomChannel:
        """Another process on the same state, or a stranger on its own; closed with the kit."""
        self.others.append(WecomChannel(account or self.account, state or self.state, self.clock))
        return self.others[-1]

    def unreachable(self) -> WecomChannel:
        return self.away


@asynccontextmanager
async def opened(clock: MovableClock) -> AsyncIterator[WecomKit]:
    async with running(WecomDouble(clock)) as double:
        double.desk.wrote(CLIENT, {"msgtype": "text", "text": {"content": "你好"}})
        kit = WecomKit(double, clock, replace(ACCOUNT, api_root=double.root, patience=PATIENCE))
        yield kit
        for channel in (kit.channel, kit.away, *kit.others):
            await channel.close()


@asynccontextmanager
async def wecom_kit(clock: MovableClock) -> AsyncIterator[Kit]:
    async with opened(clock) as kit:
        yield kit
