"""Encryption of personal fields, keyed look-ups, and derived keys for signing.

One master key of 32 bytes; HKDF gives a data key, an index key and any signing key. A sealed value is
`key id (4) | nonce (12) | AES-256-GCM ciphertext`, with the place ("table.column") as associated data.
"""

import base64
import binascii
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import KeyMissing


@dataclass(frozen=True)
class Vault:
    """Seals with the newest master key and opens with any; look-up keys come from the first one ever used."""

    masters: tuple[bytes, ...]

    def seal(self, place: str, value: str) -> bytes:
        """Encrypt one field."""
        return self.seal_bytes(place, value.encode())

    def open(self, place: str, sealed: bytes) -> str:
        """Decrypt one field; KeyMissing where no key fits."""
        return self.open_bytes(place, sealed).decode()

    def seal_bytes(self, place: str, content: bytes) -> bytes:
        """Encrypt a whole file (2^36 bytes at most, some 10 ms for 20 MB)."""
        master = self.masters[0]
        nonce = os.urandom(12)
        return _key_id(master) + nonce + _cipher(master).encrypt(nonce, content, place.encode())

    def open_bytes(self, place: str, sealed: bytes) -> bytes:
        """Decrypt a whole file; KeyMissing where no key fits, or it is not the one that was put in this place."""
        for master in self.masters:
            if _key_id(master) == sealed[:4]:
                try:
                    return _cipher(master).decrypt(sealed[4:16], sealed[16:], place.encode())
                except InvalidTag:
                    break
        raise KeyMissing(f"no key opens {place}")

    def lookup(self, place: str, value: str) -> bytes:
        """The keyed hash under which a value is found; case, width and blanks do not matter."""
        plain = "".join(unicodedata.normalize("NFKC", value).casefold().split())
        return hmac.digest(self.derive("lookup"), f"{place}\0{plain}".encode(), "sha256")[:16]

    def derive(self, use: str) -> bytes:
        """A key of 32 bytes for one use (cookies, audit); it stays when a newer master key is added."""
        return _derived(self.masters[-1], use)


def fresh_key() -> bytes:
    """A key of its own for one client."""
    return AESGCM.generate_key(256)


def seal_under(key: bytes, place: str, value: str) -> bytes:
    """Encrypt under a key of one's own: `nonce (12) | ciphertext`."""
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, value.encode(), place.encode())


def open_under(key: bytes, place: str, sealed: bytes) -> str:
    """Decrypt it; KeyMissing where the key does not fit, or it is not what was put in this place."""
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], place.encode()).decode()
    except InvalidTag:
        raise KeyMissing(f"no key opens {place}") from None


@cache
def _key_id(master: bytes) -> bytes:
    return hashlib.sha256(b"quanfu key id" + master).digest()[:4]


@cache
def _cipher(master: bytes) -> AESGCM:
    return AESGCM(_derived(master, "data"))


@cache
def _derived(master: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"quanfu {use}".encode()).derive(master)


def vault_of(master: str, previous: str = "") -> Vault:
    """A vault from base64 keys; ValueError for a key that is not 32 bytes."""
    return Vault(tuple(_decoded(part) for part in [master, *previous.split(",")] if part.strip()))


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        raise ValueError("a key must be base64") from None
    if len(key) != 32:
        raise ValueError("a key must be 32 bytes")
    return key


def key_file(database: Path) -> Path:
    """Where the key of a SQLite database lies when no setting gives one."""
    return database.with_suffix(database.suffix + ".key")


def make_key_file(path: Path) -> str:
    """Write a fresh key, readable by its owner only; returns it in base64."""
    key = base64.b64encode(os.urandom(32)).decode()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(key + "\n")
    return key


def seal_all(vault: Vault, place: str, values: Sequence[str]) -> list[bytes]:
    """Seal many values of one place."""
    return [vault.seal(place, value) for value in values]
