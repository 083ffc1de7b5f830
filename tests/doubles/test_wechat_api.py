"""The WeChat double refuses what the Official Account API refuses."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio

from bot.clock import MovableClock
from tests.doubles.loopback import loopback_client
from tests.doubles.server import running
from tests.doubles.wechat import APP_ID, WechatDouble

OPENID = "oClient1"
Fields = dict[str, object]


class Api:
    """A bare client of the account's API."""

    def __init__(self, double: WechatDouble, http: httpx.AsyncClient) -> None:
        self.double = double
        self.http = http
        self.token = ""

    async def token_by(self, path: str, **more: object) -> Fields:
        fields: Fields = {"grant_type": "client_credential", "appid": APP_ID, "secret": self.double.secret, **more}
        if path == "token":
            answer = await self.http.get("/cgi-bin/token", params={key: str(value) for key, value in fields.items()})
        else:
            answer = await self.http.post("/cgi-bin/stable_token", json=fields)
        data: Fields = answer.json()
        return data

    async def call(self, path: str, fields: Fields) -> Fields:
        if not self.token:
            self.token = str((await self.token_by("stable_token"))["access_token"])
        url = f"/cgi-bin/{path}"
        answer = await self.http.post(url, params={"access_token": self.token}, json=fields)
        data: Fields = answer.json()
        return data

    async def code(self, path: str, fields: Fields) -> object:
        return (await self.call(path, fields)).get("errcode")

    async def say(self, text: str = "hello", openid: str = OPENID) -> object:
        return await self.code("message/custom/send", words(text, openid))

    @property
    def clock(self) -> MovableClock:
        assert isinstance(self.double.clock, MovableClock)
        return self.double.clock


def words(text: str, openid: str = OPENID) -> Fields:
    return {"touser": openid, "msgtype": "text", "text": {"content": text}}


def mass(*openids: str, **more: object) -> Fields:
    return {"touser": list(openids), "msgtype": "text", "text": {"content": "notice"}, **more}


@pytest_asyncio.fixture
async def api() -> AsyncIterator[Api]:
    async with running(WechatDouble(MovableClock())) as double, loopback_client(double.root) as http:
        yield Api(double, http)


def client_wrote(api: Api) -> None:
    api.double.account.follower(OPENID).wrote(api.clock.now())


async def test_a_client_message_allows_five_answers(api: Api) -> None:
    client_wrote(api)
    assert [await api.say(str(number)) for number in range(6)] == [0] * 5 + [45047]
    assert api.double.ledger.texts(OPENID) == ["0", "1", "2", "3", "4"]
    client_wrote(api)
    assert await api.say() == 0


async def test_the_window_closes_after_48_hours(api: Api) -> None:
    client_wrote(api)
    api.clock.move(timedelta(hours=47, minutes=59))
    api.token = ""
    assert await api.say() == 0
    api.clock.move(timedelta(minutes=1))
    assert await api.say() == 45015


async def test_a_click_allows_three_answers_within_a_minute(api: Api) -> None:
    api.double.account.follower(OPENID).acted(api.clock.now())
    assert [await api.say() for _ in range(4)] == [0, 0, 0, 45047]
    api.double.account.follower(OPENID).acted(api.clock.now())
    api.clock.move(timedelta(minutes=1))
    assert await api.say() == 45015


async def test_the_shorter_window_is_used_first(api: Api) -> None:
    client_wrote(api)
    api.double.account.follower(OPENID).acted(api.clock.now())
    assert [await api.say() for _ in range(9)] == [0] * 8 + [45047]


async def test_who_left_or_never_came_gets_nothing(api: Api) -> None:
    client_wrote(api)
    await api.double.client(OPENID).unfollow()
    assert await api.say() == 45015
    assert await api.say(openid="oStranger") == 40003
    assert api.double.ledger.all() == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (words("字" * 682), 0),
        (words("字" * 682 + "aaa"), 45002),
        (words(""), 44004),
        ({"touser": OPENID, "msgtype": "image", "image": {"media_id": "m"}}, 0),
        ({"touser": OPENID, "msgtype": "image", "image": {}}, 40007),
        ({"touser": OPENID, "msgtype": "news", "news": {"articles": [{"title": "a"}] * 2}}, 45008),
        ({"touser": OPENID, "msgtype": "song"}, 40008),
        ({"touser": OPENID, "msgtype": "text", "text": "not an object"}, 47001),
    ],
)
async def test_content_is_checked(api: Api, fields: Fields, code: int) -> None:
    client_wrote(api)
    api.double.account.media.add("m")
    assert await api.code("message/custom/send", fields) == code
    assert len(api.double.ledger.of(OPENID)) == (code == 0)


async def test_a_menu_message_shows_its_lines(api: Api) -> None:
    client_wrote(api)
    lines = [{"id": "101", "content": "开户"}, {"id": "102", "content": "银证转账"}]
    menu: Fields = {"head_content": "您想问:", "list": lines, "tail_content": "请选择"}
    fields: Fields = {"touser": OPENID, "msgtype": "msgmenu", "msgmenu": menu}
    assert await api.code("message/custom/send", fields) == 0
    [entry] = api.double.ledger.of(OPENID)
    assert [(button.label, button.data) for button in entry.buttons] == [("开户", "101"), ("银证转账", "102")]
    api.double.account.permissions -= {"msgmenu"}
    assert await api.code("message/custom/send", fields) == 40200


async def test_escaped_or_broken_json_is_refused(api: Api) -> None:
    client_wrote(api)
    await api.say("first")
    url = f"/cgi-bin/message/custom/send?access_token={api.token}"
    escaped = await api.http.post(url, content=rb'{"touser":"oClient1","msgtype":"text","text":{"content":"\u4e2d"}}')
    control = await api.http.post(url, content=rb'{"touser":"oClient1","msgtype":"text","text":{"content":"\u0007"}}')
    broken = await api.http.post(url, content=b"{")
    assert [answer.json()["errcode"] for answer in (escaped, control, broken)] == [40033, 0, 47001]


async def test_an_account_without_the_right_is_refused(api: Api) -> None:
    client_wrote(api)
    api.double.account.permissions = frozenset()
    assert await api.say() == 48001
    for path in ("message/template/send", "message/mass/send", "menu/create", "qrcode/create"):
        assert await api.code(path, {"touser": OPENID}) == 48001


async def test_typing(api: Api) -> None:
    client_wrote(api)
    typing: Fields = {"touser": OPENID, "command": "Typing"}
    assert await api.code("message/custom/typing", typing) == 0
    assert await api.code("message/custom/typing", typing) == 45081
    assert await api.code("message/custom/typing", {"touser": OPENID, "command": "Nodding"}) == 45072
    await api.say()
    assert await api.code("message/custom/typing", typing) == 0
    api.clock.move(timedelta(seconds=31))
    assert await api.code("message/custom/typing", typing) == 45080


async def test_a_stable_token_stays_until_its_last_minutes(api: Api) -> None:
    first, again = await api.token_by("stable_token"), await api.token_by("stable_token")
    assert first == again
    api.clock.move(timedelta(seconds=6900))
    fresh = await api.token_by("stable_token")
    assert fresh["access_token"] != first["access_token"]
    for token in (first, fresh):
        api.token = str(token["access_token"])
        assert await api.code("getcallbackip", {}) == 0
    api.token = str(first["access_token"])
    api.clock.move(timedelta(minutes=5))
    assert await api.code("getcallbackip", {}) == 42001


async def test_a_plain_token_replaces_the_former(api: Api) -> None:
    former = await api.token_by("token")
    latest = await api.token_by("token")
    assert former["access_token"] != latest["access_token"]
    api.clock.move(timedelta(minutes=5))
    for token, code in ((former, 42001), (latest, 0)):
        api.token = str(token["access_token"])
        assert await api.code("getcallbackip", {}) == code


async def test_killed_forced_wrong_and_missing_tokens(api: Api) -> None:
    assert await api.code("getcallbackip", {}) == 0
    api.double.tokens.kill()
    assert await api.code("getcallbackip", {}) == 40001
    api.token = ""
    assert await api.code("getcallbackip", {}) == 0
    await api.token_by("stable_token", force_refresh=True)
    assert await api.code("getcallbackip", {}) == 40001
    assert (await api.token_by("stable_token", force_refresh=True))["errcode"] == 45011
    assert (await api.http.post("/cgi-bin/getcallbackip")).json()["errcode"] == 41001


async def test_wrong_credentials(api: Api) -> None:
    assert (await api.token_by("token", secret="wrong"))["errcode"] == 40001
    assert (await api.token_by("stable_token", appid="wx1"))["errcode"] == 40013


async def test_a_template_message_with_the_same_id_is_sent_once(api: Api) -> None:
    api.double.account.follower(OPENID)
    api.double.account.templates["T1"] = "工单 {{number.DATA}} 已受理"
    fields: Fields = {"touser": OPENID, "template_id": "T1", "data": {"number": {"value": "7"}}, "client_msg_id": "k1"}
    first, again = await api.call("message/template/send", fields), await api.call("message/template/send", fields)
    assert first == again
    assert api.double.ledger.texts(OPENID) == ["工单 7 已受理"]
    api.clock.move(timedelta(minutes=11))
    await api.call("message/template/send", fields)
    assert api.double.ledger.duplicates() == {(OPENID, "工单 7 已受理"): 2}
    assert await api.code("message/template/send", fields | {"template_id": "T2"}) == 40037
    api.double.account.followers[OPENID].subscribed = False
    assert await api.code("message/template/send", fields) == 43004


async def test_a_notice_uses_up_a_consent(api: Api) -> None:
    api.double.account.notices["S1"] = "{{thing1.DATA}}"
    fields: Fields = {"touser": OPENID, "template_id": "S1", "data": {"thing1": {"value": "x"}}}
    await api.double.client(OPENID).allow("S1", "S2", refused=("S3",))
    assert await api.code("message/subscribe/bizsend", fields) == 0
    assert api.double.ledger.texts(OPENID) == ["x"]
    assert await api.code("message/subscribe/bizsend", fields) == 43101
    await api.double.client(OPENID).allow("S1")
    await api.double.client(OPENID).stop_notices("S1")
    assert await api.code("message/subscribe/bizsend", fields) == 43101
    assert await api.code("message/subscribe/bizsend", fields | {"template_id": "S9"}) == 40037


async def test_a_mass_send_knows_its_key(api: Api) -> None:
    for openid in ("a", "b"):
        api.double.account.follower(openid)
    taken = await api.call("message/mass/send", mass("a", "b", "nobody", clientmsgid="k1"))
    repeated = await api.call("message/mass/send", mass("a", "b", "nobody", clientmsgid="k1"))
    assert (repeated["errcode"], repeated["msg_id"]) == (45065, taken["msg_id"])
    assert len(api.double.ledger.all()) == 2
    assert (await api.call("message/mass/get", {"msg_id": taken["msg_id"]}))["msg_status"] == "SEND_SUCCESS"
    assert await api.code("message/mass/send", mass("a")) == 40130
    assert await api.code("message/mass/send", mass("a", "b", clientmsgid="k" * 65)) == 45067


async def test_a_follower_gets_four_mass_messages_a_month(api: Api) -> None:
    for openid in ("a", "b"):
        api.double.account.follower(openid)
    for number in range(5):
        assert await api.code("message/mass/send", mass("a", "b", clientmsgid=str(number))) == 0
    assert len(api.double.ledger.of("a")) == 4
    api.clock.move(timedelta(days=8))
    api.token = ""
    await api.call("message/mass/send", mass("a", "b", clientmsgid="december"))
    assert len(api.double.ledger.of("a")) == 5


async def test_a_mass_send_by_tag_reaches_those_who_have_it(api: Api) -> None:
    for openid in ("a", "b", "c"):
        api.double.account.follower(openid)
    made = await api.call("tags/create", {"tag": {"name": "t"}})
    tag = made["tag"]["id"]  # type: ignore[index]
    assert await api.code("tags/create", {"tag": {"name": "t"}}) == 45157
    assert await api.code("tags/members/batchtagging", {"openid_list": ["a", "b"], "tagid": tag}) == 0
    assert await api.code("tags/members/batchtagging", {"openid_list": ["c", "nobody"], "tagid": tag}) == 40003
    api.double.account.jobs_a_day = 1
    message: Fields = {"filter": {"is_to_all": False, "tag_id": tag}, "msgtype": "text", "text": {"content": "x"}}
    assert await api.code("message/mass/sendall", message) == 0
    assert [entry.parcel.recipient for entry in api.double.ledger.all()] == ["a", "b"]
    assert await api.code("message/mass/sendall", {**message, "clientmsgid": "2"}) == 45028
    assert await api.code("tags/delete", {"tag": {"id": tag}}) == 0
    assert (await api.call("tags/get", {}))["tags"] == []


async def test_a_mass_send_is_tried_out_and_articles_are_deleted(api: Api) -> None:
    for openid in ("a", "b"):
        api.double.account.follower(openid)
    text = {"msgtype": "text", "text": {"content": "x"}}
    assert await api.code("message/mass/preview", {"towxname": "zhang_san", **text}) == 0
    assert api.double.ledger.texts("zhang_san") == ["x"]
    taken = [
        await api.call("message/mass/send", mass("a", "b")),
        await api.call("message/mass/send", {"touser": ["a", "b"], "msgtype": "mpnews", "mpnews": {"media_id": "m"}}),
    ]
    codes = [await api.code("message/mass/delete", {"msg_id": answer["msg_id"]}) for answer in taken]
    assert codes == [40008, 0]
    assert (await api.call("message/mass/get", {"msg_id": taken[1]["msg_id"]}))["msg_status"] == "DELETE"


async def test_user_info_tells_who_follows(api: Api) -> None:
    api.double.account.follower(OPENID)
    assert (await api.call("user/info", {"openid": OPENID}))["subscribe"] == 1
    await api.double.client(OPENID).unfollow()
    left = await api.call("user/info", {"openid": OPENID})
    assert left == {"subscribe": 0, "openid": OPENID, "tagid_list": []}
    assert await api.code("user/info", {"openid": "oStranger"}) == 40003


async def test_the_menu_is_checked_and_kept(api: Api) -> None:
    assert await api.code("menu/get", {}) == 46003
    button: Fields = {"type": "click", "name": "投诉", "key": "complaint"}
    assert await api.code("menu/create", {"button": [button] * 4}) == 40016
    assert await api.code("menu/create", {"button": [{"name": "更多", "sub_button": [button] * 6}]}) == 40023
    assert await api.code("menu/create", {"button": [button | {"name": "一二三四五六"}]}) == 40018
    assert await api.code("menu/create", {"button": [button | {"key": "k" * 129}]}) == 40019
    assert await api.code("menu/create", {"button": [button]}) == 0
    assert (await api.call("menu/get", {}))["menu"] == {"button": [button]}
    assert await api.code("menu/delete", {}) == 0
    assert await api.code("menu/get", {}) == 46003


async def test_the_daily_limit_of_a_call(api: Api) -> None:
    api.double.account.follower(OPENID)
    api.double.account.limits["user/info"] = 1
    assert (await api.call("user/info", {"openid": OPENID}))["subscribe"] == 1
    assert await api.code("user/info", {"openid": OPENID}) == 45009
    quota = await api.call("openapi/quota/get", {"cgi_path": "/cgi-bin/user/info"})
    assert quota["quota"] == {"daily_limit": 1, "used": 1, "remain": 0}
    api.clock.move(timedelta(days=1))
    api.token = ""
    assert (await api.call("user/info", {"openid": OPENID}))["subscribe"] == 1
