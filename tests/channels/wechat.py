"""What the tests of the WeChat channel share: an account, its channel, and requests as the platform signs them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.channels.base import ChannelState, MemoryState, WebhookRequest
from bot.channels.wechat import WechatAccount, WechatChannel
from bot.clock import Clock, MovableClock
from bot.messages import Outgoing
from bot.vocabulary import Addressee, ChannelKind
from tests.doubles.wechat import AES_KEY, APP_ID, ORIGINAL_ID, Mode
from tests.doubles.wechat.cipher import MessageCipher, signature
from tests.doubles.wechat.envelope import Envelope, Seal

OPENID = "oClient1"
TOKEN = "double-token"
SECRET = "double-secret"
OTHER_KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg"
NOW = int(MovableClock().now().timestamp())

ACCOUNT = WechatAccount("main", APP_ID, TOKEN, SECRET, AES_KEY)
HEAD: Mapping[str, object] = {"ToUserName": ORIGINAL_ID, "FromUserName": OPENID, "CreateTime": NOW}
TEXT: Mapping[str, object] = {**HEAD, "MsgType": "text", "Content": "股票几点开盘", "MsgId": 24300000000000001}


@dataclass(frozen=True)
class Pushing:
    """How the platform wraps and signs."""

    mode: Mode = Mode.SAFE
    token: str = TOKEN
    aes_key: str = AES_KEY
    app_id: str = APP_ID
    seal: Seal = field(default_factory=lambda: Seal(str(NOW), "1320562132"))

    @property
    def envelope(self) -> Envelope:
        """The double's own."""
        return Envelope(self.mode, self.token, MessageCipher(self.aes_key, self.app_id))

    def post(self, fields: Mapping[str, object] = TEXT) -> WebhookRequest:
        """The push of these fields."""
        query, body = self.envelope.wrap(dict(fields), self.seal)
        return WebhookRequest("POST", query, {}, body.encode())

    def seal_up(self, body: bytes) -> WebhookRequest:
        """Any body under a valid signature; under safe mode it is encrypted, and halves of characters are lost."""
        query = self.envelope.query(self.seal)
        if self.mode is Mode.PLAIN:
            return WebhookRequest("POST", query, {}, body)
        encrypted = self.envelope.cipher.encrypt(body.decode(errors="replace"))
        signed = signature(self.token, self.seal.timestamp, self.seal.nonce, encrypted)
        outer = f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()
        return WebhookRequest("POST", query | {"encrypt_type": "aes", "msg_signature": signed}, {}, outer)

    def check(self, echo: str = "5838479218127813673") -> WebhookRequest:
        """The console's GET check."""
        return WebhookRequest("GET", self.envelope.query(self.seal) | {"echostr": echo}, {}, b"")


def asking(request: WebhookRequest, **query: str) -> WebhookRequest:
    """The same request with other parameters."""
    return replace(request, query={**request.query, **query})


def channel(
    account: WechatAccount = ACCOUNT, clock: Clock | None = None, state: ChannelState | None = None
) -> WechatChannel:
    """The channel of one account, on memory unless a state is given."""
    return WechatChannel(account, state or MemoryState(), clock or MovableClock())


def outgoing(text: str = "您好", openid: str = OPENID) -> Outgoing:
    """A text for one client."""
    return Outgoing(7, Addressee(ChannelKind.WECHAT, "main", openid), text)
