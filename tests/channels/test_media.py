"""What clients send besides words, fetched from each platform's double, with everything that may come instead."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.channels.base import MediaSource, MemoryState
from bot.channels.telegram import Patience, TelegramAccount, TelegramChannel
from bot.channels.wechat.media import is_platforms
from bot.channels.wecom import WecomAppChannel
from bot.clock import MovableClock
from bot.errors import (
    ChannelStopped,
    MediaRefused,
    QuotaUsed,
    RecipientGone,
    SendError,
    Throttled,
    TryLater,
)
from bot.vocabulary import MediaRefusal
from tests.channels import wechat, wecom
from tests.doubles.faults import (
    Answer,
    Fault,
    Faults,
    HangUp,
    KillToken,
    bot_refusal,
    errcode,
    flood,
    http_error,
    json_answer,
)
from tests.doubles.server import running
from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.doubles.wechat import WechatDouble
from tests.doubles.wecom import WecomDouble
from tests.pictures import picture

LIMIT = 100_000
PICTURE = picture()
NAMES = {"media_id": "m1", "file_id": "m1", "size": "x"}
"""As each adapter writes what can be fetched; a size that is no number is passed over."""
VIDEO = {"media_id": "v1", "thumbnail_id": "t1"}
"""Of a follower's video, with the picture that stands for it."""


@dataclass
class Shelf:
    """A source beside its double: where its files stand, and under which method its faults are scripted."""

    source: MediaSource
    put: Callable[[bytes], None]
    faults: Faults
    asked: str


Open = Callable[[AsyncExitStack, MovableClock], Awaitable[Shelf]]


async def open_wechat(stack: AsyncExitStack, clock: MovableClock) -> Shelf:
    double = await stack.enter_async_context(running(WechatDouble(clock)))
    channel = wechat.channel(replace(wechat.ACCOUNT, api_root=double.root), clock)
    stack.push_async_callback(channel.close)
    return Shelf(channel, lambda content: double.shelf.put("m1", content), double.faults, "media/get")


async def open_wecom(stack: AsyncExitStack, clock: MovableClock) -> Shelf:
    double = await stack.enter_async_context(running(WecomDouble(clock)))
    channel = wecom.channel(replace(wecom.ACCOUNT, api_root=double.root), clock)
    stack.push_async_callback(channel.close)
    return Shelf(channel, lambda content: double.shelf.put("m1", content), double.faults, "media/get")


async def open_wecom_app(stack: AsyncExitStack, clock: MovableClock) -> Shelf:
    double = await stack.enter_async_context(running(WecomDouble(clock)))
    channel = WecomAppChannel(replace(wecom.ACCOUNT, api_root=double.root), MemoryState(), clock)
    stack.push_async_callback(channel.close)
    return Shelf(channel, lambda content: double.shelf.put("m1", content), double.faults, "media/get")


async def open_telegram(stack: AsyncExitStack, clock: MovableClock) -> Shelf:
    double = await stack.enter_async_context(running(TelegramDouble(clock)))
    channel = TelegramChannel(TelegramAccount(TOKEN, api_root=double.root, patience=Patience(2.0, 2.0)), MemoryState())
    stack.push_async_callback(channel.close)
    return Shelf(channel, lambda content: double.state.files.update(m1=content), double.faults, "getFile")


TENCENT: dict[str, Open] = {"wechat": open_wechat, "wecom": open_wecom, "wecom-app": open_wecom_app}
EVERY: dict[str, Open] = TENCENT | {"telegram": open_telegram}


@pytest.fixture
async def shelf(request: pytest.FixtureRequest, clock: MovableClock) -> AsyncIterator[Shelf]:
    async with AsyncExitStack() as stack:
        yield await EVERY[request.param](stack, clock)


every = pytest.mark.parametrize("shelf", EVERY, indirect=True)
tencent = pytest.mark.parametrize("shelf", TENCENT, indirect=True)
telegram = pytest.mark.parametrize("shelf", ["telegram"], indirect=True)


async def refusal(shelf: Shelf) -> MediaRefusal:
    """Why nothing is to be had."""
    with pytest.raises(MediaRefused) as refused:
        await shelf.source.fetch(NAMES, LIMIT)
    return refused.value.reason


async def failure(shelf: Shelf) -> SendError:
    """Why it can not be had now."""
    with pytest.raises(SendError) as failed:
        await shelf.source.fetch(NAMES, LIMIT)
    assert TOKEN not in str(failed.value)
    assert wechat.SECRET not in str(failed.value)
    return failed.value


@every
async def test_a_picture_comes_as_it_was_sent(shelf: Shelf) -> None:
    shelf.put(PICTURE)
    assert await shelf.source.fetch(NAMES, LIMIT) == PICTURE


@every
async def test_a_file_over_the_limit_is_refused_one_of_just_the_limit_is_not(shelf: Shelf) -> None:
    shelf.put(b"\xff" * LIMIT)
    assert len(await shelf.source.fetch(NAMES, LIMIT)) == LIMIT
    shelf.put(b"\xff" * (LIMIT + 1))
    assert await refusal(shelf) is MediaRefusal.TOO_LARGE


@tencent
async def test_what_is_older_than_three_days_is_gone(shelf: Shelf, clock: MovableClock) -> None:
    shelf.put(PICTURE)
    clock.move(timedelta(days=3, seconds=1))
    assert await refusal(shelf) is MediaRefusal.GONE


@tencent
@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (errcode(-1), TryLater),
        (http_error(503), TryLater),
        (errcode(40013), ChannelStopped),
        (errcode(45009), (QuotaUsed, Throttled)),
        (errcode(40003), RecipientGone),
    ],
)
async def test_an_error_code_instead_of_bytes_is_an_error(
    shelf: Shelf, fault: Answer, outcome: type[SendError] | tuple[type[SendError], ...]
) -> None:
    shelf.put(PICTURE)
    shelf.faults.add(Fault(fault, shelf.asked))
    assert isinstance(await failure(shelf), outcome)
    assert await shelf.source.fetch(NAMES, LIMIT) == PICTURE


@tencent
async def test_a_token_that_was_replaced_costs_one_more_call(shelf: Shelf) -> None:
    shelf.put(PICTURE)
    assert await shelf.source.fetch(NAMES, LIMIT) == PICTURE
    shelf.faults.add(Fault(KillToken(), shelf.asked))
    assert await shelf.source.fetch(NAMES, LIMIT) == PICTURE


@every
async def test_a_connection_cut_on_the_way_is_no_loss(shelf: Shelf) -> None:
    shelf.put(PICTURE)
    shelf.faults.add(Fault(HangUp(), shelf.asked, times=3))  # the library itself asks once more
    await failure(shelf)
    shelf.faults.script.clear()
    assert await shelf.source.fetch(NAMES, LIMIT) == PICTURE


@every
async def test_a_message_that_names_nothing_has_nothing_to_fetch(shelf: Shelf) -> None:
    with pytest.raises((MediaRefused, TryLater)):
        await shelf.source.fetch({}, LIMIT)


async def test_a_file_that_looks_like_words_of_the_platform_is_a_file(clock: MovableClock) -> None:
    """Whoever writes an error of the platform into a file neither spends a token nor sends us somewhere else."""
    async with AsyncExitStack() as stack:
        double = await stack.enter_async_context(running(WechatDouble(clock)))
        channel = wechat.channel(replace(wechat.ACCOUNT, api_root=double.root), clock)
        stack.push_async_callback(channel.close)
        codes = (b'{"errcode": "x"}', b'{"errcode": 0}', b'{"errcode": 40001}', b'{"errcode": 40007}')
        address = b'{"video_url": "%s/video/m1"}' % double.root.encode()
        for content in (b'{"a": 1}', b"{", b'["errcode"]', *codes, address):
            double.shelf.put("m1", content)
            assert await channel.fetch(NAMES, LIMIT) == content
        assert len(double.ledger.called("stable_token")) == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/vweixinp.tc.qq.com/a.mp4",
        "http://127.0.0.1/vweixinp.tc.qq.com/a.mp4",
        "http://169.254.169.254/vweixinp.tc.qq.com/latest",
        "http://10.0.0.8/vweixinp.tc.qq.com/a.mp4",
        "http://100.64.0.1/vweixinp.tc.qq.com/a.mp4",
        "http://2130706433/vweixinp.tc.qq.com/a.mp4",
        "http://0x7f.1/vweixinp.tc.qq.com/a.mp4",
        "http://[::1]/vweixinp.tc.qq.com/a.mp4",
        "http://203.205.137.73/a.mp4",
        "http://203.205.137.73:22/vweixinp.tc.qq.com/a.mp4",
        "http://evil.example/vweixinp.tc.qq.com/a.mp4",
        "http://evilqq.com/vweixinp.tc.qq.com/a.mp4",
        "http://a.qq.com@10.0.0.8/a.mp4",
        "http://10.0.0.8\\@a.qq.com/a.mp4",
        "http://10.0.0.8#.qq.com/a.mp4",
        "file:///etc/passwd",
        "//a.qq.com/a.mp4",
        "",
    ],
)
def test_a_place_that_may_be_anybodys_is_not_followed(address: str) -> None:
    assert not is_platforms(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://203.205.137.73/vweixinp.tc.qq.com/1007_f10.mp4?vkey=77A42D&sha=0&save=1",
        "https://vweixinp.tc.qq.com/1007_f10.mp4",
        "http://mp.weixin.QQ.com/a",
    ],
)
def test_the_platforms_own_places_are_followed(address: str) -> None:
    assert is_platforms(address)


async def test_whose_video_lies_elsewhere_is_told_so_and_nobody_is_asked(clock: MovableClock) -> None:
    async with running(WechatDouble(clock)) as double, running(WechatDouble(clock)) as other:
        channel = wechat.channel(replace(wechat.ACCOUNT, api_root=double.root), clock)
        double.faults.add(Fault(json_answer({"video_url": f"{other.root}/video/v1"}), "media/get"))
        with pytest.raises(MediaRefused) as refused:
            await channel.fetch(VIDEO, LIMIT)
        assert (refused.value.reason, other.ledger.calls) == (MediaRefusal.UNREACHED, [])
        await channel.close()


async def test_a_video_on_wechat_is_fetched_from_the_address_in_its_place(clock: MovableClock) -> None:
    async with running(WechatDouble(clock)) as double:
        channel = wechat.channel(replace(wechat.ACCOUNT, api_root=double.root), clock)
        double.shelf.put("v1", b"moving", "video/mp4")
        assert await channel.fetch(VIDEO, LIMIT) == b"moving"
        with pytest.raises(MediaRefused) as refused:
            await channel.fetch(VIDEO, 3)
        assert refused.value.reason is MediaRefusal.TOO_LARGE
        await channel.close()


async def test_an_account_without_a_secret_asks_nobody(clock: MovableClock) -> None:
    channel = wechat.channel(replace(wechat.ACCOUNT, secret=None), clock)
    with pytest.raises(MediaRefused) as refused:
        await channel.fetch(NAMES, LIMIT)
    assert refused.value.reason is MediaRefusal.UNREACHED


@telegram
async def test_telegram_says_that_it_gives_no_more_than_twenty_megabytes(shelf: Shelf) -> None:
    shelf.put(b"\xff" * 20_000_001)
    assert await refusal(shelf) is MediaRefusal.TOO_LARGE
    with pytest.raises(MediaRefused):
        await shelf.source.fetch({"file_id": "unasked", "size": "20000001"}, LIMIT)


@telegram
@pytest.mark.parametrize("answer", [flood(7), http_error(502), bot_refusal(401, "Unauthorized")])
async def test_telegrams_faults_are_tried_again(shelf: Shelf, answer: Answer) -> None:
    shelf.put(PICTURE)
    for place in ("getFile", "file") if answer.status == 502 else ("getFile",):
        shelf.faults.add(Fault(answer, place))
        await failure(shelf)
    assert await shelf.source.fetch(NAMES, LIMIT) == PICTURE


@telegram
async def test_a_wrong_file_id_is_gone_and_one_that_is_away_is_not(shelf: Shelf) -> None:
    assert isinstance(await failure(shelf), TryLater)
    shelf.faults.add(Fault(bot_refusal(400, "Bad Request: invalid file_id"), "getFile"))
    assert await refusal(shelf) is MediaRefusal.GONE
