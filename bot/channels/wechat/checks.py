"""What can be seen of an official account: its secret and address, what it may send, and whether pushes reach us."""

import secrets
from collections.abc import AsyncGenerator

from bot.channels.base import ChannelState
from bot.channels.checks import Knock, hook, knock, refused
from bot.channels.tencent.entrance import entrance
from bot.channels.tencent.notation import word
from bot.channels.tencent.refusal import Refusal
from bot.channels.tencent.signature import signature
from bot.channels.wechat.account import WechatAccount
from bot.channels.wechat.api import Api
from bot.channels.wechat.rights import Power, Standing, standings
from bot.clock import Clock
from bot.errors import SendError, StorageError
from bot.vocabulary import ChannelKind
from bot.vocabulary.health import Observation, Remark

PATHS = {
    Power.CUSTOMER: "message/custom/send",
    Power.TEMPLATE: "message/template/send",
    Power.NOTICE: "message/subscribe/bizsend",
    Power.MASS: "message/mass/send",
}
"""Of each the platform tells the day's allowance, without anything being sent."""

MASS_BY_TAG = "message/mass/sendall"

DENIED = frozenset({48001, 48004, 76022})


class Checks:
    """Looks at one account."""

    def __init__(self, account: WechatAccount, api: Api, state: ChannelState, clock: Clock) -> None:
        self._account = account
        self._api = api
        self._state = state
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
            for standing in await self._standings():
                if standing.code is not None:
                    yield Observation(Remark.POWER_REFUSED, {"code": standing.code}, standing.power.value)
                elif standing.power in PATHS:
                    yield await self._power(standing)

    async def _standings(self) -> list[Standing]:
        """What the settings use, and what the platform refused lately; the database has a row of its own."""
        try:
            return await standings(self._account, self._state, self._clock.now())
        except StorageError:
            return []

    async def _callback(self, public_url: str) -> Observation:
        """As the platform's own page checks the address."""
        address = hook(public_url, ChannelKind.WECHAT.value, self._account.name)
        stamp, nonce, echo = str(int(self._clock.now().timestamp())), secrets.token_hex(8), secrets.token_hex(8)
        signed = signature(self._account.token, stamp, nonce)
        query = {"signature": signed, "timestamp": stamp, "nonce": nonce, "echostr": echo}
        return await knock(Knock(address, echo, query))

    async def _power(self, standing: Standing) -> Observation:
        power = standing.power
        path = MASS_BY_TAG if power is Power.MASS and self._account.mass_by_tag else PATHS[power]
        try:
            answer = await self._api.post("openapi/quota/get", {"cgi_path": f"/cgi-bin/{path}"})
        except Refusal as refusal:
            if refusal.code in DENIED:
                return Observation(_denied(standing), about=power.value)
            return Observation(Remark.POWER_UNTOLD, {"code": str(refusal.code)}, power.value)
        except SendError as error:
            return refused(error, power.value)
        return _allowance(standing, answer.get("quota"))


def _allowance(standing: Standing, quota: object) -> Observation:
    name, numbers = standing.power.value, quota if isinstance(quota, dict) else {}
    limit, left = word(numbers, "daily_limit"), word(numbers, "remain")
    if not (limit.isdecimal() and left.isdecimal()):
        return Observation(Remark.POWER_UNTOLD, {"code": "–"}, name)
    if limit == "0":
        return Observation(_denied(standing), about=name)
    if not standing.used:
        return Observation(Remark.POWER_UNUSED, about=name)
    remark = Remark.POWER_SPENT if left == "0" else Remark.POWER_USED
    return Observation(remark, {"left": left, "limit": limit}, name)


def _denied(standing: Standing) -> Remark:
    """Replies have another way where customer-service messages are not allowed; nothing else has."""
    if standing.power is Power.CUSTOMER:
        return Remark.POWER_PASSIVE_ONLY if standing.used else Remark.POWER_NEXT_MESSAGE
    return Remark.POWER_DENIED if standing.used else Remark.POWER_WITHOUT
