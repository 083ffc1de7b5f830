"""The WeCom double refuses what the platform refuses, and pushes as it pushes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from starlette.responses import Response

from bot.clock import MovableClock
from tests.channels.waiting import until
from tests.doubles.hook import Hook, Pushed
from tests.doubles.loopback import loopback_client
from tests.doubles.server import running
from tests.doubles.wechat.xml import read_xml
from tests.doubles.wecom import CORP_ID, OPEN_KFID, ROBOT, SECRETS, WecomDouble
from tests.doubles.wecom.desk import ASSISTANT, ENDED, MEMBER

CLIENT = "wmClient1"
Fields = dict[str, object]
APP, KF, CONTACTS = SECRETS


class Api:
    """A bare client of the corp's API."""

    def __init__(self, double: WecomDouble, http: httpx.AsyncClient, clock: MovableClock) -> None:
        self.double, self.http, self.clock = double, http, clock

    async def token(self, secret: str) -> Fields:
        asked = {"corpid": CORP_ID, "corpsecret": secret}
        answer: Fields = (await self.http.get("/cgi-bin/gettoken", params=asked)).json()
        return answer

    async def call(self, path: str, fields: Fields, secret: str = KF) -> Fields:
        query = {"access_token": str((await self.token(secret))["access_token"])}
        answer: Fields = (await self.http.post(f"/cgi-bin/{path}", params=query, json=fields)).json()
        return answer

    async def code(self, path: str, fields: Fields, secret: str = KF) -> object:
        return (await self.call(path, fields, secret))["errcode"]

    async def say(self, msgid: str, text: str = "hello", client: str = CLIENT) -> object:
        fields = {"touser": client, "open_kfid": OPEN_KFID, "msgid": msgid, "msgtype": "text"}
        return await self.code("kf/send_msg", fields | {"text": {"content": text}})

    async def sync(self, **more: object) -> Fields:
        return await self.call("kf/sync_msg", {"open_kfid": OPEN_KFID, **more})


@pytest_asyncio.fixture
async def api(clock: MovableClock) -> AsyncIterator[Api]:
    async with running(WecomDouble(clock)) as double, loopback_client(double.root) as http:
        yield Api(double, http, clock)


async def test_a_secret_has_one_token_until_it_ends(api: Api) -> None:
    first, again, other = [await api.token(secret) for secret in (KF, KF, APP)]
    assert first["access_token"] == again["access_token"] != other["access_token"]
    api.clock.move(timedelta(hours=2))
    assert (await api.token(KF))["access_token"] != first["access_token"]
    assert (await api.token("wrong"))["errcode"] == 40001


async def test_a_token_opens_its_own_part_and_may_be_revoked(api: Api) -> None:
    assert await api.code("message/send", {}, KF) == 48002
    token = str((await api.token(KF))["access_token"])
    api.double.tokens.kill()
    answer = await api.http.post("/cgi-bin/kf/sync_msg", params={"access_token": token}, json={})
    assert answer.json()["errcode"] == 40014


async def test_a_client_message_allows_five_answers_within_two_days(api: Api) -> None:
    assert await api.say("m") == 40096
    await api.double.client(CLIENT).say("hello")
    assert [await api.say(f"m{number}") for number in range(6)] == [0] * 5 + [95001]
    await api.double.client(CLIENT).say("again")
    api.clock.move(timedelta(hours=48))
    assert await api.say("late") == 95002
    assert len(api.double.ledger.texts(CLIENT)) == 5


async def test_a_msgid_is_taken_once(api: Api) -> None:
    await api.double.client(CLIENT).say("hello")
    assert [await api.say("m1"), await api.say("m1"), await api.say("m 1"), await api.say("m" * 33)] == [
        *(0, 95033),
        *(40058, 40058),
    ]


@pytest.mark.parametrize(("state", "code"), [(ASSISTANT, 0), (MEMBER, 95018), (ENDED, 95013)])
async def test_only_new_and_assisted_sessions_take_messages(api: Api, state: int, code: int) -> None:
    await api.double.client(CLIENT).say("hello")
    wanted = {"open_kfid": OPEN_KFID, "external_userid": CLIENT, "service_state": state}
    assert await api.code("kf/service_state/trans", wanted | {"servicer_userid": "zhang"}) == 0
    assert (await api.call("kf/service_state/get", wanted))["service_state"] == state
    assert await api.say("m1") == code


async def test_an_ended_session_stays_ended_until_the_client_writes(api: Api) -> None:
    await api.double.client(CLIENT).say("hello")
    wanted = {"open_kfid": OPEN_KFID, "external_userid": CLIENT, "service_state": ENDED}
    assert await api.code("kf/service_state/trans", wanted) == 0
    assert await api.code("kf/service_state/trans", wanted | {"service_state": ASSISTANT}) == 95016
    await api.double.client(CLIENT).say("again")
    assert await api.say("m1") == 0


async def test_pages_follow_the_cursor_and_a_gap_is_not_the_end(api: Api) -> None:
    for number in range(3):
        await api.double.client(CLIENT).say(str(number))
    api.double.desk.page, api.double.desk.gaps = 2, 1
    token = api.double.desk.token()
    gap = await api.sync(token=token)
    assert (gap["msg_list"], gap["has_more"]) == ([], 1)
    first = await api.sync(token=token, cursor=gap["next_cursor"])
    second = await api.sync(token=token, cursor=first["next_cursor"])
    rows = [*_rows(first), *_rows(second)]
    assert [row["text"] for row in rows] == [{"content": str(number)} for number in range(3)]
    assert (first["has_more"], second["has_more"]) == (1, 0)


def _rows(page: Fields) -> list[Fields]:
    rows = page["msg_list"]
    assert isinstance(rows, list)
    return rows


async def test_a_callback_token_ends_and_going_without_is_limited(api: Api) -> None:
    token = api.double.desk.token()
    assert (await api.sync(token=token))["errcode"] == 0
    assert (await api.sync(token="none"))["errcode"] == 95007
    api.clock.move(timedelta(minutes=10))
    assert (await api.sync(token=token))["errcode"] == 95007
    assert [(await api.sync())["errcode"] for _ in range(11)] == [0] * 10 + [45009]


async def test_history_goes_back_three_days(api: Api) -> None:
    await api.double.client(CLIENT).say("old")
    api.clock.move(timedelta(days=4))
    await api.double.client(CLIENT).say("new")
    assert [row["text"] for row in _rows(await api.sync())] == [{"content": "new"}]


async def test_what_a_client_refuses_fails_afterwards(api: Api) -> None:
    await api.double.client(CLIENT).say("hello")
    api.double.client(CLIENT).refuse()
    assert await api.say("m1") == 0
    event = _rows(await api.sync())[-1]["event"]
    assert isinstance(event, dict)
    assert (event["event_type"], event["fail_msgid"], event["fail_type"]) == ("msg_send_fail", "m1", 10)
    assert api.double.ledger.texts(CLIENT) == []


async def test_a_welcome_code_is_good_once_for_twenty_seconds(api: Api) -> None:
    fields: Fields = {"msgtype": "text", "text": {"content": "welcome"}}
    for move, codes in ((0, [0, 95021]), (20, [95021])):
        code = str(api.double.desk.entered(CLIENT, "oa")["event"]["welcome_code"])  # type: ignore[index]
        api.clock.move(timedelta(seconds=move))
        assert [await api.code("kf/send_msg_on_event", fields | {"code": code}) for _ in codes] == codes
    assert api.double.ledger.texts(CLIENT) == ["welcome"]


def to_members(*members: str, text: str = "alarm", **more: object) -> Fields:
    said = {"touser": "|".join(members), "msgtype": "text", "agentid": 1000002, "text": {"content": text}}
    return said | more


async def test_unknown_members_are_named_in_small_letters(api: Api) -> None:
    api.double.office.members = {"ZhangSan"}
    answer = await api.call("message/send", to_members("zhangsan", "LiSi"), APP)
    assert (answer["errcode"], answer["invaliduser"]) == (0, "lisi")
    assert await api.code("message/send", to_members("LiSi"), APP) == 81013
    assert await api.code("message/send", to_members("LiSi", agentid=1), APP) == 40056
    assert api.double.ledger.texts("ZhangSan") == ["alarm"]


async def test_identical_messages_with_the_check_arrive_once(api: Api) -> None:
    api.double.office.members = {"ZhangSan"}
    checked = to_members("ZhangSan", enable_duplicate_check=1)
    assert [await api.code("message/send", checked, APP) for _ in range(2)] == [0, 0]
    assert api.double.ledger.texts("ZhangSan") == ["alarm"]
    api.clock.move(timedelta(seconds=1800))
    await api.code("message/send", checked, APP)
    assert len(api.double.ledger.texts("ZhangSan")) == 2


async def test_surplus_to_a_member_is_dropped_without_a_word(api: Api) -> None:
    api.double.office.members = {"ZhangSan"}
    codes = [await api.code("message/send", to_members("ZhangSan", text=str(number)), APP) for number in range(31)]
    assert codes == [0] * 31
    assert len(api.double.ledger.texts("ZhangSan")) == 30
    assert api.double.office.dropped == ["ZhangSan"]


async def test_a_robot_speaks_twenty_times_a_minute(api: Api) -> None:
    said: Fields = {"msgtype": "text", "text": {"content": "alarm"}}
    address = f"/cgi-bin/webhook/send?key={ROBOT}"
    codes = [(await api.http.post(address, json=said)).json()["errcode"] for _ in range(21)]
    assert codes == [0] * 20 + [45009]
    assert (await api.http.post("/cgi-bin/webhook/send?key=x", json=said)).json()["errcode"] == 93000


async def mass(api: Api, *clients: str, text: str = "notice") -> Fields:
    fields: Fields = {"chat_type": "single", "external_userid": list(clients), "text": {"content": text}}
    return await api.call("externalcontact/add_msg_template", fields, CONTACTS)


async def test_a_mass_message_waits_for_its_member(api: Api) -> None:
    await api.double.client(CLIENT).befriend("zhang")
    assert (await mass(api, "stranger"))["errcode"] == 41048
    answer = await mass(api, CLIENT, "stranger")
    assert answer["fail_list"] == ["stranger"]
    assert api.double.ledger.texts(CLIENT) == []
    api.double.contacts.confirm(str(answer["msgid"]), "zhang")
    assert api.double.ledger.texts(CLIENT) == ["notice"]


async def test_a_second_mass_message_of_a_day_and_a_lost_friend_get_none(api: Api) -> None:
    clients = [api.double.client(name) for name in ("one", "two")]
    for client in clients:
        await client.befriend("zhang")
    first, second = [str((await mass(api, "one", "two", text=text))["msgid"]) for text in "ab"]
    api.double.contacts.confirm(first, "zhang")
    await clients[1].unfriend("zhang")
    api.double.contacts.confirm(second, "zhang")
    asked: Fields = {"msgid": second, "userid": "zhang"}
    rows = (await api.call("externalcontact/get_groupmsg_send_result", asked, CONTACTS))["send_list"]
    assert isinstance(rows, list)
    assert {row["external_userid"]: row["status"] for row in rows} == {"one": 3, "two": 2}


async def test_three_reminders_a_day_and_a_cancelled_task(api: Api) -> None:
    await api.double.client(CLIENT).befriend("zhang")
    msgid = str((await mass(api, CLIENT))["msgid"])
    path = "externalcontact/remind_groupmsg_send"
    assert [await api.code(path, {"msgid": msgid}, CONTACTS) for _ in range(4)] == [0, 0, 0, 45033]
    assert await api.code("externalcontact/cancel_groupmsg_send", {"msgid": msgid}, CONTACTS) == 0
    with pytest.raises(LookupError):
        api.double.contacts.confirm(msgid, "zhang")


async def test_a_push_is_tried_three_times_with_one_body(clock: MovableClock) -> None:
    async with running(Hook(statuses=[500, 503])) as hook:
        assert await WecomDouble(clock, hook.url).client(CLIENT).say("hello") == (500, 503, 200)
        assert len({pushed.body for pushed in hook.seen}) == 1
        outer = read_xml(hook.seen[0].body)
        double = WecomDouble(clock)
        inner = read_xml(double.envelope.cipher.decrypt(str(outer["Encrypt"])))
        assert (inner["Event"], inner["OpenKfId"]) == ("kf_msg_or_event", OPEN_KFID)


async def test_the_check_wants_the_plain_echo_within_a_second(clock: MovableClock) -> None:
    def opened(pushed: Pushed) -> Response:
        return Response(WecomDouble(clock).envelope.cipher.decrypt(pushed.query["echostr"]))

    async with running(Hook(opened)) as hook:
        pusher = WecomDouble(clock, hook.url).pusher
        assert await pusher.check(0)
        hook.stuck = 1
        assert not await pusher.check(0)
        hook.answer = lambda pushed: Response(f'"{pushed.query["nonce"]}"')
        assert not await replace(pusher).check(0)


async def test_a_failure_is_announced(api: Api) -> None:
    async with running(Hook()) as hook:
        api.double.hook = hook.url
        await api.double.client(CLIENT).say("hello")
        api.double.client(CLIENT).refuse()
        await api.say("m1")
        await until(lambda: len(hook.seen) == 2)
