"""Pushes what a client did to the account's webhook, three tries, and takes the passive reply."""

from dataclasses import dataclass

import httpx

from tests.doubles.ledger import Ledger, Parcel
from tests.doubles.loopback import loopback_client
from tests.doubles.payload import Payload
from tests.doubles.wechat.envelope import BadReply, Envelope, Seal, check_reply

TRIES = 3
CANNOT_SERVE = "该公众号暂时无法提供服务，请稍后再试"


@dataclass(frozen=True)
class Manner:
    """How the platform behaves towards the webhook; `patience` in real seconds (the platform: 5).

    `fresh_nonce` signs each try anew; `lost_answers` discards that many good answers, as a broken line would.
    """

    patience: float = 5.0
    fresh_nonce: bool = False
    lost_answers: int = 0


@dataclass(frozen=True)
class Heard:
    """What came of a push: the HTTP status of each try (0: none came), the passive text, and what was wrong."""

    statuses: tuple[int, ...]
    text: str | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Push:
    """One push to one webhook; the same body is sent on every try."""

    hook: str
    envelope: Envelope
    fields: dict[str, object]
    manner: Manner
    ledger: Ledger

    async def run(self) -> Heard:
        """Try until answered; what the client sees is in the ledger afterwards."""
        seal = self.envelope.seal(Payload(self.fields).integer("CreateTime"))
        statuses: list[int] = []
        async with loopback_client(patience=self.manner.patience) as http:
            while len(statuses) < TRIES:
                status, body = await self._post(http, seal)
                statuses.append(status)
                if status == httpx.codes.OK and len(statuses) > self.manner.lost_answers:
                    return self._take(tuple(statuses), body)
                if self.manner.fresh_nonce:
                    seal = self.envelope.seal(int(seal.timestamp))
        return self._apologise(tuple(statuses), "no answer")

    async def _post(self, http: httpx.AsyncClient, seal: Seal) -> tuple[int, str]:
        query, body = self.envelope.wrap(self.fields, seal)
        try:
            answer = await http.post(
                self.hook, params=query, content=body.encode(), headers={"Content-Type": "text/xml"}
            )
        except httpx.HTTPError:
            return 0, ""
        return answer.status_code, answer.text

    def _take(self, statuses: tuple[int, ...], body: str) -> Heard:
        if body in ("", "success"):
            return Heard(statuses)
        try:
            reply = self.envelope.unwrap(body)
            text = check_reply(reply, Payload(self.fields))
        except BadReply as trouble:
            return self._apologise(statuses, str(trouble))
        if self.fields.get("Event") != "unsubscribe":
            self._show("passive", text, reply.text("MsgType"))
        return Heard(statuses, text)

    def _apologise(self, statuses: tuple[int, ...], trouble: str) -> Heard:
        if self.fields["MsgType"] != "event":
            self._show("notice", CANNOT_SERVE, "text")
        return Heard(statuses, trouble=trouble)

    def _show(self, via: str, text: str, form: str) -> None:
        self.ledger.record(Parcel(str(self.fields["FromUserName"]), via, text, form=form))
