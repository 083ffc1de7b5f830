"""Customer-service messages a second to a WeChat that answers at once: the whole way out beside wechatpy in threads.

`python -m benchmarks.customer_sending [MESSAGES]` prints one JSON line. Who answers runs in a process of its own; every
message goes to another follower, as the platform allows each only five. `ceiling` is what a bare aiohttp client gets.
"""

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import local
from time import perf_counter

from aiohttp import ClientSession
from wechatpy import WeChatClient

from benchmarks.answering import Platforms, platforms
from benchmarks.flood import IN_FLIGHT, WARMING, rate
from benchmarks.whole_way import Sent, sent
from bot.channels.base import MemoryState
from bot.channels.wechat import WechatAccount, WechatChannel
from bot.clock import SystemClock
from bot.messages import Outgoing
from bot.vocabulary import Addressee, ChannelKind

MESSAGES = 4000
THREADS = 32
TEXT = "Trading begins at 9:30. Markets carry risk; invest with care."


def account(settings: dict[str, str]) -> WechatAccount:
    """The account as our settings name it."""
    told = {name.removeprefix("QUANFU_WECHAT__"): value for name, value in settings.items()}
    bare = WechatAccount("main", told["APP_ID"], told["TOKEN"], told["SECRET"])
    return replace(bare, api_root=told["API_ROOT"])


async def ours(to: WechatAccount, messages: int) -> int:
    """Through `WechatChannel.send`."""
    channel = WechatChannel(to, MemoryState(), SystemClock())

    async def send(number: int) -> None:
        addressee = Addressee(ChannelKind.WECHAT, "main", f"ours{number}")
        await channel.send(Outgoing(number, addressee, TEXT, idempotency_key=f"delivery:{number}"))

    result = await rate(send, messages)
    await channel.close()
    return result


async def whole_way(to: Platforms, messages: int) -> Sent:
    """The same through gate, rendering, claim and record."""
    channel = WechatChannel(account(to.settings), MemoryState(), SystemClock())
    result = await sent(channel, messages, to)
    await channel.close()
    return result


def library(to: WechatAccount, token: str, messages: int) -> int:
    """Bare wechatpy as its documentation shows it, a client for each thread; it is given the token."""
    mine = local()

    def send(number: int) -> None:
        if not hasattr(mine, "client"):
            mine.client = WeChatClient(to.app_id, to.secret, access_token=token)
            mine.client.API_BASE_URL = f"{to.api_root}/cgi-bin/"
        mine.client.message.send_text(f"wechatpy{number}", TEXT)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(send, range(messages, messages + WARMING)))
        started = perf_counter()
        list(threads.map(send, range(messages)))
        return round(messages / (perf_counter() - started))


async def ceiling(to: WechatAccount, token: str, messages: int) -> int:
    """Bare aiohttp posting the same message."""
    url = f"{to.api_root}/cgi-bin/message/custom/send?access_token={token}"
    async with ClientSession() as session:

        async def send(number: int) -> None:
            body = {"touser": f"ceiling{number}", "msgtype": "text", "text": {"content": TEXT}}
            async with session.post(url, json=body) as answer:
                assert (await answer.json())["errcode"] == 0

        return await rate(send, messages)


async def fetched(to: WechatAccount) -> str:
    """A token."""
    asked = {"grant_type": "client_credential", "appid": to.app_id, "secret": to.secret}
    async with ClientSession() as session, session.post(f"{to.api_root}/cgi-bin/stable_token", json=asked) as answer:
        return str((await answer.json())["access_token"])


async def measure(messages: int) -> dict[str, float]:
    """All of them against the same answers, one after the other."""
    async with platforms() as there:
        to = account(there.settings)
        token = await fetched(to)
        whole = await whole_way(there, messages)
        return {
            "messages": messages,
            "in_flight": IN_FLIGHT,
            "whole_way_per_second": whole.per_second,
            "whole_way_busy": whole.busy,
            "wechat_channel_per_second": await ours(to, messages),
            "wechatpy_32_threads_per_second": await asyncio.to_thread(library, to, token, messages),
            "ceiling_per_second": await ceiling(to, token, messages),
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES))))
