"""WeCom's service desk and the corp's own app among the contract cases, beside the WeCom double."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

from bot.channels.base import ChannelState, MemoryState, WebhookRequest
from bot.channels.wecom import Patience, WecomAccount, WecomAppChannel, WecomChannel
from bot.clock import MovableClock
from bot.vocabulary import Addressee, ChannelKind
from tests.channels.contract import Kit
from tests.channels.wecom import (
    ACCOUNT,
    ADDRESS,
    APP_SECRET,
    CALL,
    CLIENT,
    HEAD,
    KF_SECRET,
    MEMBER,
    OTHER_KEY,
    TOKEN,
    Pushing,
    asking,
)
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
class CorpKit:
    """What the parts of a corp have alike. Requests are wrapped and signed by the double's own envelope."""

    double: WecomDouble
    clock: MovableClock
    account: WecomAccount
    state: MemoryState = field(default_factory=MemoryState)
    send = SEND

    def __post_init__(self) -> None:
        self.numbers = count(1)

    @property
    def secrets(self) -> Sequence[str]:
        answers = [call.answer for call in self.double.ledger.called("gettoken") if call.answer]
        return (TOKEN, KF_SECRET, APP_SECRET, AES_KEY, *(str(answer.data["access_token"]) for answer in answers))

    def pushing(self, ago: timedelta = timedelta()) -> Pushing:
        at = int((self.clock.now() - ago).timestamp())
        return Pushing(seal=Seal(str(at), f"nonce{next(self.numbers)}"))

    def retried(self, request: WebhookRequest) -> WebhookRequest:
        return request

    def forged(self, text: str) -> Sequence[WebhookRequest]:
        genuine = self.pushing().post()
        unsigned = {name: value for name, value in genuine.query.items() if name != "msg_signature"}
        return [
            replace(self.pushing(), token="another").post(),
            replace(self.pushing(), aes_key=OTHER_KEY).post(),
            replace(self.pushing(), corp_id="another").post(),
            replace(genuine, query=unsigned),
            replace(genuine, query={}),
            replace(genuine, body=b"<xml></xml>"),
            asking(genuine, msg_signature=""),
            asking(genuine, msg_signature="0" * 40),
            asking(genuine, nonce="another"),
        ]

    def stale(self, text: str) -> WebhookRequest:
        return self.pushing(AN_HOUR).post()

    def signed(self, body: bytes) -> WebhookRequest:
        return self.pushing().seal_up(body)

    def throttle(self) -> float:
        self.fail(errcode(45009))
        return 60.0

    def refuse_with_200(self) -> None:
        self.fail(errcode(45002))

    def answer_junk(self) -> None:
        self.fail(junk(), after=True)

    def fall_silent(self) -> None:
        self.fail(Delay(PATIENCE.read * 3), after=True)

    def hang_up(self) -> None:
        self.fail(HangUp(), after=True)

    def fail(self, effect: Effect, after: bool = False) -> None:
        self.double.faults.add(Fault(effect, self.send, after=after))


@dataclass
class WecomKit(CorpKit):
    """A client at the service desk."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.others: list[WecomChannel] = []
        self.channel = self.another()
        self.away = self.another(MemoryState(), replace(self.account, api_root=NOBODY))
        self.client = Addressee(ChannelKind.WECOM, "main", ADDRESS)
        pulled = ("a_text_comes_in", "two_texts_are_two", "a_retry_is_recognisable", "a_reused_nonce_is_recognisable")
        self.exempt: Mapping[str, str] = dict.fromkeys(pulled, PULLED)

    def another(self, state: ChannelState | None = None, account: WecomAccount | None = None) -> WecomChannel:
        """Another process on the same state, or a stranger on its own; closed with the kit."""
        self.others.append(WecomChannel(account or self.account, state or self.state, self.clock))
        return self.others[-1]

    def pushed(self, text: str) -> WebhookRequest:
        self.double.desk.wrote(CLIENT, {"msgtype": "text", "text": {"content": text}})
        return self.pushing().post(CALL)

    def reused(self, request: WebhookRequest, text: str) -> WebhookRequest:
        return request

    def got(self) -> Sequence[str]:
        return self.double.ledger.texts(CLIENT)

    def block(self) -> None:
        self.double.desk.sessions.clear()

    def unreachable(self) -> WecomChannel:
        return self.away


@dataclass
class WecomAppKit(CorpKit):
    """A member who writes to the corp's app; what they write is in the push itself."""

    send = "message/send"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.channel = WecomAppChannel(self.account, self.state, self.clock)
        self.away = WecomAppChannel(replace(self.account, api_root=NOBODY), MemoryState(), self.clock)
        self.client = Addressee(ChannelKind.WECOM, "main-app", MEMBER)
        self.exempt: Mapping[str, str] = {}

    def _text(self, text: str) -> dict[str, object]:
        said = {**HEAD, "FromUserName": MEMBER, "MsgType": "text", "Content": text, "AgentID": 1000002}
        return said | {"MsgId": 10**15 + next(self.numbers)}

    def pushed(self, text: str) -> WebhookRequest:
        return self.pushing().post(self._text(text))

    def reused(self, request: WebhookRequest, text: str) -> WebhookRequest:
        seal = Seal(request.query["timestamp"], request.query["nonce"])
        return replace(self.pushing(), seal=seal).post(self._text(text))

    def got(self) -> Sequence[str]:
        return self.double.ledger.texts(MEMBER)

    def block(self) -> None:
        self.double.office.members.clear()

    def unreachable(self) -> WecomAppChannel:
        return self.away


@asynccontextmanager
async def opened(clock: MovableClock) -> AsyncIterator[WecomKit]:
    async with running(WecomDouble(clock)) as double:
        double.desk.wrote(CLIENT, {"msgtype": "text", "text": {"content": "你好"}})
        kit = WecomKit(double, clock, replace(ACCOUNT, api_root=double.root, patience=PATIENCE))
        yield kit
        for channel in kit.others:
            await channel.close()


@asynccontextmanager
async def opened_app(clock: MovableClock) -> AsyncIterator[WecomAppKit]:
    async with running(WecomDouble(clock)) as double:
        double.office.members.add(MEMBER)
        kit = WecomAppKit(double, clock, replace(ACCOUNT, api_root=double.root, patience=PATIENCE))
        yield kit
        for channel in (kit.channel, kit.away):
            await channel.close()


@asynccontextmanager
async def wecom_kit(clock: MovableClock) -> AsyncIterator[Kit]:
    async with opened(clock) as kit:
        yield kit


@asynccontextmanager
async def wecom_app_kit(clock: MovableClock) -> AsyncIterator[Kit]:
    async with opened_app(clock) as kit:
        yield kit
