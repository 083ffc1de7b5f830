"""Several official accounts in one server: each with its own keys, token, files, forms, menu and followers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import pytest_asyncio
from pydantic import SecretStr

from bot.app.channels import Parts, channels, wechat_office
from bot.channels.wechat import WechatChannel
from bot.clock import MovableClock
from bot.errors import SettingsWrong, SignatureWrong
from bot.messages import Form, Incoming, Outgoing, Picture
from bot.settings import Settings, Wechat, WechatTemplate
from bot.vocabulary import Addressee, ChannelKind
from storage.channel_state import StoredState
from storage.engine import open_engines
from storage.unit import Database
from storage.vault import Vault
from tests import packaged
from tests.channels.wechat import OPENID, OTHER_KEY, Pushing
from tests.doubles.server import running
from tests.doubles.wechat import WechatDouble

MENU = "- name: {}\n  click: menu\n"
PICTURE = Picture(b"\xff\xd8\xff\xe0", "image/jpeg")
NAMES = ("main", "second")
PARTS = Parts(lambda _: None, lambda _: None, packaged.texts(), MovableClock())  # type: ignore[arg-type,return-value]


def told(double: WechatDouble, number: int) -> Wechat:
    """What the settings say of one of them."""
    return Wechat(
        app_id=double.app_id,
        secret=SecretStr(double.secret),
        token=SecretStr(double.token),
        aes_key=SecretStr(double.aes_key),
        api_root=double.root,
        mass_messages=True,
        templates={"complaint_progress": WechatTemplate(id=f"TM{number}", fields={"number": "{{ number }}"})},
    )


@dataclass
class Pair:
    """Both accounts, by name: what the platform has of each, and our channel."""

    database: Database
    settings: Settings
    doubles: Mapping[str, WechatDouble]
    channels: Mapping[str, WechatChannel]


@pytest_asyncio.fixture
async def pair(sqlite_url: str, clock: MovableClock) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(running(WechatDouble(clock)))
        other = WechatDouble(clock, app_id="wx1", secret="s2", token="t2", aes_key=OTHER_KEY)
        second = await stack.enter_async_context(running(other))
        doubles = {"main": first, "second": second}
        for number, double in enumerate(doubles.values(), 1):
            for openid in (OPENID, "oClient2"):
                double.account.follower(openid).wrote(clock.now())
            double.account.templates[f"TM{number}"] = f"{number}: {{{{number.DATA}}}}"
        settings = Settings(wechat=told(first, 1), accounts={"second": told(second, 2)})
        database = Database(open_engines(sqlite_url), Vault((b"k" * 32,)))
        stack.callback(database.close)
        parts = replace(PARTS, states=lambda scope: StoredState(database, clock, scope), clock=clock)
        found: dict[str, WechatChannel] = {}
        for name in NAMES:
            channel = channels(settings, parts)[ChannelKind.WECHAT, name]
            assert isinstance(channel, WechatChannel)
            stack.push_async_callback(channel.close)
            found[name] = channel
        yield Pair(database, settings, doubles, found)


def saying(name: str, text: str) -> Outgoing:
    return Outgoing(7, Addressee(ChannelKind.WECHAT, name, OPENID), text, idempotency_key="0" * 32)


def has(pair: Pair, name: str) -> list[tuple[str, str]]:
    """What an account's followers have: by which call, and what."""
    return [(entry.via, entry.text) for entry in pair.doubles[name].ledger.all()]


async def test_each_hears_its_own_followers_only(pair: Pair) -> None:
    for name, other in (("main", "second"), ("second", "main")):
        double = pair.doubles[name]
        push = Pushing(double.mode, double.token, double.aes_key, double.app_id).post()
        [item] = (await pair.channels[name].receive(push)).items
        assert isinstance(item, Incoming)
        assert item.sender == Addressee(ChannelKind.WECHAT, name, OPENID)
        with pytest.raises(SignatureWrong):
            await pair.channels[other].receive(push)


async def test_each_speaks_with_its_own_token_files_and_forms(pair: Pair) -> None:
    for number, name in enumerate(NAMES * 2):
        channel, form = pair.channels[name], Form("complaint_progress", {"number": "T7"})
        await channel.send(replace(saying(name, name), delivery_id=number, enclosed=(PICTURE,)))
        await channel.send(replace(saying(name, ""), form=form, idempotency_key=str(number)))
    for number, name in enumerate(NAMES, 1):
        await pair.channels[name].send_group(saying(name, f"mass {name}"), [OPENID, "oClient2"])
        double = pair.doubles[name]
        said = [text for _, text in has(pair, name)]
        assert (said.count(name), said.count(f"{number}: T7"), said.count(f"mass {name}")) == (2, 2, 2)
        assert [len(double.ledger.called(call)) for call in ("stable_token", "media/upload")] == [1, 1]


async def test_each_has_its_own_menu_codes_and_fetched_files(pair: Pair, clock: MovableClock) -> None:
    for name in NAMES:
        office = wechat_office(pair.settings, pair.database, clock, name)
        await office.set_menu(MENU.format(name))
        await office.qr_code(f"salon_{name}", timedelta(days=1))
        await office.close()
        pair.doubles[name].shelf.put("m1", name.encode())
    for name in NAMES:
        double = pair.doubles[name]
        assert (name in str(double.account.menu), len(double.ledger.called("qrcode/create"))) == (True, 1)
        assert await pair.channels[name].fetch({"media_id": "m1"}, 100) == name.encode()
    with pytest.raises(SettingsWrong, match="wechat third: app_id and secret are needed"):
        wechat_office(pair.settings, pair.database, clock, "third")
