"""What the double knows of 微信客服: what clients wrote, their sessions, and what may still be sent to them."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock
from tests.doubles.ledger import Button, Ledger, Parcel
from tests.doubles.payload import Payload
from tests.doubles.wecom.refusal import Refusal, checked_link, checked_text

Row = dict[str, object]
WINDOW, WINDOW_MESSAGES = timedelta(hours=48), 5
WELCOME_LASTS = timedelta(seconds=20)
TOKEN_LASTS = timedelta(minutes=10)
HISTORY = timedelta(days=3)
ENDINGS = {"image": (".jpg", ".png"), "file": (".pdf",)}
MOST_ROWS, MOST_LINES = 1000, 10
WITHOUT_TOKEN_A_MINUTE = 10
NEW, ASSISTANT, QUEUE, MEMBER, ENDED = range(5)
ALLOWED = {
    NEW: {ASSISTANT, QUEUE, MEMBER, ENDED},
    ASSISTANT: {QUEUE, MEMBER, ENDED},
    QUEUE: {MEMBER, ENDED},
    MEMBER: {QUEUE, MEMBER, ENDED},
    ENDED: set[int](),
}
REFUSED_BY_CLIENT = 10
_MSGID = re.compile(r"[0-9a-zA-Z_-]{1,32}")


@dataclass
class Session:
    """One client's session. `failing` is the fail_type that swallows everything sent from now on."""

    state: int = NEW
    servicer: str = ""
    until: datetime | None = None
    left: int = 0
    failing: int | None = None


@dataclass(frozen=True)
class Code:
    """A one-time right to send one message after an event."""

    client: str
    until: datetime


@dataclass
class Desk:
    """One service account. A row is what `sync_msg` gives; the page size and gaps are up to the platform."""

    clock: Clock
    ledger: Ledger
    open_kfid: str
    sessions: dict[str, Session] = field(default_factory=dict)
    rows: list[tuple[datetime, Row]] = field(default_factory=list)
    page: int = MOST_ROWS
    managed: bool = True
    gaps: int = 0
    taken: set[str] = field(default_factory=set)
    media: set[tuple[str, str]] = field(default_factory=set)
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, datetime] = field(default_factory=dict)
    _bare: list[datetime] = field(default_factory=list)

    def session(self, client: str) -> Session:
        """A client's session, made on first mention."""
        return self.sessions.setdefault(client, Session())

    def token(self) -> str:
        """A new callback token."""
        token = secrets.token_hex(12)
        self.tokens[token] = self.clock.now() + TOKEN_LASTS
        return token

    def wrote(self, client: str, content: Row) -> Row:
        """A message of a client: five answers within 48 hours; an ended session begins anew."""
        session = self.session(client)
        session.until, session.left = self.clock.now() + WINDOW, WINDOW_MESSAGES
        if session.state == ENDED:
            session.state = NEW
        return self._append(client, 3, content)

    def happened(self, client: str, event: Row) -> Row:
        """An event around a client."""
        fields = {"open_kfid": self.open_kfid, "external_userid": client} | event
        return self._append("", 4, {"msgtype": "event", "event": fields})

    def member_wrote(self, client: str, member: str, text: str) -> Row:
        """A member answers in the app."""
        self.ledger.record(Parcel(client, "member", text))
        return self._append(client, 5, {"msgtype": "text", "text": {"content": text}, "servicer_userid": member})

    def entered(self, client: str, scene: str, parameter: str = "") -> Row:
        """A client opens the chat; one who has not written in 48 hours may be welcomed within 20 s."""
        session = self.session(client)
        event: Row = {"event_type": "enter_session", "scene": scene, "scene_param": parameter}
        if session.until is None or session.until <= self.clock.now():
            event["welcome_code"] = self._code(client)
        return self.happened(client, event)

    def _code(self, client: str) -> str:
        code = secrets.token_hex(12)
        self.codes[code] = Code(client, self.clock.now() + WELCOME_LASTS)
        return code

    def _append(self, client: str, origin: int, content: Row) -> Row:
        now = self.clock.now()
        head: Row = {"msgid": secrets.token_urlsafe(16), "send_time": int(now.timestamp()), "origin": origin}
        if client:
            head |= {"open_kfid": self.open_kfid, "external_userid": client}
        self.rows.append((now, head | content))
        return head | content

    def sync(self, given: Payload) -> Row:
        """One page after a cursor; an empty page may still say that there is more."""
        self._admit(given.text("token"))
        start = self._start(given.text("cursor"))
        if self.gaps:
            self.gaps -= 1
            return {"next_cursor": f"c{start}", "has_more": 1, "msg_list": []}
        size = min(self.page, given.integer("limit", MOST_ROWS), MOST_ROWS)
        rows = self.rows[start : start + size]
        more = int(start + len(rows) < len(self.rows))
        return {"next_cursor": f"c{start + len(rows)}", "has_more": more, "msg_list": [row for _, row in rows]}

    def _admit(self, token: str) -> None:
        now = self.clock.now()
        if token:
            if self.tokens.get(token, now) <= now:
                raise Refusal(95007, "invalid msg token")
            return
        self._bare = [at for at in self._bare if now - at < timedelta(minutes=1)]
        if len(self._bare) >= WITHOUT_TOKEN_A_MINUTE:
            raise Refusal(45009, "api freq out of limit")
        self._bare.append(now)

    def _start(self, cursor: str) -> int:
        if cursor:
            return int(cursor.removeprefix("c"))
        oldest = self.clock.now() - HISTORY
        return next((place for place, (at, _) in enumerate(self.rows) if at >= oldest), len(self.rows))

    def upload(self, given: Payload) -> Row:
        """A temporary picture or file, which must have a name."""
        form = given.text("type")
        if form not in ENDINGS:
            raise Refusal(40004, "invalid media type")
        if not given.text("media").endswith(ENDINGS[form]):
            raise Refusal(40005, "invalid file type")
        media_id = secrets.token_hex(8)
        self.media.add((form, media_id))
        return {"type": form, "media_id": media_id, "created_at": str(int(self.clock.now().timestamp()))}

    def send(self, given: Payload) -> Row:
        """A message to a client: client, id, content, state, then budget are checked."""
        client = given.text("touser")
        if client not in self.sessions:
            raise Refusal(40096, "invalid external userid")
        msgid = self._new_msgid(given)
        parcel = self._enclosed(client, given) or _parcel(client, "kf", given)
        session = self._reachable(client)
        if not session.left:
            raise Refusal(95001, "send msg count limit")
        session.left -= 1
        return self._deliver(msgid, parcel)

    def _enclosed(self, client: str, given: Payload) -> Parcel | None:
        """Pictures and files can be sent, by the number of one handed in; a welcome cannot be one."""
        form = given.text("msgtype")
        if form == "link":
            link = given.inner(form)
            if ("image", link.text("thumb_media_id")) not in self.media:
                raise Refusal(40007, "invalid media_id")
            return Parcel(client, "kf", link.text("url"), form=checked_link(link), message_id=given.text("msgid"))
        if form not in ENDINGS:
            return None
        if (form, given.inner(form).text("media_id")) not in self.media:
            raise Refusal(40007, "invalid media_id")
        return Parcel(client, "kf", "", form=form, message_id=given.text("msgid"))

    def send_on_event(self, given: Payload) -> Row:
        """The message that a welcome code allows, once."""
        msgid, code = self._new_msgid(given), self.codes.get(given.text("code"))
        if code is None or code.until <= self.clock.now():
            raise Refusal(95021, "invalid or expired code")
        parcel = _parcel(code.client, "kf_welcome", given)
        del self.codes[given.text("code")]
        return self._deliver(msgid, parcel)

    def _new_msgid(self, given: Payload) -> str:
        msgid = given.text("msgid") or secrets.token_hex(12)
        if not _MSGID.fullmatch(msgid):
            raise Refusal(40058, "invalid msgid")
        if msgid in self.taken:
            raise Refusal(95033, "repeated msgid")
        return msgid

    def _reachable(self, client: str) -> Session:
        session = self.sessions[client]
        if session.state == ENDED:
            raise Refusal(95013, "conversation end")
        if session.state not in (NEW, ASSISTANT):
            raise Refusal(95018, "send msg session status invalid")
        if session.until is None or session.until <= self.clock.now():
            raise Refusal(95002, "send msg time limit")
        return session

    def _deliver(self, msgid: str, parcel: Parcel) -> Row:
        self.taken.add(msgid)
        failing = self.session(parcel.recipient).failing
        if failing is None:
            self.ledger.record(parcel)
        else:
            event: Row = {"event_type": "msg_send_fail", "fail_msgid": msgid, "fail_type": failing}
            self.happened(parcel.recipient, event)
        return {"msgid": msgid}

    def listed(self, given: Payload) -> Row:
        """The service accounts, and whether this secret may answer there."""
        row = {"open_kfid": self.open_kfid, "name": "Quanfu", "avatar": "", "manage_privilege": self.managed}
        return {"account_list": [] if given.integer("offset") else [row]}

    def state(self, given: Payload) -> Row:
        """Who has the session."""
        session = self._known(given)
        return {"service_state": session.state, "servicer_userid": session.servicer}

    def transfer(self, given: Payload) -> Row:
        """Hand a session on; Refusal 95016 where the states do not allow it, 95014 without a member."""
        session, state = self._known(given), given.integer("service_state", -1)
        if state not in ALLOWED[session.state]:
            raise Refusal(95016, "not allowed to change state")
        if state == MEMBER and not given.text("servicer_userid"):
            raise Refusal(95014, "user is not a servicer")
        session.state, session.servicer = state, given.text("servicer_userid")
        return {"msg_code": self._code(given.text("external_userid"))} if state != ASSISTANT else {}

    def _known(self, given: Payload) -> Session:
        client = given.text("external_userid")
        if client not in self.sessions:
            raise Refusal(40096, "invalid external userid")
        return self.sessions[client]


def _parcel(client: str, via: str, given: Payload) -> Parcel:
    form = given.text("msgtype")
    inner = given.inner(form)
    if form == "text":
        return Parcel(client, via, checked_text(inner.text("content")), message_id=given.text("msgid"))
    if form != "msgmenu":
        raise Refusal(40008, "invalid message type")
    rows = inner.rows("list")
    if not 1 <= len(rows) <= MOST_LINES:
        raise Refusal(95008, "menu items out of limit")
    lines = tuple(Button(row.inner("click").text("content"), row.inner("click").text("id")) for row in rows)
    text = "\n".join(part for part in (inner.text("head_content"), inner.text("tail_content")) if part)
    return Parcel(client, via, checked_text(text), lines, "msgmenu", given.text("msgid"))
