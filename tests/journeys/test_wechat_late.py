"""An account that can only answer inside the request: a late reply comes with the answer to the next message."""

import pytest

from tests.doubles.wechat import WechatClient
from tests.journeys.blockade import replies_held
from tests.journeys.conftest import Branch, openid
from tests.journeys.process import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOURS = "交易日9:15"
WAITING = "SELECT count(*) FROM deliveries WHERE address = :address AND state = 'pending' AND rule = 'window'"
GIVEN = "SELECT count(*) FROM deliveries WHERE address = :address AND state = 'sent' AND carried_by IS NOT NULL"


async def told_late(branch: Branch) -> WechatClient:
    """Somebody whose request was over before the reply: on SQLite the lock may come too late, so it is tried often."""
    for once_more in range(100):
        client = branch.mute.client(openid())
        async with replies_held(branch.url):
            heard = await client.say("股票几点开盘" + "🙏" * once_more)
        if heard.text is None:
            return client
    pytest.fail("every reply was in time")


async def test_a_late_reply_comes_with_the_next_answer(branch: Branch) -> None:
    client = await told_late(branch)
    await until(branch.url, WAITING, 1, address=client.openid)
    heard = await client.say("人工")
    assert heard.text is not None
    late, _, own = heard.text.partition("\n\n")
    assert late.startswith(HOURS)
    assert own
    await until(branch.url, GIVEN, 1, address=client.openid)
    assert [entry.via for entry in branch.mute.ledger.of(client.openid)] == ["passive"]
    assert branch.mute.ledger.called("message/custom/send") == []
