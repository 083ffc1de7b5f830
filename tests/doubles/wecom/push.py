"""Pushes to the corp's webhook, always encrypted, in three tries; and the GET check, to be answered in a second."""

import secrets
from dataclasses import dataclass

import httpx

from tests.doubles.loopback import loopback_client
from tests.doubles.wechat.cipher import MessageCipher, signature
from tests.doubles.wechat.xml import write_xml

TRIES = 3
PATIENCE, CHECK_PATIENCE = 5.0, 1.0


@dataclass(frozen=True)
class Seal:
    """Time and nonce of one push."""

    timestamp: str
    nonce: str


@dataclass(frozen=True)
class Envelope:
    """Wraps for one corp."""

    token: str
    cipher: MessageCipher
    agent_id: str = ""

    def seal(self, timestamp: int) -> Seal:
        """A fresh nonce."""
        return Seal(str(timestamp), str(secrets.randbelow(10**10)))

    def query(self, seal: Seal, encrypted: str) -> dict[str, str]:
        """The signed part of the address."""
        signed = signature(self.token, seal.timestamp, seal.nonce, encrypted)
        return {"msg_signature": signed, "timestamp": seal.timestamp, "nonce": seal.nonce}

    def wrap(self, plain: str, seal: Seal) -> tuple[dict[str, str], str]:
        """Query and body of a push."""
        encrypted = self.cipher.encrypt(plain)
        outer: dict[str, object] = {"ToUserName": self.cipher.owner, "Encrypt": encrypted, "AgentID": self.agent_id}
        return self.query(seal, encrypted), write_xml(outer)


@dataclass(frozen=True)
class Pusher:
    """Pushes to one address; `patience` in real seconds."""

    hook: str
    envelope: Envelope
    patience: float = PATIENCE

    async def push(self, fields: dict[str, object], now: int) -> tuple[int, ...]:
        """The HTTP status of each try; 0 where none came. The same body is sent on every try."""
        query, body = self.envelope.wrap(write_xml(fields), self.envelope.seal(now))
        statuses: list[int] = []
        async with loopback_client(patience=self.patience) as http:
            while len(statuses) < TRIES and httpx.codes.OK not in statuses:
                statuses.append(await self._post(http, query, body))
        return tuple(statuses)

    async def _post(self, http: httpx.AsyncClient, query: dict[str, str], body: str) -> int:
        try:
            answer = await http.post(self.hook, params=query, content=body.encode())
        except httpx.HTTPError:
            return 0
        return answer.status_code

    async def check(self, now: int, echo: str = "5838479218127813673") -> bool:
        """The console's check: is the echo given back, decrypted, within a second?"""
        encrypted = self.envelope.cipher.encrypt(echo)
        query = self.envelope.query(self.envelope.seal(now), encrypted) | {"echostr": encrypted}
        async with loopback_client(patience=CHECK_PATIENCE) as http:
            try:
                answer = await http.get(self.hook, params=query)
            except httpx.HTTPError:
                return False
        return answer.status_code == httpx.codes.OK and answer.text == echo
