"""Members of the corp: what the app and group robots send them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from bot.clock import Clock
from tests.doubles.ledger import Ledger, Parcel
from tests.doubles.payload import Payload
from tests.doubles.wecom.refusal import Refusal, checked_text

Row = dict[str, object]
MOST_MEMBERS = 1000
A_MINUTE, AN_HOUR = 30, 1000
ROBOT_A_MINUTE = 20
LONGEST_MARKDOWN = 4096


@dataclass
class Office:
    """What one app may send. Surplus is dropped without a word, as the platform does."""

    clock: Clock
    ledger: Ledger
    agent_id: int = 1000002
    members: set[str] = field(default_factory=set)
    closed: bool = False
    robots: set[str] = field(default_factory=set)
    dropped: list[str] = field(default_factory=list)
    _sent: dict[str, list[datetime]] = field(default_factory=dict)
    _seen: dict[str, tuple[datetime, Row]] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def agent(self, given: Payload) -> Row:
        """The app: whether it is switched off, and who sees it."""
        if given.integer("agentid") != self.agent_id:
            raise Refusal(40056, "invalid agentid")
        seen: Row = {"user": [{"userid": name} for name in sorted(self.members)]}
        nobody: Row = {"allow_partys": {"partyid": []}, "allow_tags": {"tagid": []}}
        return {"agentid": self.agent_id, "close": int(self.closed), "allow_userinfos": seen, **nobody}

    def send(self, given: Payload) -> Row:
        """A message of the app: text or markdown to members; unknown ones are named in small letters."""
        if given.integer("agentid") != self.agent_id:
            raise Refusal(40056, "invalid agentid")
        text = _content(given, 2048)
        wanted = [name for name in given.text("touser").split("|") if name]
        if not 1 <= len(wanted) <= MOST_MEMBERS:
            raise Refusal(40035, "invalid parameter")
        known, unknown = self._told_apart(wanted)
        if repeated := self._repeated(given):
            return repeated
        return self._remembered(given, self._put_out(known, text) | {"invaliduser": "|".join(unknown)})

    def _told_apart(self, wanted: list[str]) -> tuple[list[str], list[str]]:
        by_name = {name.lower(): name for name in self.members}
        known = [by_name[name.lower()] for name in wanted if name.lower() in by_name]
        unknown = [name.lower() for name in wanted if name.lower() not in by_name]
        if not known:
            raise Refusal(81013, "user & party & tag all invalid")
        return known, unknown

    def _put_out(self, known: list[str], text: str) -> Row:
        msgid = f"msg{next(self._numbers)}"
        for name in known:
            if self._may_get(f"app:{name}", A_MINUTE, AN_HOUR):
                self.ledger.record(Parcel(name, "app", text, message_id=msgid))
            else:
                self.dropped.append(name)
        return {"msgid": msgid}

    def _repeated(self, given: Payload) -> Row | None:
        at, answer = self._seen.get(_key(given), (None, None))
        span = timedelta(seconds=given.integer("duplicate_check_interval", 1800))
        fresh = at is not None and self.clock.now() - at < span
        return answer if given.flag("enable_duplicate_check") and fresh else None

    def _remembered(self, given: Payload, answer: Row) -> Row:
        self._seen[_key(given)] = (self.clock.now(), answer)
        return answer

    def _may_get(self, name: str, a_minute: int, an_hour: int) -> bool:
        now = self.clock.now()
        sent = self._sent[name] = [at for at in self._sent.get(name, []) if now - at < timedelta(hours=1)]
        recent = sum(now - at < timedelta(minutes=1) for at in sent)
        if recent >= a_minute or len(sent) >= an_hour:
            return False
        sent.append(now)
        return True

    def robot(self, given: Payload) -> Row:
        """A group robot speaks to its group: at most 20 messages a minute."""
        key = given.text("key")
        if key not in self.robots:
            raise Refusal(93000, "invalid webhook url")
        text = _content(given, LONGEST_MARKDOWN if given.text("msgtype") == "markdown" else 2048)
        if not self._may_get(f"robot:{key}", ROBOT_A_MINUTE, 60 * ROBOT_A_MINUTE):
            raise Refusal(45009, "api freq out of limit")
        self.ledger.record(Parcel(key, "robot", text))
        return {}


def _content(given: Payload, longest: int) -> str:
    form = given.text("msgtype")
    if form not in ("text", "markdown"):
        raise Refusal(40008, "invalid message type")
    return checked_text(given.inner(form).text("content"), longest)


def _key(given: Payload) -> str:
    said: Mapping[str, object] = {name: value for name, value in given.fields.items() if name != "access_token"}
    return json.dumps(said, sort_keys=True)
