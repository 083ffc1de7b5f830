"""How a push is wrapped and signed, and how the passive reply to it is unwrapped: plain, compatible, safe."""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from tests.doubles.payload import Payload
from tests.doubles.wechat.cipher import MessageCipher, Undecipherable, signature
from tests.doubles.wechat.xml import BadXml, read_xml, write_xml

LONGEST_REPLY = 2047


class Mode(StrEnum):
    """The encryption mode set in the console of the account."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SAFE = "safe"


class BadReply(Exception):
    """A passive reply that the platform would not show."""


@dataclass(frozen=True)
class Seal:
    """Time and nonce of one push."""

    timestamp: str
    nonce: str


@dataclass(frozen=True)
class Envelope:
    """Wraps for one account."""

    mode: Mode
    token: str
    cipher: MessageCipher

    def seal(self, timestamp: int) -> Seal:
        """A fresh nonce."""
        return Seal(str(timestamp), str(secrets.randbelow(10**10)))

    def query(self, seal: Seal) -> dict[str, str]:
        """The signed part of the address, as in the GET check and in plain mode."""
        signed = signature(self.token, seal.timestamp, seal.nonce)
        return {"signature": signed, "timestamp": seal.timestamp, "nonce": seal.nonce}

    def wrap(self, fields: dict[str, object], seal: Seal) -> tuple[dict[str, str], str]:
        """Query and body of a push."""
        plain = write_xml(fields)
        query = self.query(seal) | {"openid": str(fields["FromUserName"])}
        if self.mode is Mode.PLAIN:
            return query, plain
        encrypted = self.cipher.encrypt(plain)
        signed = signature(self.token, seal.timestamp, seal.nonce, encrypted)
        query |= {"encrypt_type": "aes", "msg_signature": signed}
        outer = {"ToUserName": fields["ToUserName"], "Encrypt": encrypted}
        return query, write_xml((fields if self.mode is Mode.COMPATIBLE else {}) | outer)

    def unwrap(self, body: str) -> Payload:
        """The fields of a passive reply; BadReply for anything the platform would not read."""
        fields = _fields(body)
        if "Encrypt" in fields:
            return Payload(_fields(self._opened(Payload(fields))))
        if self.mode is Mode.SAFE:
            raise BadReply("reply in plain text under safe mode")
        return Payload(fields)

    def _opened(self, outer: Payload) -> str:
        if self.mode is Mode.PLAIN:
            raise BadReply("encrypted reply to a plain push")
        encrypted = outer.text("Encrypt")
        parts = (self.token, outer.text("TimeStamp"), outer.text("Nonce"), encrypted)
        if not all(parts) or signature(*parts) != outer.text("MsgSignature"):
            raise BadReply("wrong MsgSignature")
        try:
            return self.cipher.decrypt(encrypted)
        except Undecipherable as error:
            raise BadReply(str(error)) from error


def _fields(body: str) -> dict[str, object]:
    try:
        return read_xml(body)
    except BadXml as error:
        raise BadReply(f"not XML: {error}") from error


def check_reply(reply: Payload, push: Payload) -> str:
    """The words the client reads; BadReply when addressed wrongly, empty, too long or of an unknown type."""
    if (reply.text("ToUserName"), reply.text("FromUserName")) != (push.text("FromUserName"), push.text("ToUserName")):
        raise BadReply("ToUserName or FromUserName wrong")
    if not reply.text("CreateTime").isdigit():
        raise BadReply("CreateTime missing")
    form = reply.text("MsgType")
    if form == "news":
        article = reply.inner("Articles").inner("item")
        return "\n".join(article.text(part) for part in ("Title", "Description", "Url"))
    if form == "image":
        return reply.inner("Image").text("MediaId")
    if form != "text":
        raise BadReply(f"MsgType {form!r}")
    return _checked_text(reply.text("Content"))


def _checked_text(content: str) -> str:
    if not content:
        raise BadReply("Content empty")
    if len(content.encode()) > LONGEST_REPLY:
        raise BadReply("Content over 2047 bytes")
    return content
