"""Scripted misbehaviour: what goes wrong, for which calls, how often, and whether the delivery happened first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from pydantic import Field

ANY = "*"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, word for word."""

    status: int = 200
    body: str = ""
    kind: Literal["answer"] = "answer"

    @property
    def data(self) -> dict[str, object]:
        """The body as a JSON object."""
        loaded: dict[str, object] = json.loads(self.body)
        return loaded


@dataclass(frozen=True)
class Delay:
    """The right answer, after so many real seconds."""

    seconds: float
    kind: Literal["delay"] = "delay"


@dataclass(frozen=True)
class HangUp:
    """The connection is cut without an answer."""

    kind: Literal["hang_up"] = "hang_up"


@dataclass(frozen=True)
class KillToken:
    """Every access token issued so far stops working; then the call is handled."""

    kind: Literal["kill_token"] = "kill_token"


Effect = Annotated[Answer | Delay | HangUp | KillToken, Field(discriminator="kind")]


@dataclass(frozen=True)
class Fault:
    """An effect on the next `times` matching calls, after `skip` of them went well.

    `after` lets the platform do its work first: the recipient has the message, and the caller learns nothing of it.
    """

    effect: Effect
    method: str = ANY
    recipient: str = ANY
    times: int = 1
    skip: int = 0
    after: bool = False

    def matches(self, method: str, recipient: str) -> bool:
        """Whether it is meant for this call."""
        return self.method in (ANY, method) and self.recipient in (ANY, recipient)


@dataclass
class Faults:
    """The script; the first fault that matches a call takes it."""

    script: list[Fault] = field(default_factory=list)

    def add(self, *faults: Fault) -> None:
        """Append to the script."""
        self.script.extend(faults)

    def take(self, method: str, recipient: str) -> Fault | None:
        """The fault this call meets, counted off; None when all is well."""
        for place, fault in enumerate(self.script):
            if fault.matches(method, recipient):
                return self._count_off(place, fault)
        return None

    def _count_off(self, place: int, fault: Fault) -> Fault | None:
        if fault.skip:
            self.script[place] = replace(fault, skip=fault.skip - 1)
            return None
        if fault.times > 1:
            self.script[place] = replace(fault, times=fault.times - 1)
        else:
            del self.script[place]
        return fault


def json_answer(body: Mapping[str, object], status: int = 200) -> Answer:
    """A JSON answer in raw UTF-8, as the platforms write it."""
    return Answer(status, json.dumps(body, ensure_ascii=False))


def http_error(status: int = 500) -> Answer:
    """An error page of the platform's front server."""
    return Answer(status, "<html><body>error</body></html>")


def junk() -> Answer:
    """HTTP 200 with a page where JSON should be, as a captive portal or a broken proxy gives."""
    return Answer(200, "<html><body>It works!</body></html>")


def errcode(code: int, words: str = "scripted") -> Answer:
    """A refusal in the manner of WeChat and WeCom: HTTP 200 with an error code."""
    return json_answer({"errcode": code, "errmsg": words})


def bot_refusal(status: int, description: str, **parameters: int) -> Answer:
    """A refusal in the manner of the Bot API."""
    body: dict[str, object] = {"ok": False, "error_code": status, "description": description}
    return json_answer(body | ({"parameters": parameters} if parameters else {}), status)


def flood(retry_after: int) -> Answer:
    """Telegram's 429; `retry_after` in seconds."""
    words = f"Too Many Requests: retry after {retry_after}"
    return bot_refusal(429, words, retry_after=retry_after)
