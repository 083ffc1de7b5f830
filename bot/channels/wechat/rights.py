"""What an account may send at all: by its settings, and by what the platform refused to it as such.

A refusal is kept in the channel's state, where every process finds it when it starts, and doctor at any time.
"""

import json
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.channels.base import ChannelState
from bot.channels.tencent.refusal import Refusal
from bot.channels.wechat.account import WechatAccount
from bot.channels.wechat.outcomes import NO_PERMISSION, send_error
from bot.clock import Clock
from bot.errors import SendError, StorageError, WindowClosed

log = logging.getLogger(__name__)

BELIEVED = timedelta(hours=6)
"""After so long the account is tried again."""


class Power(StrEnum):
    """A way to say something outside the answer to a request."""

    CUSTOMER = "customer"
    MENU = "menu"
    TEMPLATE = "template"
    NOTICE = "notice"
    MASS = "mass"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a power stands: whether the settings use it and, where the platform refused it, its code and when."""

    power: Power
    used: bool
    code: str | None = None
    refused_at: datetime | None = None

    @property
    def works(self) -> bool:
        """Whether anything can go this way, as far as is known."""
        return self.used and self.code is None


async def standings(account: WechatAccount, state: ChannelState, now: datetime) -> list[Standing]:
    """What the account may send, way by way; raises StorageError."""
    used = {
        Power.CUSTOMER: account.may_send,
        Power.MENU: account.may_send,
        Power.TEMPLATE: bool(account.templates and account.secret),
        Power.NOTICE: bool(account.notices and account.secret),
        Power.MASS: bool(account.mass_messages and account.secret),
    }
    found = {power: Standing(power, used[power], *await _refused(state, power, now)) for power in Power}
    if found[Power.CUSTOMER].code:  # menus are customer-service messages
        found[Power.MENU] = replace(found[Power.CUSTOMER], power=Power.MENU)
    return list(found.values())


async def _refused(state: ChannelState, power: Power, now: datetime) -> tuple[str | None, datetime | None]:
    written = await state.get(_key(power))
    if written is None:
        return None, None
    code, at = json.loads(written)
    refused_at = datetime.fromisoformat(at)
    return (code, refused_at) if now < refused_at + BELIEVED else (None, None)


def _key(power: Power) -> str:
    return f"refused:{power}"


class Rights:
    """The powers of one account as this process knows them."""

    def __init__(self, account: WechatAccount, state: ChannelState, clock: Clock) -> None:
        self._account = account
        self._state = state
        self._clock = clock
        self._until: dict[Power, datetime] = {}

    async def recall(self) -> None:
        """What was refused before this process started; without a database it is found out anew."""
        try:
            found = await standings(self._account, self._state, self._clock.now())
        except StorageError as error:
            log.warning("wechat account %s: its rights are not known yet (%s)", self._account.name, error)
            return
        self._until |= {one.power: one.refused_at + BELIEVED for one in found if one.refused_at is not None}

    def refused(self, power: Power) -> bool:
        """Whether there is no use in trying now."""
        return power in self._until and self._clock.now() < self._until[power]

    def demand(self, power: Power) -> None:
        """Raise WindowClosed where the account may not: what it would say goes with the client's next message."""
        if self.refused(power):
            raise WindowClosed(str(NO_PERMISSION), f"the account may not: {power}")

    async def outcome(self, power: Power, refusal: Refusal) -> SendError:
        """What a refused message comes to; that the account may not at all is remembered, and stops nothing else."""
        if refusal.code != NO_PERMISSION:
            return send_error(refusal, self._clock.now())
        await self.remember(power, refusal.code)
        return WindowClosed(str(refusal.code))

    async def remember(self, power: Power, code: int) -> None:
        """The platform refused this to the account as such."""
        now = self._clock.now()
        log.error("wechat account %s may not send by %s (%s)", self._account.name, power, code)
        self._until[power] = now + BELIEVED
        try:
            await self._state.put(_key(power), json.dumps([str(code), now.isoformat()]), BELIEVED)
        except StorageError as error:
            log.warning("wechat account %s: that is not noted (%s)", self._account.name, error)
