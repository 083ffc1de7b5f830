"""The one reply that goes back in the answer to a push."""

import json

from wechatpy.replies import TextReply

from bot.channels.base import HttpAnswer
from bot.channels.tencent.notation import Notation, legible, read, word
from bot.channels.wechat.account import LONGEST
from bot.channels.wechat.envelope import Letter
from bot.splitting import fits

ACKNOWLEDGED = HttpAnswer(body=b"success")
"""Nothing to say, and no need to push again."""

_XML = "text/xml; charset=utf-8"
_JSON = "application/json; charset=utf-8"


def passive_answer(letter: Letter, text: str, now: int) -> HttpAnswer | None:
    """The reply in the notation and with the key of the push; None when it is too long for one message.

    `now` in seconds since 1970.
    """
    content = legible(text).strip()
    if not content:
        return ACKNOWLEDGED
    if not fits(content, LONGEST):
        return None
    if letter.notation is Notation.JSON:
        return HttpAnswer(body=_in_json(letter, content, now).encode(), media_type=_JSON)
    return HttpAnswer(body=_in_xml(letter, content, now).encode(), media_type=_XML)


def _in_xml(letter: Letter, content: str, now: int) -> str:
    reply = TextReply(
        source=_data(word(letter.fields, "ToUserName")),
        target=_data(word(letter.fields, "FromUserName")),
        time=now,
        content=_data(content),
    )
    return _sealed(letter, str(reply.render()), now)


def _data(text: str) -> str:
    """The library writes CDATA as it is given: the mark that would end it is spread over two sections."""
    return text.replace("]]>", "]]]]><![CDATA[>")


def _in_json(letter: Letter, content: str, now: int) -> str:
    reply = {
        "ToUserName": word(letter.fields, "FromUserName"),
        "FromUserName": word(letter.fields, "ToUserName"),
        "CreateTime": now,
        "MsgType": "text",
        "Content": content,
    }
    plain = json.dumps(reply, ensure_ascii=False)
    if letter.crypto is None:
        return plain
    return json.dumps({**read(_sealed(letter, plain, now)), "TimeStamp": now})


def _sealed(letter: Letter, plain: str, now: int) -> str:
    """Encrypted with the key that opened the push, as an XML envelope; plain for a plain push."""
    if letter.crypto is None:
        return plain
    return str(letter.crypto.encrypt_message(plain, letter.stamp.nonce, str(now)))
