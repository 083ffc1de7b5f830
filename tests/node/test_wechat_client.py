"""The WeChat double as co-wechat-api finds it: what it gives, and what it refuses with which code."""

from collections.abc import AsyncIterator

import pytest

from tests.doubles.faults import Fault, errcode, http_error
from tests.doubles.server import running
from tests.doubles.wechat import WechatDouble
from tests.node.asking import Told, ask, needs_node

pytestmark = needs_node
OPENID = "oNodeClient1"
MENU = {"button": [{"type": "click", "name": "今日行情", "key": "market"}]}


@pytest.fixture
async def double() -> AsyncIterator[WechatDouble]:
    async with running(WechatDouble()) as served:
        served.account.follower(OPENID).wrote(served.clock.now())
        yield served


async def told(double: WechatDouble, *steps: tuple[object, ...], secret: str = "") -> list[Told]:
    """What the client makes of these calls."""
    settings = {"root": double.root, "app_id": double.app_id, "secret": secret or double.secret}
    return await ask("co-wechat-api", settings, *steps)


async def test_it_fetches_one_token_and_writes_to_a_follower(double: WechatDouble) -> None:
    text = '开盘时间是九点半 "引号" \\ 👍'
    first, second, following, addresses = await told(
        double, ("sendText", OPENID, text), ("sendText", OPENID, "再见"), ("getUser", OPENID), ("getIp",)
    )
    assert (first.value, second.value) == ({"errcode": 0, "errmsg": "ok"},) * 2
    assert double.ledger.texts(OPENID) == [text, "再见"]
    assert len(double.ledger.called("token")) == 1
    assert isinstance(following.value, dict)
    assert (following.value["subscribe"], following.value["openid"]) == (1, OPENID)
    assert addresses.value == {"errcode": 0, "errmsg": "ok", "ip_list": ["127.0.0.1"]}


async def test_it_renews_a_token_that_died(double: WechatDouble) -> None:
    double.faults.add(Fault(errcode(42001), "message/custom/send"), Fault(errcode(40001), "message/custom/send"))
    [sent] = await told(double, ("sendText", OPENID, "您好"))
    assert (sent.code, double.ledger.texts(OPENID)) == (0, ["您好"])
    assert len(double.ledger.called("token")) == 3


async def test_it_hears_every_no(double: WechatDouble) -> None:
    stranger, empty, long, template, menu, mass, picture = await told(
        double,
        ("sendText", "oNobody", "您好"),
        ("sendText", OPENID, ""),
        ("sendText", OPENID, "字" * 683),
        ("sendTemplate", OPENID, "unknown", "", "", {}),
        ("getMenu",),
        ("massSendText", "您好", [OPENID], "1"),
        ("sendImage", OPENID, ""),
    )
    codes = [one.code for one in (stranger, empty, long, template, menu, mass, picture)]
    assert codes == [40003, 44004, 45002, 40037, 46003, 40130, 40007]
    assert double.ledger.all() == []


async def test_a_window_is_used_up_by_five(double: WechatDouble) -> None:
    steps = [("sendText", OPENID, str(number)) for number in range(6)]
    assert [one.code for one in await told(double, *steps)] == [0, 0, 0, 0, 0, 45047]


async def test_forms_menus_codes_and_mass_sends(double: WechatDouble) -> None:
    double.account.templates["TM1"] = "工单 {{number.DATA}} 已受理"
    double.account.follower("oNodeClient2")
    form, made, menu, gone, code, lasting, mass = await told(
        double,
        ("sendTemplate", OPENID, "TM1", "https://branch.example/t", "", {"number": {"value": "T1"}}),
        ("createMenu", MENU),
        ("getMenu",),
        ("removeMenu",),
        ("createTmpQRCode", 4711, 600),
        ("createLimitQRCode", "salon"),
        ("massSendText", "明日休市。", [OPENID, "oNodeClient2"], "job1"),
    )
    assert double.ledger.texts(OPENID) == ["工单 T1 已受理", "明日休市。"]
    assert menu.value == {"errcode": 0, "errmsg": "ok", "menu": MENU}
    assert [one.code for one in (form, made, gone, mass)] == [0] * 4
    assert [isinstance(one.value, dict) and one.value["ticket"] in double.account.scenes for one in (code, lasting)]
    assert {scene for scene, _ in double.account.scenes.values()} == {"4711", "salon"}


async def test_the_same_mass_send_is_taken_once(double: WechatDouble) -> None:
    double.account.follower("oNodeClient2")
    both = [OPENID, "oNodeClient2"]
    first, again = await told(double, *(("massSendText", "明日休市。", both, "job1"),) * 2)
    assert (first.code, again.code) == (0, 45065)
    assert len(double.ledger.all()) == 2


async def test_a_wrong_secret_gets_no_token_however_often_it_asks(double: WechatDouble) -> None:
    double.account.limits["token"] = 5
    [refused] = await told(double, ("getAccessToken",), secret="wrong")
    answers = [call.answer.data["errcode"] for call in double.ledger.called("token") if call.answer]
    assert (answers, refused.code) == ([40001] * 5 + [45009], 45009)


async def test_a_broken_server_is_an_error(double: WechatDouble) -> None:
    double.faults.add(Fault(http_error(502), "message/custom/send"))
    [broken] = await told(double, ("sendText", OPENID, "您好"))
    assert "502" in broken.words
