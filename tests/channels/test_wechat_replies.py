"""Passive replies as the platform reads them, and long texts in parts."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import HttpAnswer, Received
from bot.channels.tencent.notation import legible
from bot.channels.wechat import WechatAccount
from bot.channels.wechat.account import LONGEST
from bot.splitting import split
from tests.channels.wechat import ACCOUNT, NOW, OPENID, OTHER_KEY, TEXT, TOKEN, Pushing, channel
from tests.doubles.payload import Payload
from tests.doubles.wechat import AES_KEY, Mode
from tests.doubles.wechat.cipher import MessageCipher, signature
from tests.doubles.wechat.envelope import check_reply
from tests.doubles.wechat.xml import read_xml

TOO_LONG = "字" * 683


async def received(pushing: Pushing, account: WechatAccount = ACCOUNT) -> Received:
    return await channel(account).receive(pushing.post())


async def replied(pushing: Pushing, text: str, account: WechatAccount = ACCOUNT) -> HttpAnswer | None:
    passive = (await received(pushing, account)).passive
    assert passive is not None
    return passive(text)


def shown(pushing: Pushing, answer: HttpAnswer | None) -> str:
    """The words the client sees; fails where the platform would not take the reply."""
    assert answer is not None
    assert answer.status == 200
    assert answer.media_type == "text/xml; charset=utf-8"
    return check_reply(pushing.envelope.unwrap(answer.body.decode()), Payload(TEXT))


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("text", ["9:30 开盘", "a]]>b]]]]>", "<b>&amp;\n😀", "字" * 682, "]]>" * 682])
async def test_a_reply_reads_as_it_was_meant(mode: Mode, text: str) -> None:
    assert shown(Pushing(mode), await replied(Pushing(mode), text)) == text


async def test_a_plain_push_gets_a_plain_reply_and_an_encrypted_one_its_own_kind() -> None:
    for mode, readable in ((Mode.PLAIN, True), (Mode.COMPATIBLE, False), (Mode.SAFE, False)):
        answer = await replied(Pushing(mode), "你好")
        assert answer is not None
        assert ("你好" in answer.body.decode()) is readable


async def test_the_reply_uses_the_key_that_opened_the_push() -> None:
    account, pushing = replace(ACCOUNT, previous_aes_key=OTHER_KEY), Pushing(aes_key=OTHER_KEY)
    assert shown(pushing, await replied(pushing, "你好", account)) == "你好"


async def test_the_reply_bears_our_own_time() -> None:
    answer = await replied(Pushing(Mode.PLAIN), "你好")
    assert answer is not None
    assert read_xml(answer.body.decode())["CreateTime"] == str(NOW)


@pytest.mark.parametrize("text", ["", " \n", "\x00\x1b"])
async def test_nothing_to_say_is_only_acknowledged(text: str) -> None:
    assert await replied(Pushing(), text) == HttpAnswer(body=b"success")


async def test_a_text_that_does_not_fit_is_left_to_the_other_way() -> None:
    assert await replied(Pushing(), TOO_LONG) is None
    assert await replied(Pushing(), "a" * 2048) is None
    assert await replied(Pushing(), "a" * 2047) is not None


async def test_control_characters_are_left_out() -> None:
    assert shown(Pushing(), await replied(Pushing(), "a\x00\x1bb\ud800c")) == "abc"


async def json_reply(push: Mapping[str, object]) -> dict[str, object]:
    request = replace(Pushing(Mode.PLAIN).post(), body=json.dumps(push).encode())
    return await answered_in_json(await channel().receive(request))


async def answered_in_json(taken: Received) -> dict[str, object]:
    assert taken.passive is not None
    answer = taken.passive("收到]]>")
    assert answer is not None
    assert answer.media_type == "application/json; charset=utf-8"
    fields: dict[str, object] = json.loads(answer.body)
    return fields


async def test_a_json_push_gets_a_json_reply() -> None:
    expected = {"ToUserName": OPENID, "FromUserName": TEXT["ToUserName"], "CreateTime": NOW}
    assert await json_reply(TEXT) == {**expected, "MsgType": "text", "Content": "收到]]>"}


async def test_an_encrypted_json_push_gets_an_encrypted_json_reply() -> None:
    cipher = MessageCipher(AES_KEY, ACCOUNT.app_id)
    encrypted = cipher.encrypt(json.dumps(TEXT))
    safe = Pushing().post()
    signed = {"msg_signature": signature(TOKEN, str(NOW), safe.query["nonce"], encrypted)}
    body = json.dumps({"ToUserName": "gh", "Encrypt": encrypted}).encode()
    reply = await answered_in_json(await channel().receive(replace(safe, query={**safe.query, **signed}, body=body)))
    sealed = str(reply["Encrypt"])
    assert reply["MsgSignature"] == signature(TOKEN, str(reply["TimeStamp"]), str(reply["Nonce"]), sealed)
    assert reply["TimeStamp"] == NOW
    assert json.loads(cipher.decrypt(sealed))["Content"] == "收到]]>"


@given(st.text(max_size=700))
async def test_any_text_comes_round_through_safe_mode(text: str) -> None:
    answer = await replied(Pushing(), text)
    clean = legible(text).strip()
    if not clean:
        assert answer == HttpAnswer(body=b"success")
    elif len(clean.encode()) > LONGEST:
        assert answer is None
    else:
        assert shown(Pushing(), answer) == clean.replace("\r\n", "\n").replace("\r", "\n")


SENTENCE = "融资融券交易具有杠杆效应" * 10


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" \n ", []),
        ("short.", ["short."]),
        ("a" * 2047, ["a" * 2047]),
        (f"{SENTENCE}。" * 5 + f"{SENTENCE}。尾", [f"{SENTENCE}。" * 5, f"{SENTENCE}。尾"]),
        (f"第一句。{TOO_LONG}", ["第一句。", "字" * 682, "字"]),
        (f"“第一句。” {'字' * 680}", ["“第一句。”", "字" * 680]),
        ("Price 3.5 " + "b" * 2046, ["Price 3.5", "b" * 2046]),
        ("One. Two" + "b" * 2046, ["One.", "Two" + "b" * 2044, "bb"]),
        ("甲，" + "字" * 682, ["甲，", "字" * 682]),
        ("😀" * 512, ["😀" * 511, "😀"]),
    ],
)
def test_long_texts_are_cut_after_a_sentence(text: str, parts: list[str]) -> None:
    assert split(text, LONGEST) == parts


@given(st.text(st.sampled_from("字a。. ，\n😀"), max_size=3000))
def test_parts_fit_and_lose_nothing(text: str) -> None:
    parts = split(text, LONGEST)
    assert all(part and len(part.encode()) <= LONGEST for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
