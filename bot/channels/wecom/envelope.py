"""Signature, freshness and encryption of what the platform pushes; it always encrypts."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import WeChatException

from bot.channels.base import WebhookRequest
from bot.channels.tencent.notation import Fields, read, word
from bot.channels.tencent.signature import is_fresh, verify
from bot.channels.wecom.account import WecomAccount
from bot.clock import Clock
from bot.errors import BodyUnreadable, RequestStale, SettingsWrong, SignatureWrong

_UNDECIPHERABLE = (ValueError, IndexError, struct.error, WeChatException)
"""What a wrong key, a damaged cipher text or another corp's message raises."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An opened push; `replay_key` is its time and nonce, which no second message may carry."""

    fields: Fields
    replay_key: str


class Gate:
    """Lets in what the platform signed for one corp."""

    def __init__(self, account: WecomAccount, clock: Clock) -> None:
        self._token = account.token
        self._corp_id = account.corp_id
        self._clock = clock
        self._keys = [_key(account, key) for key in (account.aes_key, account.previous_aes_key) if key]

    def echo(self, query: Mapping[str, str]) -> str:
        """What the console's check wants back: its echo, decrypted."""
        return self._opened(query, query.get("echostr", ""))

    def open(self, request: WebhookRequest) -> Letter:
        """The push; SignatureWrong, RequestStale or BodyUnreadable."""
        plain = self._opened(request.query, _encrypted(request.body))
        try:
            fields = read(plain)
        except ValueError as error:
            raise BodyUnreadable(f"no XML or JSON: {type(error).__name__}") from None
        return Letter(fields, f"{request.query.get('timestamp', '')}:{request.query.get('nonce', '')}")

    def _opened(self, query: Mapping[str, str], encrypted: str) -> str:
        stamp = query.get("timestamp", ""), query.get("nonce", "")
        verify(query.get("msg_signature", ""), self._token, *stamp, encrypted)
        if not is_fresh(stamp[0], self._clock.now()):
            raise RequestStale("the time-stamp is not of these minutes")
        for key in self._keys:
            try:
                return str(PrpCrypto(key).decrypt(encrypted, self._corp_id))
            except _UNDECIPHERABLE:
                continue
        raise SignatureWrong("not encrypted with a key of this corp")


def _key(account: WecomAccount, key: str) -> bytes:
    try:
        return bytes(WeChatCrypto(account.token, key, account.corp_id).key)
    except (AssertionError, ValueError):
        raise SettingsWrong([f"wecom account {account.name}: an AES key must be 43 letters and digits"]) from None


def _encrypted(body: bytes) -> str:
    """The cipher text, all that the signature covers: without it nothing of the body is signed."""
    try:
        return word(read(body.decode()), "Encrypt")
    except ValueError:
        raise SignatureWrong("no cipher text") from None
