"""What an account may send at all: learned from refusals, kept for every process, told to whoever asks."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.channels.base import MemoryState
from bot.channels.wechat import Power, Standing, Template, WechatChannel, standings
from bot.channels.wechat.rights import BELIEVED
from bot.clock import MovableClock
from bot.errors import DatabaseBusy, WindowClosed
from bot.messages import Form, Outgoing
from tests.channels.kit_wechat import SEND, WechatKit, opened
from tests.channels.wechat import ACCOUNT, outgoing
from tests.doubles.wechat import Mode
from tests.doubles.wechat.account import EVERYTHING

TEMPLATES = {"complaint_received": Template("TM1", {})}
NOTICES = {"complaint_progress": Template("SM1", {})}
MESSAGES: dict[Power, Outgoing] = {
    Power.CUSTOMER: outgoing(),
    Power.TEMPLATE: replace(outgoing(), form=Form("complaint_received", {})),
    Power.NOTICE: replace(outgoing(), form=Form("complaint_progress", {})),
}
NEEDED = {Power.CUSTOMER: "custom", Power.TEMPLATE: "template", Power.NOTICE: "notice", Power.MASS: "mass"}


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WechatKit]:
    async with opened(clock, Mode.SAFE) as opened_kit:
        opened_kit.account = replace(opened_kit.account, mass_messages=True, templates=TEMPLATES, notices=NOTICES)
        opened_kit.channel = another(opened_kit)
        yield opened_kit


def another(kit: WechatKit) -> WechatChannel:
    """The channel as a further process has it."""
    return WechatChannel(kit.account, kit.channel_state, kit.clock)


async def refused(kit: WechatKit, power: Power, channel: WechatChannel | None = None) -> None:
    """Try to say something this way, in vain."""
    sender = channel or kit.channel
    trying = sender.send_group(outgoing(), ["a", "b"]) if power is Power.MASS else sender.send(MESSAGES[power])
    with pytest.raises(WindowClosed):
        await trying


async def told(kit: WechatKit) -> dict[Power, str | None]:
    """What was refused to the account."""
    return {one.power: one.code for one in await standings(kit.account, kit.channel_state, kit.clock.now())}


def calls(kit: WechatKit) -> int:
    """How often something was tried."""
    return len([call for call in kit.double.ledger.calls if call.method.startswith("message/")])


@pytest.mark.parametrize("power", NEEDED)
async def test_a_refused_right_is_remembered_and_closes_no_other_way(kit: WechatKit, power: Power) -> None:
    kit.double.account.permissions = EVERYTHING - {NEEDED[power]}
    await refused(kit, power)
    await refused(kit, power)
    assert calls(kit) == 1
    lost = {Power.CUSTOMER, Power.MENU} if power is Power.CUSTOMER else {power}
    assert {one for one, code in (await told(kit)).items() if code == "48001"} == lost
    if power is not Power.CUSTOMER:
        await kit.channel.send(outgoing("您好"))
        assert kit.got() == ["您好"]


async def test_a_process_that_starts_knows_what_another_learned(kit: WechatKit) -> None:
    kit.double.account.permissions = EVERYTHING - {"custom"}
    await refused(kit, Power.CUSTOMER)
    fresh = another(kit)
    await fresh.open()
    await refused(kit, Power.CUSTOMER, fresh)
    assert len(kit.double.ledger.called(SEND)) == 1
    await fresh.close()


async def test_after_six_hours_it_is_tried_again(kit: WechatKit) -> None:
    kit.double.account.permissions = EVERYTHING - {"custom"}
    await refused(kit, Power.CUSTOMER)
    kit.double.account.permissions = EVERYTHING
    kit.clock.move(BELIEVED)
    assert (await told(kit))[Power.CUSTOMER] is None
    await kit.channel.send(outgoing("您好"))
    assert kit.got() == ["您好"]


async def test_a_record_tells_what_the_settings_use_and_what_works(kit: WechatKit) -> None:
    kit.double.account.permissions = EVERYTHING - {"custom"}
    await refused(kit, Power.CUSTOMER)
    account, now = replace(kit.account, templates={}), kit.clock.now()
    found = {one.power: one for one in await standings(account, kit.channel_state, now)}
    assert found[Power.CUSTOMER] == Standing(Power.CUSTOMER, used=True, code="48001", refused_at=now)
    assert [power for power in Power if found[power].works] == [Power.NOTICE, Power.MASS]
    mute = await standings(replace(ACCOUNT, secret=None), MemoryState(), now)
    assert not any(one.used for one in mute)


async def test_without_a_database_it_is_found_out_anew(kit: WechatKit) -> None:
    class Gone(MemoryState):
        async def get(self, key: str) -> str | None:
            if key.startswith("refused"):
                raise DatabaseBusy("gone")
            return await super().get(key)

        async def put(self, key: str, value: str, ttl: timedelta | None = None) -> None:
            if key.startswith("refused"):
                raise DatabaseBusy("gone")
            await super().put(key, value, ttl)

    kit.double.account.permissions = EVERYTHING - {"custom"}
    channel = WechatChannel(kit.account, Gone(), kit.clock)
    await channel.open()
    await refused(kit, Power.CUSTOMER, channel)
    await refused(kit, Power.CUSTOMER, channel)
    assert len(kit.double.ledger.called(SEND)) == 1
    await channel.close()
