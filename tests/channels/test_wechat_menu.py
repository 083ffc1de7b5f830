"""The menu of an account from a file, checked before the platform sees it, and read back the same."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.channels.base import MemoryState
from bot.channels.wechat import WechatOffice
from bot.channels.wechat.menu import read_menu
from bot.clock import MovableClock
from bot.errors import ChannelStopped, ContentRefused, Refused, SettingsWrong
from tests.channels.kit_wechat import WechatKit, opened
from tests.doubles.faults import Fault, errcode
from tests.doubles.wechat import Mode
from tests.doubles.wechat.account import MassJob

MENU = """\
- name: 常用服务
  items:
  - name: 菜单
    click: menu
  - name: 官网
    view: https://branch.example
  - name: 扫码
    scan: code
- name: 转人工
  click: person
"""


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WechatKit]:
    async with opened(clock, Mode.SAFE) as opened_kit:
        yield opened_kit


@pytest_asyncio.fixture
async def office(kit: WechatKit) -> AsyncIterator[WechatOffice]:
    made = WechatOffice(kit.account, MemoryState(), kit.clock)
    yield made
    await made.close()


async def test_what_was_pushed_reads_back_the_same(kit: WechatKit, office: WechatOffice) -> None:
    await office.set_menu(MENU)
    assert await office.menu() == office.tidied(MENU) == MENU
    assert kit.double.account.menu is not None


async def test_no_menu_is_an_empty_list(office: WechatOffice) -> None:
    assert await office.menu() == "[]\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[]", "0 buttons: 1 to 3 are allowed"),
        ("- {name: a, click: x}\n" * 4, "4 buttons: 1 to 3 are allowed"),
        ("- name: a\n  items:\n" + "  - {name: b, click: x}\n" * 6, "a: 6 entries, at most 5 are allowed"),
        ("- {name: 字字字字字字, click: x}", "字字字字字字: a name has 1 to 16 bytes"),
        ("- {name: '', click: x}", ": a name has 1 to 16 bytes"),
        ("- {name: a, click: " + "x" * 129 + "}", "a: a key has 1 to 128 bytes"),
        ("- {name: a, view: branch.example}", "a: view needs an address with http:// or https://"),
        ("- {name: a}", "a: needs one of click, view and scan"),
        ("- {name: a, click: x, view: 'http://b'}", "a: needs one of click, view and scan"),
        ("- {name: a, click: x, items: [{name: b, click: y}]}", "a: opens a list and does something"),
        ("- {name: a, klick: x}", "klick.Extra inputs are not permitted"),
        ("- {name: [", "no YAML: while parsing a flow node"),
        ("menu", "Input should be a valid dictionary"),
    ],
)
def test_a_wrong_file_names_its_fault(text: str, fault: str) -> None:
    with pytest.raises(SettingsWrong) as caught:
        read_menu(text)
    assert [line for line in caught.value.faults if fault in line] == caught.value.faults[:1]


async def test_the_platforms_own_words_are_told(kit: WechatKit, office: WechatOffice) -> None:
    kit.double.faults.add(Fault(errcode(48001, "api unauthorized"), "menu/create"))
    with pytest.raises(ChannelStopped, match=r"48001.*api unauthorized"):
        await office.set_menu(MENU)


@pytest.mark.parametrize("life", [timedelta(minutes=30), None])
async def test_a_scanned_code_brings_its_scene(kit: WechatKit, office: WechatOffice, life: timedelta | None) -> None:
    made = await office.qr_code("bind_ABCD2345", life)
    [(ticket, (scene, until))] = kit.double.account.scenes.items()
    assert (made.url.endswith(ticket), ticket in made.picture, scene) == (True, True, "bind_ABCD2345")
    assert until == (kit.clock.now() + life if life else None)


@pytest.mark.parametrize("scene", ["", "x" * 65])
async def test_a_scene_has_its_length(kit: WechatKit, office: WechatOffice, scene: str) -> None:
    with pytest.raises(Refused):
        await office.qr_code(scene, None)
    assert kit.double.ledger.calls == []


async def test_a_mass_send_is_looked_at_before_and_after(kit: WechatKit, office: WechatOffice) -> None:
    await office.try_out("明日休市一天。\x00", "zhang_san")
    assert [(entry.via, entry.text) for entry in kit.double.ledger.of("zhang_san")] == [("preview", "明日休市一天。")]
    kit.double.account.jobs.append(MassJob(9, "k", kit.clock.now(), 2, "mpnews", "SEND_SUCCESS"))
    await office.delete_mass("9")
    assert await office.mass_status("9") == "DELETE"
    with pytest.raises(ChannelStopped):
        await office.delete_mass("9")


@pytest.mark.parametrize("text", ["", " ", "字" * 683])
async def test_what_is_not_one_message_is_not_tried_out(kit: WechatKit, office: WechatOffice, text: str) -> None:
    with pytest.raises(ContentRefused):
        await office.try_out(text, "zhang_san")
    assert kit.double.ledger.calls == []
