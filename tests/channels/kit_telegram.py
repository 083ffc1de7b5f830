"""Telegram among the contract cases: the webhook adapter beside the Telegram double."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bot.channels.base import MemoryState, WebhookRequest
from bot.channels.telegram import Patience, TelegramAccount, TelegramChannel
from bot.clock import MovableClock
from bot.vocabulary import Addressee, ChannelKind
from tests.channels.contract import Kit
from tests.doubles.faults import Delay, Fault, HangUp, bot_refusal, flood, junk
from tests.doubles.server import running
from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.doubles.telegram.feed import Webhook, as_json

CHAT = 1001700001
SECRET = "webhook-Secret_17"
HEADER = "x-telegram-bot-api-secret-token"
NOBODY = "http://127.0.0.1:1"
PATIENCE = Patience(connect=2.0, read=0.4)
NO_TIME = (
    "Telegram signs with a fixed secret and sends neither time-stamp nor nonce; a repeat is known by its update_id"
)
SEND = "sendMessage"


@dataclass
class TelegramKit:
    """Requests are built from the updates that the double would push."""

    double: TelegramDouble
    account: TelegramAccount

    def __post_init__(self) -> None:
        self.channel = TelegramChannel(self.account, MemoryState(), self.double.clock)
        self.away = TelegramChannel(replace(self.account, api_root=NOBODY), MemoryState())
        self.client = Addressee(ChannelKind.TELEGRAM, "main", str(CHAT))
        self.secrets = (TOKEN, TOKEN.split(":")[1], SECRET)
        self.exempt: Mapping[str, str] = {
            "a_stale_request_is_refused": NO_TIME,
            "a_reused_nonce_is_recognisable": NO_TIME,
        }

    def pushed(self, text: str) -> WebhookRequest:
        self.double.client(CHAT).say(text)
        return self.signed(json.dumps(as_json(self.double.feed.pending[-1]), ensure_ascii=False).encode())

    def retried(self, request: WebhookRequest) -> WebhookRequest:
        return request

    def reused(self, request: WebhookRequest, text: str) -> WebhookRequest:
        return self.pushed(text)

    def forged(self, text: str) -> Sequence[WebhookRequest]:
        genuine = self.pushed(text)
        wrong = [{}, {HEADER: ""}, {HEADER: SECRET[:-1]}, {HEADER: f"{SECRET}x"}, {HEADER: "gehe\u00efm"}]
        return [replace(genuine, headers=headers) for headers in wrong]

    def stale(self, text: str) -> WebhookRequest:
        return self.pushed(text)

    def signed(self, body: bytes) -> WebhookRequest:
        return WebhookRequest("POST", {}, {HEADER: SECRET}, body)

    def got(self) -> Sequence[str]:
        return self.double.ledger.texts(CHAT)

    def throttle(self) -> float:
        self.double.faults.add(Fault(flood(7), SEND))
        return 7.0

    def block(self) -> None:
        self.double.client(CHAT).block()

    def refuse_with_200(self) -> None:
        refusal = replace(bot_refusal(400, "Bad Request: message is too long"), status=200)
        self.double.faults.add(Fault(refusal, SEND))

    def answer_junk(self) -> None:
        self.double.faults.add(Fault(junk(), SEND, after=True))

    def fall_silent(self) -> None:
        self.double.faults.add(Fault(Delay(PATIENCE.read * 3), SEND, after=True))

    def hang_up(self) -> None:
        self.double.faults.add(Fault(HangUp(), SEND, after=True))

    def unreachable(self) -> TelegramChannel:
        return self.away


@asynccontextmanager
async def telegram_kit(clock: MovableClock) -> AsyncIterator[Kit]:
    async with running(TelegramDouble(clock)) as double:
        double.state.chat(CHAT).started = True
        double.rates.enabled = False
        account = TelegramAccount(
            TOKEN, api_root=double.root, secret_token=SECRET, public_url=NOBODY, patience=PATIENCE
        )
        double.feed.webhook = Webhook(account.hook or "", SECRET)
        kit = TelegramKit(double, account)
        yield kit
        await kit.channel.close()
        await kit.away.close()
