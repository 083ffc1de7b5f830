"""What can be seen of an official account: its secret and address, what it may send, and whether pushes reach us."""

import secrets
from collections.abc import AsyncGenerator

from bot.channels.checks import Knock, hook, knock, refused
from bot.channels.tencent.entrance import entrance
from bot.channels.tencent.notation import Fields, word
from bot.channels.tencent.refusal import Refusal
from bot.channels.tencent.signature import signature
from bot.channels.wechat.account import WechatAccount
from bot.channels.wechat.api import Api
from bot.clock import Clock
from bot.errors import SendError
from bot.vocabulary import ChannelKind
from bot.vocabulary.health import Observation, Remark

POWERS = {
    "customer": "message/custom/send",
    "template": "message/template/send",
    "notice": "message/subscribe/bizsend",
    "mass": "message/mass/send",
}
"""Ways to write first; of each the platform tells the day's allowance, without anything being sent."""

DENIED = frozenset({48001, 48004, 76022})


class Checks:
    """Looks at one account."""

    def __init__(self, account: WechatAccount, api: Api, clock: Clock) -> None:
        self._account = account
        self._api = api
        self._clock = clock

    async def run(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """Our own address first: it can be seen also where the platform cannot."""
        yield await self._callback(public_url) if public_url else Observation(Remark.CALLBACK_UNSET)
        if self._account.secret is None:
            yield Observation(Remark.ACCESS_WITHOUT)
            return
        let_in, seen = await entrance(self._api, self._clock)
        for observation in seen:
            yield observation
        if let_in:
            yield Observation(Remark.ADDRESS_ALLOWED)
            for name in POWERS:
                yield await self._power(name)

    async def _callback(self, public_url: str) -> Observation:
        """As the platform's own page checks the address."""
        address = hook(public_url, ChannelKind.WECHAT.value, self._account.name)
        stamp, nonce, echo = str(int(self._clock.now().timestamp())), secrets.token_hex(8), secrets.token_hex(8)
        signed = signature(self._account.token, stamp, nonce)
        query = {"signature": signed, "timestamp": stamp, "nonce": nonce, "echostr": echo}
        return await knock(Knock(address, echo, query))

    async def _power(self, name: str) -> Observation:
        try:
            answer = await self._api.post("openapi/quota/get", {"cgi_path": f"/cgi-bin/{POWERS[name]}"})
        except Refusal as refusal:
            if refusal.code in DENIED:
                return Observation(self._denied(name), about=name)
            return Observation(Remark.POWER_UNTOLD, {"code": str(refusal.code)}, name)
        except SendError as error:
            return refused(error, name)
        return self._allowance(name, answer.get("quota"))

    def _allowance(self, name: str, quota: object) -> Observation:
        numbers: Fields = quota if isinstance(quota, dict) else {}
        limit, left = word(numbers, "daily_limit"), word(numbers, "remain")
        if not (limit.isdecimal() and left.isdecimal()):
            return Observation(Remark.POWER_UNTOLD, {"code": "–"}, name)
        if limit == "0":
            return Observation(self._denied(name), about=name)
        if not self._uses(name):
            return Observation(Remark.POWER_UNUSED, about=name)
        remark = Remark.POWER_SPENT if left == "0" else Remark.POWER_USED
        return Observation(remark, {"left": left, "limit": limit}, name)

    def _denied(self, name: str) -> Remark:
        """Replies have another way where customer-service messages are not allowed; nothing else has."""
        if name == "customer":
            return Remark.POWER_PASSIVE_ONLY if self._uses(name) else Remark.POWER_NEXT_MESSAGE
        return Remark.POWER_DENIED if self._uses(name) else Remark.POWER_WITHOUT

    def _uses(self, name: str) -> bool:
        told = {
            "customer": self._account.customer_messages,
            "template": bool(self._account.templates),
            "mass": self._account.mass_messages,
        }
        return told.get(name, False)
