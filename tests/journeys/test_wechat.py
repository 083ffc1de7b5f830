"""Clients write on WeChat to a server that was started by the command; the other side is written on its own."""

from pathlib import Path

import pytest

from tests.doubles.wechat import Mode
from tests.journeys.conftest import Branch

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_console_of_the_platform_checks_the_address(branch: Branch) -> None:
    assert await branch.wechat.check_url()


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_question_is_answered_inside_the_request_in_every_mode(branch: Branch, mode: Mode) -> None:
    branch.wechat.mode = mode
    client = branch.client()
    for q in ("股票几点开盘", "融资融券", "1", "600519能买吗", "我的订单状态里写着已报待撤是哪个星座", "What time does the market open?"):
        heard = await client.say(q)
        print(q, heard)
    heard = await client.follow()
    print(heard)
    print(await client.unfollow())
    branch.wechat.mode = Mode.SAFE
