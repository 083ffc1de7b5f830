"""Signatures, freshness and encryption of what the platform pushes: plain, compatible and safe mode."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import WeChatException

from bot.channels.base import WebhookRequest
from bot.channels.tencent.notation import Fields, Notation, notation_of, read, word
from bot.channels.tencent.signature import is_fresh, verify
from bot.channels.wechat.account import WechatAccount
from bot.clock import Clock
from bot.errors import BodyUnreadable, RequestStale, SettingsWrong, SignatureWrong

_UNDECIPHERABLE = (ValueError, IndexError, struct.error, WeChatException)
"""What a wrong key, a damaged cipher text or another account's message raises."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The signed time and nonce of one request."""

    timestamp: str
    nonce: str

    @property
    def replay_key(self) -> str:
        """What no second message may carry."""
        return f"{self.timestamp}:{self.nonce}"


@dataclass(frozen=True, slots=True)
class Letter:
    """An opened push; `crypto` holds the key that opened it, None for plain text."""

    fields: Fields
    notation: Notation
    stamp: Stamp
    crypto: WeChatCrypto | None = None


class Gate:
    """Lets in what the platform signed for one account."""

    def __init__(self, account: WechatAccount, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._cryptos = [_crypto(account, key) for key in (account.aes_key, account.previous_aes_key) if key]

    def admit(self, query: Mapping[str, str]) -> Stamp:
        """The stamp of a request; SignatureWrong or RequestStale for one that is not to be taken."""
        stamp = Stamp(query.get("timestamp", ""), query.get("nonce", ""))
        verify(query.get("signature", ""), self._account.token, stamp.timestamp, stamp.nonce)
        if not is_fresh(stamp.timestamp, self._clock.now()):
            raise RequestStale("the time-stamp is not of these minutes")
        return stamp

    def open(self, request: WebhookRequest, stamp: Stamp) -> Letter:
        """The push, decrypted where this request says so; SignatureWrong or BodyUnreadable."""
        if request.query.get("encrypt_type") != "aes":
            return _letter(_text(request.body), stamp)
        encrypted = _encrypted(request.body)
        signature = request.query.get("msg_signature", "")
        verify(signature, self._account.token, stamp.timestamp, stamp.nonce, encrypted)
        for crypto in self._cryptos:
            try:
                plain = PrpCrypto(crypto.key).decrypt(encrypted, self._account.app_id)
            except _UNDECIPHERABLE:
                continue
            return _letter(plain, stamp, crypto)
        raise SignatureWrong("not encrypted with a key of this account")


def _crypto(account: WechatAccount, key: str) -> WeChatCrypto:
    try:
        return WeChatCrypto(account.token, key, account.app_id)
    except (AssertionError, ValueError):
        raise SettingsWrong([f"wechat account {account.name}: an AES key must be 43 letters and digits"]) from None


def _letter(text: str, stamp: Stamp, crypto: WeChatCrypto | None = None) -> Letter:
    try:
        return Letter(read(text), notation_of(text), stamp, crypto)
    except ValueError as error:
        raise BodyUnreadable(f"no XML or JSON: {type(error).__name__}") from None


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise BodyUnreadable("no UTF-8") from None


def _encrypted(body: bytes) -> str:
    """The cipher text, all that the second signature covers: without it nothing of the body is signed."""
    try:
        return word(read(body.decode()), "Encrypt")
    except ValueError:
        raise SignatureWrong("no cipher text") from None
