"""What the tests of the WeCom channel share: a corp, its channel, and requests as the platform signs them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.channels.base import ChannelState, MemoryState, WebhookRequest
from bot.channels.wecom import Pace, WecomAccount, WecomChannel
from bot.clock import Clock, MovableClock
from bot.errors import DatabaseBusy
from bot.messages import Outgoing
from bot.vocabulary import Addressee, ChannelKind
from tests.doubles.wechat.cipher import MessageCipher
from tests.doubles.wechat.xml import write_xml
from tests.doubles.wecom import AES_KEY, CORP_ID, OPEN_KFID, SECRETS
from tests.doubles.wecom.push import Envelope, Seal

CLIENT = "wmClient1"
ADDRESS = f"{OPEN_KFID}:{CLIENT}"
TOKEN = "double-token"
MEMBER = "ZhangSan"
APP_SECRET, KF_SECRET, CONTACT_SECRET = SECRETS
OTHER_KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg"
NOW = int(MovableClock().now().timestamp())

ACCOUNT = WecomAccount(
    name="main",
    corp_id=CORP_ID,
    token=TOKEN,
    aes_key=AES_KEY,
    kf_ids=(OPEN_KFID,),
    kf_secret=KF_SECRET,
    agent_id=1000002,
    secret=APP_SECRET,
    contact_secret=CONTACT_SECRET,
    pace=Pace(look=0.01, first_pause=0.01),
)
HEAD: Mapping[str, object] = {"ToUserName": CORP_ID, "FromUserName": "sys", "CreateTime": NOW}
CALL: Mapping[str, object] = {
    **HEAD,
    "MsgType": "event",
    "Event": "kf_msg_or_event",
    "Token": "ENCtoken",
    "OpenKfId": OPEN_KFID,
}


@dataclass(frozen=True)
class Pushing:
    """How the platform wraps and signs."""

    token: str = TOKEN
    aes_key: str = AES_KEY
    corp_id: str = CORP_ID
    seal: Seal = field(default_factory=lambda: Seal(str(NOW), "1320562132"))

    @property
    def envelope(self) -> Envelope:
        """The double's own."""
        return Envelope(self.token, MessageCipher(self.aes_key, self.corp_id), "1000002")

    def post(self, fields: Mapping[str, object] = CALL) -> WebhookRequest:
        """The push of these fields."""
        return self.seal_up(write_xml(dict(fields)).encode())

    def seal_up(self, body: bytes) -> WebhookRequest:
        """Any body, encrypted and signed; halves of characters are lost."""
        query, outer = self.envelope.wrap(body.decode(errors="replace"), self.seal)
        return WebhookRequest("POST", query, {}, outer.encode())

    def check(self, echo: str = "5838479218127813673") -> WebhookRequest:
        """The console's GET check."""
        encrypted = self.envelope.cipher.encrypt(echo)
        return WebhookRequest("GET", self.envelope.query(self.seal, encrypted) | {"echostr": encrypted}, {}, b"")


def asking(request: WebhookRequest, **query: str) -> WebhookRequest:
    """The same request with other parameters."""
    return replace(request, query={**request.query, **query})


def channel(
    account: WecomAccount = ACCOUNT, clock: Clock | None = None, state: ChannelState | None = None
) -> WecomChannel:
    """The channel of one corp, on memory unless a state is given."""
    return WecomChannel(account, state or MemoryState(), clock or MovableClock())


def outgoing(text: str = "您好", delivery_id: int = 7) -> Outgoing:
    """A text for one client at the desk."""
    return Outgoing(delivery_id, Addressee(ChannelKind.WECOM, "main", ADDRESS), text)


@dataclass
class Guarded(MemoryState):
    """A lease that another process holds, and a cursor that may not be written."""

    held: bool = False
    refused: int = 0
    full: int = 0

    async def lease(self, key: str, holder: str, ttl: timedelta) -> bool:
        self.refused += self.held
        return not self.held

    async def put(self, key: str, value: str, ttl: timedelta | None = None) -> None:
        if key.startswith("cursor:") and self.full:
            self.full -= 1
            raise DatabaseBusy("locked")
        await super().put(key, value, ttl)
