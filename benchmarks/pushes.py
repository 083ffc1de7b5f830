"""What WeChat would push: text messages of many followers, signed, plain or encrypted, and what must come back."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha1
from itertools import count
from urllib.parse import urlencode

import xmltodict
from wechatpy.crypto import WeChatCrypto

from bot.vocabulary import Locale
from services.knowledge.knowledge import Knowledge
from services.knowledge.outcome import Outcome

APP_ID = "wxbench0000000001"
TOKEN = "bench-token"  # noqa: S105 - of a server that lives for a minute
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_bench"
FOLLOWERS = 1000
SMILES = "\U0001f600\U0001f602\U0001f60a\U0001f62d\U0001f64f\U0001f44d\U0001f339\U0001f4b0\U0001f4c8\U0001f602"
"""What clients set behind a question without changing it."""

_IDS = count(int(time.time() * 1000) * 1000)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked and what a right answer contains."""

    text: str
    answer: str


@dataclass(frozen=True, slots=True)
class Push:
    """One request, ready to be written, and what a right answer contains."""

    request: bytes
    expected: str


def asked_of_us() -> list[Question]:
    """The questions of the packaged knowledge base that have one sure answer, with that answer."""
    knowledge = Knowledge.from_seeds()
    found = ((entry, knowledge.find(entry.question, Locale.ZH_CN)) for entry in knowledge.entries.values())
    return [
        Question(entry.question, entry.answer.strip())
        for entry, finding in found
        if finding.outcome is Outcome.ANSWERED and finding.entries[0].entry_id == entry.entry_id
    ]


def asked_of_an_echo() -> list[Question]:
    """The same questions; an echo answers each with itself."""
    return [Question(question.text, question.text) for question in asked_of_us()]


def anew(questions: Sequence[Question], number: int) -> list[Question]:
    """So many questions of which no two are alike to the sign, nor like those of another run."""
    asked = (questions[n % len(questions)] for n in range(number))
    return [Question(one.text + "".join(secrets.choice(SMILES) for _ in range(8)), one.answer) for one in asked]


def pushes(path: str, questions: Sequence[Question], number: int, *, safe: bool) -> list[Push]:
    """So many pushes, each with an id and a nonce of its own, from the followers in turn."""
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID) if safe else None
    return [_push(path, questions[n % len(questions)], f"o{n % FOLLOWERS:027d}", crypto) for n in range(number)]


def _push(path: str, question: Question, follower: str, crypto: WeChatCrypto | None) -> Push:
    now, nonce = str(int(time.time())), secrets.token_hex(6)
    body = _message(question.text, follower, now)
    query = {"timestamp": now, "nonce": nonce, "signature": _signature(now, nonce), "openid": follower}
    if crypto is not None:
        sealed = xmltodict.parse(crypto.encrypt_message(body, nonce, now))["xml"]
        query |= {"encrypt_type": "aes", "msg_signature": sealed["MsgSignature"]}
        body = _xml({"ToUserName": ACCOUNT, "Encrypt": sealed["Encrypt"]})
    return Push(_request(f"{path}?{urlencode(query)}", body.encode()), question.answer)


def _message(text: str, follower: str, now: str) -> str:
    return _xml(
        {
            "ToUserName": ACCOUNT,
            "FromUserName": follower,
            "CreateTime": now,
            "MsgType": "text",
            "Content": text,
            "MsgId": str(next(_IDS)),
        }
    )


def _xml(fields: dict[str, str]) -> str:
    return "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items()) + "</xml>"


def _signature(*parts: str) -> str:
    return sha1("".join(sorted([TOKEN, *parts])).encode()).hexdigest()  # noqa: S324 - the platform's choice


def _request(target: str, body: bytes) -> bytes:
    """A connection for each message, which is all that a synchronous gunicorn worker offers."""
    head = f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def said(answer: bytes, *, safe: bool) -> str:
    """The text of a reply; empty where there is none."""
    head, _, body = answer.partition(b"\r\n\r\n")
    body = body.strip()
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")) or not body.startswith(b"<"):
        return ""
    fields = xmltodict.parse(body)["xml"]
    if safe:
        stamp = (fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
        fields = xmltodict.parse(WeChatCrypto(TOKEN, AES_KEY, APP_ID).decrypt_message(body, *stamp))["xml"]
    return str(fields["Content"])
