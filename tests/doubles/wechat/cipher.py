"""Message encryption of WeChat, written from its description on `cryptography`, independent of any client library."""

import base64
import hashlib
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
HEAD = 16


class Undecipherable(Exception):
    """A cipher text that is not for this account, or damaged."""


def signature(*parts: str) -> str:
    """sha1 over the sorted parts, as WeChat signs pushes and encrypted bodies."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class MessageCipher:
    """AES-256-CBC with the first half of the key as IV; `owner` is the app id (WeCom: the corp id)."""

    aes_key: str
    owner: str

    def encrypt(self, body: str) -> str:
        """16 random bytes, length (4 bytes, big-endian), body, owner; padded to 32; in base64."""
        content = body.encode()
        plain = os.urandom(HEAD) + len(content).to_bytes(4, "big") + content + self.owner.encode()
        fill = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([fill]) * fill) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> str:
        """The body; Undecipherable when padding, length or owner are wrong."""
        try:
            raw = base64.b64decode(encrypted, validate=True)
            decryptor = self._cipher().decryptor()
            plain = _unpadded(decryptor.update(raw) + decryptor.finalize())
        except ValueError as error:
            raise Undecipherable(str(error)) from error
        end = HEAD + 4 + int.from_bytes(plain[HEAD : HEAD + 4], "big")
        if plain[end:] != self.owner.encode():
            raise Undecipherable("another owner")
        return plain[HEAD + 4 : end].decode()

    def _cipher(self) -> "Cipher[modes.CBC]":
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _unpadded(plain: bytes) -> bytes:
    fill = plain[-1] if plain else 0
    if not 1 <= fill <= BLOCK or plain[-fill:] != bytes([fill]) * fill:
        raise Undecipherable("padding")
    return plain[:-fill]
