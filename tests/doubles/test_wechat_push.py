"""The pushing side of the WeChat double, cross-checked with wechatpy's own parsing and cryptography."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.events import SubscribeScanEvent
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.replies import create_reply
from wechatpy.utils import check_signature

from bot.clock import MovableClock
from tests.doubles.hook import Hook, Pushed
from tests.doubles.loopback import loopback_client
from tests.doubles.server import running
from tests.doubles.wechat import AES_KEY, APP_ID, CANNOT_SERVE, Heard, Manner, Mode, WechatClient, WechatDouble
from tests.doubles.wechat.cipher import MessageCipher, Undecipherable
from tests.doubles.wechat.xml import read_xml, write_xml

OPENID = "oClient1"
TOKEN = "double-token"


class Scene:
    """A double, a webhook, and the client between them."""

    def __init__(self, double: WechatDouble, hook: Hook) -> None:
        self.double = double
        self.hook = hook

    def client(self, manner: Manner | None = None) -> WechatClient:
        return WechatClient(self.double, OPENID, manner or Manner())

    @property
    def got(self) -> list[tuple[str, str]]:
        return [(entry.via, entry.text) for entry in self.double.ledger.of(OPENID)]


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    async with running(Hook(echo)) as hook, running(WechatDouble(MovableClock(), hook=hook.url)) as double:
        yield Scene(double, hook)


def opened(pushed: Pushed) -> str:
    """The plain XML as wechatpy reads it."""
    check_signature(TOKEN, *(pushed.query[name] for name in ("signature", "timestamp", "nonce")))
    if "encrypt_type" not in pushed.query:
        return pushed.body
    signed = (pushed.query[name] for name in ("msg_signature", "timestamp", "nonce"))
    text = WeChatCrypto(TOKEN, AES_KEY, APP_ID).decrypt_message(pushed.body, *signed)
    assert isinstance(text, str)
    return text


def echo(pushed: Pushed) -> Response:
    """Repeat the client's words, in the manner of the request; give the echo of a GET check back."""
    if "echostr" in pushed.query:
        return Response(pushed.query["echostr"])
    message = parse_message(opened(pushed))
    words = getattr(message, "content", None) or "ok"
    plain = create_reply(words, message=message).render()
    if "encrypt_type" not in pushed.query:
        return Response(plain)
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    return Response(crypto.encrypt_message(plain, pushed.query["nonce"], pushed.query["timestamp"]))


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_reply_comes_back_in_every_mode(scene: Scene, mode: Mode) -> None:
    scene.double.mode = mode
    heard = await scene.client().say("股票几点开盘 <&> 😀")
    assert heard == Heard((200,), "股票几点开盘 <&> 😀")
    assert scene.got == [("passive", "股票几点开盘 <&> 😀")]


def hides_the_words(pushed: Pushed) -> bool:
    return "secret words" not in pushed.body


@pytest.mark.parametrize(("mode", "hidden"), [(Mode.SAFE, True), (Mode.COMPATIBLE, False), (Mode.PLAIN, False)])
async def test_only_safe_mode_hides_the_words(scene: Scene, mode: Mode, hidden: bool) -> None:
    scene.double.mode = mode
    await scene.client().say("secret words")
    assert hides_the_words(scene.hook.seen[0]) is hidden


async def test_the_signature_covers_the_cipher_text(scene: Scene) -> None:
    await scene.client().say("hello")
    [pushed] = scene.hook.seen
    forged = Pushed(pushed.query | {"msg_signature": pushed.query["signature"]}, {}, pushed.body)
    with pytest.raises(InvalidSignatureException):
        opened(forged)


async def test_the_url_check(scene: Scene) -> None:
    assert await scene.double.check_url()
    scene.hook.answer = lambda pushed: Response("something else")
    assert not await scene.double.check_url()


def answering(build: Callable[[dict[str, object]], dict[str, object]]) -> Callable[[Pushed], Response]:
    """A plain reply, right but for what `build` changes."""

    def answer(pushed: Pushed) -> Response:
        push = read_xml(opened(pushed))
        right = {"ToUserName": push["FromUserName"], "FromUserName": push["ToUserName"], "CreateTime": 1}
        return Response(write_xml(build(right | {"MsgType": "text", "Content": "fine"})))

    return answer


@pytest.mark.parametrize(
    ("wrong", "trouble"),
    [
        ({"ToUserName": "oAnother"}, "ToUserName or FromUserName wrong"),
        ({"CreateTime": ""}, "CreateTime missing"),
        ({"Content": ""}, "Content empty"),
        ({"Content": "字" * 683}, "Content over 2047 bytes"),
        ({"MsgType": "poem"}, "MsgType 'poem'"),
    ],
)
async def test_a_bad_reply_is_not_shown(scene: Scene, wrong: dict[str, object], trouble: str) -> None:
    scene.double.mode = Mode.PLAIN
    scene.hook.answer = answering(lambda right: right | wrong)
    assert await scene.client().say("hello") == Heard((200,), None, trouble)
    assert scene.got == [("notice", CANNOT_SERVE)]


async def test_a_text_of_2047_bytes_is_shown(scene: Scene) -> None:
    scene.double.mode = Mode.PLAIN
    scene.hook.answer = answering(lambda right: right | {"Content": "字" * 682 + "a"})
    assert len((await scene.client().say("hello")).text or "") == 683


async def test_a_broken_or_naked_reply_is_not_shown(scene: Scene) -> None:
    scene.hook.answer = answering(lambda right: right)
    assert (await scene.client().say("a")).trouble == "reply in plain text under safe mode"
    scene.hook.answer = lambda pushed: Response("<xml><Content><![CDATA[a]]>b]]></Content>")
    assert (await scene.client().say("b")).trouble.startswith("not XML")
    scene.hook.answer = answering(
        lambda right: {"Encrypt": "abcd", "MsgSignature": "0", "TimeStamp": "1", "Nonce": "2"}
    )
    assert (await scene.client().say("c")).trouble == "wrong MsgSignature"


@pytest.mark.parametrize("body", ["", "success"])
async def test_an_acknowledgement_shows_nothing(scene: Scene, body: str) -> None:
    scene.hook.answer = lambda pushed: Response(body)
    assert await scene.client().say("hello") == Heard((200,))
    assert scene.got == []


async def test_a_refused_push_is_repeated_unchanged(scene: Scene) -> None:
    scene.hook.statuses = [503, 500]
    heard = await scene.client().say("hello")
    assert heard == Heard((503, 500, 200), "hello")
    first, *others = scene.hook.seen
    assert all(other.query["nonce"] == first.query["nonce"] for other in others)
    assert len({read_xml(opened(pushed))["MsgId"] for pushed in scene.hook.seen}) == 1
    assert scene.got == [("passive", "hello")]


async def test_a_repeat_can_be_signed_anew(scene: Scene) -> None:
    scene.hook.statuses = [503, 503]
    await scene.client(Manner(fresh_nonce=True)).say("hello")
    assert len({pushed.query["nonce"] for pushed in scene.hook.seen}) == 3


async def test_three_refusals_end_in_a_notice(scene: Scene) -> None:
    scene.hook.statuses = [503, 503, 503]
    assert (await scene.client().say("hello")).statuses == (503, 503, 503)
    assert len(scene.hook.seen) == 3
    assert scene.got == [("notice", CANNOT_SERVE)]


async def test_a_slow_answer_is_cut_and_the_push_repeated(scene: Scene) -> None:
    scene.hook.stuck = 1
    heard = await scene.client(Manner(patience=0.2)).say("hello")
    assert heard == Heard((0, 200), "hello")


async def test_lost_answers_make_repeats_of_a_handled_push(scene: Scene) -> None:
    heard = await scene.client(Manner(lost_answers=2)).say("hello")
    assert heard == Heard((200, 200, 200), "hello")
    assert scene.got == [("passive", "hello")]


async def test_events_are_read_as_what_they_are(scene: Scene) -> None:
    client = scene.client()
    await client.follow("bind42")
    await client.click("complaint")
    await client.unfollow()
    followed, clicked, left = (parse_message(opened(pushed)) for pushed in scene.hook.seen)
    assert isinstance(followed, SubscribeScanEvent)
    assert (followed.scene_id, clicked.key, left.event) == ("bind42", "complaint", "unsubscribe")
    assert [text for _, text in scene.got] == ["ok", "ok"]


async def test_a_scan_is_an_event_for_followers_only_until_it_expires(scene: Scene) -> None:
    scene.double.account.scenes["T"] = ("bind42", scene.double.clock.now() + timedelta(seconds=60))
    client = scene.client()
    await client.scan("T")
    await client.scan("T")
    events = [parse_message(opened(pushed)).event for pushed in scene.hook.seen]
    assert events == ["subscribe_scan", "scan"]
    assert isinstance(scene.double.clock, MovableClock)
    scene.double.clock.move(timedelta(seconds=60))
    with pytest.raises(LookupError):
        await client.scan("T")


async def test_a_chosen_menu_line_counts_as_a_click(scene: Scene) -> None:
    async with loopback_client(f"{scene.double.root}/_double") as http:
        line = {"client": OPENID, "kind": "choose", "text": "开户", "number": "101"}
        heard = (await http.post("/say", json=line)).json()
    assert (heard["statuses"], heard["text"]) == ([200], "开户")
    assert read_xml(opened(scene.hook.seen[0]))["bizmsgmenuid"] == "101"
    assert scene.double.account.followers[OPENID].windows.keys() == {"action"}


@pytest.mark.parametrize("kind", ["image", "voice", "location", "link"])
async def test_every_kind_of_message_parses(scene: Scene, kind: str) -> None:
    assert (await scene.client().do(kind, "")).text == "ok"
    assert parse_message(opened(scene.hook.seen[0])).type == kind


async def test_the_result_of_a_template_message_is_pushed(scene: Scene) -> None:
    scene.double.account.follower(OPENID)
    scene.double.account.templates["T1"] = "done"
    token, _ = scene.double.tokens.stable()
    fields = {"touser": OPENID, "template_id": "T1", "data": {}}
    async with loopback_client(scene.double.root) as http:
        sent = await http.post("/cgi-bin/message/template/send", params={"access_token": token}, json=fields)
    template, answer = await scene.double.ledger.arrived(OPENID, 2)
    event = parse_message(opened(scene.hook.seen[0]))
    assert (event.event, event.status, event.id) == ("templatesendjobfinish", "success", sent.json()["msgid"])
    assert (template.via, answer.via) == ("template", "passive")


@given(st.text(max_size=200))
def test_the_cipher_agrees_with_wechatpy(text: str) -> None:
    ours, theirs = MessageCipher(AES_KEY, APP_ID), WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    wrapped = theirs.encrypt_message(text, "nonce", "1700000000")
    assert ours.decrypt(str(read_xml(wrapped)["Encrypt"])) == text
    assert ours.decrypt(ours.encrypt(text)) == text


@pytest.mark.parametrize("damaged", ["", "abc", "AAAA", "A" * 64])
def test_a_damaged_cipher_text_is_refused(damaged: str) -> None:
    with pytest.raises(Undecipherable):
        MessageCipher(AES_KEY, APP_ID).decrypt(damaged)


def test_another_owner_cannot_read() -> None:
    with pytest.raises(Undecipherable):
        MessageCipher(AES_KEY, "wx-another").decrypt(MessageCipher(AES_KEY, APP_ID).encrypt("a"))
