"""WeChat among the contract cases, in safe and in plain mode, beside the WeChat double."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

from bot.channels.base import MemoryState, WebhookRequest
from bot.channels.wechat import Patience, WechatAccount, WechatChannel
from bot.clock import MovableClock
from bot.vocabulary import Addressee, ChannelKind
from tests.channels.contract import Kit
from tests.channels.wechat import ACCOUNT, HEAD, OPENID, OTHER_KEY, SECRET, TOKEN, Pushing, asking
from tests.doubles.faults import Delay, Effect, Fault, HangUp, errcode, junk
from tests.doubles.server import running
from tests.doubles.wechat import AES_KEY, Mode, WechatDouble
from tests.doubles.wechat.envelope import Seal

NOBODY = "http://127.0.0.1:1"
PATIENCE = Patience(connect=2.0, read=0.4)
SEND = "message/custom/send"
AN_HOUR = timedelta(hours=1)


@dataclass
class WechatKit:
    """Requests are wrapped and signed by the double's own envelope."""

    double: WechatDouble
    clock: MovableClock
    account: WechatAccount

    def __post_init__(self) -> None:
        self.channel_state = MemoryState()
        self.channel = WechatChannel(self.account, self.channel_state, self.clock)
        self.away = WechatChannel(replace(self.account, api_root=NOBODY), MemoryState(), self.clock)
        self.client = Addressee(ChannelKind.WECHAT, "main", OPENID)
        self.exempt: Mapping[str, str] = {}
        self.numbers = count(24_300_000_000_000_001)

    @property
    def secrets(self) -> Sequence[str]:
        answers = [call.answer for call in self.double.ledger.called("stable_token") if call.answer]
        return (TOKEN, SECRET, AES_KEY, *(str(answer.data["access_token"]) for answer in answers))

    def _pushing(self, ago: timedelta = timedelta()) -> Pushing:
        at = int((self.clock.now() - ago).timestamp())
        return Pushing(self.double.mode, seal=Seal(str(at), f"nonce{next(self.numbers)}"))

    def _text(self, text: str) -> dict[str, object]:
        return {**HEAD, "MsgType": "text", "Content": text, "MsgId": next(self.numbers)}

    def pushed(self, text: str) -> WebhookRequest:
        return self._pushing().post(self._text(text))

    def retried(self, request: WebhookRequest) -> WebhookRequest:
        return request

    def reused(self, request: WebhookRequest, text: str) -> WebhookRequest:
        seal = Seal(request.query["timestamp"], request.query["nonce"])
        return replace(self._pushing(), seal=seal).post(self._text(text))

    def forged(self, text: str) -> Sequence[WebhookRequest]:
        fields, right = self._text(text), self._pushing()
        genuine = right.post(fields)
        unsigned = {name: value for name, value in genuine.query.items() if name != "signature"}
        forged = [
            replace(right, token="another").post(fields),
            replace(genuine, query=unsigned),
            replace(genuine, query={}),
            asking(genuine, signature=""),
            asking(genuine, signature="0" * 40),
            asking(genuine, nonce="another"),
        ]
        return forged if self.double.mode is Mode.PLAIN else [*forged, replace(right, aes_key=OTHER_KEY).post(fields)]

    def stale(self, text: str) -> WebhookRequest:
        return self._pushing(AN_HOUR).post(self._text(text))

    def signed(self, body: bytes) -> WebhookRequest:
        return self._pushing().seal_up(body)

    def got(self) -> Sequence[str]:
        return self.double.ledger.texts(OPENID)

    def throttle(self) -> float:
        self._fail(errcode(45011))
        return 60.0 - self.clock.now().second

    def block(self) -> None:
        follower = self.double.account.follower(OPENID)
        follower.subscribed = False
        follower.windows.clear()

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

    def unreachable(self) -> WechatChannel:
        return self.away


@asynccontextmanager
async def opened(clock: MovableClock, mode: Mode) -> AsyncIterator[WechatKit]:
    async with running(WechatDouble(clock, mode)) as double:
        double.account.follower(OPENID).wrote(clock.now())
        kit = WechatKit(double, clock, replace(ACCOUNT, api_root=double.root, patience=PATIENCE))
        yield kit
        await kit.channel.close()
        await kit.away.close()


@asynccontextmanager
async def wechat_kit(clock: MovableClock) -> AsyncIterator[Kit]:
    async with opened(clock, Mode.SAFE) as kit:
        yield kit


@asynccontextmanager
async def wechat_plain_kit(clock: MovableClock) -> AsyncIterator[Kit]:
    async with opened(clock, Mode.PLAIN) as kit:
        yield kit
