"""Clients write on WeChat to a server that was started by the command; the other side is written on its own."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from tests.doubles.loopback import loopback_client
from tests.doubles.wechat import ORIGINAL_ID, Heard, Manner, Mode, WechatClient
from tests.doubles.wechat.cipher import MessageCipher
from tests.doubles.wechat.envelope import Envelope, Seal
from tests.journeys.blockade import gone, locked, replies_held
from tests.journeys.closecall import close_call
from tests.journeys.conftest import Branch, openid
from tests.journeys.process import rows, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOURS = "交易日9:15—9:25开盘集合竞价，9:30—11:30和13:00—14:57连续竞价"
NOTICE = "市场有风险，投资需谨慎。以上信息仅供参考，不构成投资建议。"
REFUSED = "抱歉，我不能推荐股票、预测涨跌或判断买卖时点。"
INBOX = (
    "FROM inbox JOIN conversations ON conversations.id = inbox.conversation_id"
    " JOIN chat_accounts ON chat_accounts.id = conversations.account_id WHERE address = :address"
)


def inbox(branch: Branch, address: str, columns: str = "inbox.text") -> list[tuple[object, ...]]:
    """What is stored of somebody's messages."""
    return rows(branch.url, f"SELECT {columns} {INBOX} ORDER BY inbox.id", address=address)


def deliveries(branch: Branch, address: str, columns: str = "text") -> list[tuple[object, ...]]:
    """What is stored of what was said to somebody."""
    statement = f"SELECT {columns} FROM deliveries WHERE address = :address ORDER BY id"  # noqa: S608 - our own names
    return rows(branch.url, statement, address=address)


async def test_the_console_of_the_platform_checks_the_address(branch: Branch) -> None:
    assert await branch.wechat.check_url()


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_question_is_answered_inside_the_request_in_every_mode(
    branch: Branch, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branch.wechat, "mode", mode)
    heard = await branch.client().say("股票几点开盘")
    assert heard.statuses == (200,)
    assert heard.text is not None
    assert heard.text.startswith(HOURS)
    assert heard.text.endswith(NOTICE)


async def test_a_close_call_offers_questions_to_pick_by_number(branch: Branch) -> None:
    client, (words, questions, beginnings) = branch.client(), close_call()
    offered = await client.say(words)
    assert offered.text is not None
    expected = [f"{number} {label}" for number, label in enumerate((*questions, "都不是"), 1)]
    assert offered.text.splitlines()[1:] == expected
    picked = await client.say("1")
    assert picked.text is not None
    assert picked.text.startswith(beginnings[0])


async def test_advice_on_a_stock_is_refused_with_a_way_to_an_adviser(branch: Branch) -> None:
    heard = await branch.client().say("600519能买吗")
    assert heard.text is not None
    assert heard.text.startswith(REFUSED)
    assert "登记的投资顾问" in heard.text
    assert heard.text.endswith("2 转人工")


async def test_what_nobody_knows_is_kept_and_leads_to_a_person(branch: Branch) -> None:
    client = branch.client()
    heard = await client.say("股东大会纪念品怎么领")
    assert heard.text is not None
    assert "已记录给工作人员补充" in heard.text
    kept = rows(
        branch.url,
        "SELECT question FROM misses JOIN conversations ON conversations.id = misses.conversation_id"
        " JOIN chat_accounts ON chat_accounts.id = conversations.account_id WHERE address = :address",
        address=client.openid,
    )
    assert kept == [("股东大会纪念品怎么领",)]
    person = await client.say("人工")
    assert person.text is not None
    assert rows(branch.url, "SELECT count(*) FROM tickets WHERE number = :number", number=_number(person)) == [(1,)]


def _number(heard: Heard) -> str:
    """The ticket's number in what was said."""
    words = (heard.text or "").replace("，", " ").replace("。", " ").split()
    return next(part for word in words for part in [word[-15:]] if part[-4:].isdigit() and "-" in part)


async def test_who_follows_is_welcomed_and_who_leaves_gets_nothing(branch: Branch) -> None:
    client = branch.client()
    welcomed = await client.follow()
    assert welcomed.text is not None
    assert welcomed.text.startswith("您好，这里是")
    assert await client.unfollow() == Heard((200,))
    left = "SELECT count(*) FROM chat_accounts WHERE address = :address AND gone_at IS NOT NULL"
    assert rows(branch.url, left, address=client.openid) == [(1,)]


async def test_english_is_answered_in_english(branch: Branch) -> None:
    client = branch.client()
    heard = await client.say("What time does the market open?")
    assert heard.text is not None
    assert heard.text.startswith("On trading days: opening call auction 9:15-9:25")
    assert heard.text.endswith("Markets carry risk; invest with care. For information only, not investment advice.")


@pytest.mark.parametrize("fresh_nonce", [False, True], ids=["same nonce", "fresh nonce"])
async def test_a_repeated_push_is_one_message_with_one_reply(branch: Branch, fresh_nonce: bool) -> None:
    client = branch.client().by(Manner(fresh_nonce=fresh_nonce, lost_answers=2))
    heard = await client.say("股票几点开盘")
    assert heard.statuses == (200, 200, 200)
    assert len(inbox(branch, client.openid)) == 1
    assert deliveries(branch, client.openid) == [(heard.text,)]


async def post(branch: Branch, envelope: Envelope, seal: Seal, address: str, number: int = 1) -> httpx.Response:
    """One push, wrapped and signed as given."""
    fields: dict[str, object] = {"ToUserName": ORIGINAL_ID, "FromUserName": address, "CreateTime": int(seal.timestamp)}
    fields |= {"MsgType": "text", "Content": "股票几点开盘", "MsgId": f"{address}{number}"}
    query, body = envelope.wrap(fields, seal)
    async with loopback_client() as http:
        return await http.post(branch.wechat.hook, params=query, content=body.encode())


@pytest.mark.parametrize("mode", list(Mode))
async def test_what_the_platform_did_not_sign_is_refused_and_not_stored(branch: Branch, mode: Mode) -> None:
    double, stranger, now = branch.wechat, openid(), int(branch.wechat.clock.now().timestamp())
    right = Envelope(mode, double.token, MessageCipher(double.aes_key, double.app_id))
    other_token = replace(right, token="another-token")
    stale, early = right.seal(now - 3600), right.seal(now + 3600)
    refused = [
        await post(branch, other_token, right.seal(now), stranger),
        await post(branch, right, stale, stranger),
        await post(branch, right, early, stranger),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert inbox(branch, stranger) == []


async def test_a_nonce_serves_for_one_message(branch: Branch) -> None:
    envelope, address = branch.wechat.envelope, openid()
    seal = envelope.seal(int(branch.wechat.clock.now().timestamp()))
    statuses = [(await post(branch, envelope, seal, address, number)).status_code for number in (1, 1, 2)]
    assert statuses == [200, 200, 403]
    assert len(inbox(branch, address)) == 1


async def test_messages_of_one_client_at_once_are_answered_in_order(branch: Branch) -> None:
    client = branch.client()
    heard = await asyncio.gather(
        *(client.say(text) for text in ("股票几点开盘", "怎么开户", "手续费", "菜单", "怎么销户"))
    )
    assert [one.statuses for one in heard] == [(200,)] * 5
    await until(branch.url, "SELECT count(*) FROM deliveries WHERE address = :address", 5, address=client.openid)
    assert all(one.text for one in heard)
    answered = [row[0] for row in deliveries(branch, client.openid, "inbox_id")]
    assert answered == [row[0] for row in inbox(branch, client.openid, "inbox.id")]


async def test_a_late_reply_follows_as_a_customer_message(branch: Branch) -> None:
    client = await told_late(branch)
    entry = (await branch.wechat.ledger.arrived(client.openid, patience=30.0))[0]
    assert entry.via == "custom"
    assert entry.text.startswith(HOURS)
    sent = "SELECT count(*) FROM deliveries WHERE address = :address AND state = 'sent'"
    await until(branch.url, sent, 1, address=client.openid)
    assert len(inbox(branch, client.openid)) == 1


async def told_late(branch: Branch) -> WechatClient:
    """Somebody whose request was over before the reply: on SQLite the lock may come too late, so it is tried often."""
    for once_more in range(100):
        client = branch.client()
        async with replies_held(branch.url):
            heard = await client.say("股票几点开盘" + "🙏" * once_more)
        assert heard.statuses == (200,)
        if heard.text is None:
            return client
    pytest.fail("every reply was in time")


async def test_a_locked_database_is_waited_for_and_then_the_platform_tries_again(branch: Branch) -> None:
    client, before = branch.client(), branch.server.log.count("database busy")
    with locked(branch.url):
        saying = asyncio.create_task(client.say("股票几点开盘"))
        await branch.server.logged("database busy", before + 1)
    heard = await saying
    assert heard.statuses[0] == 503
    assert heard.statuses[-1] == 200
    assert [entry.text[: len(HOURS)] for entry in await branch.wechat.ledger.arrived(client.openid)] == [HOURS]
    assert len(inbox(branch, client.openid)) == 1


async def test_a_database_that_is_gone_is_found_again(branch: Branch) -> None:
    if branch.url.startswith("sqlite"):
        pytest.skip("one file has no connections to lose")
    client, before = branch.client(), branch.server.log.count("database busy")
    with gone(branch.url):
        saying = asyncio.create_task(client.say("股票几点开盘"))
        await branch.server.logged("database busy", before + 1)
    heard = await saying
    assert heard.statuses[0] == 503
    assert heard.text is not None
    assert (await client.say("怎么开户")).text is not None
