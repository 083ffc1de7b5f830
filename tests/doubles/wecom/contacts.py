"""Clients as contacts of members (客户联系): welcomes, and mass messages that members confirm."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock, branch_date
from tests.doubles.ledger import Ledger, Parcel
from tests.doubles.payload import Payload
from tests.doubles.wecom.refusal import Refusal, checked_link, checked_text

Row = dict[str, object]
WELCOME_LASTS = timedelta(seconds=20)
MOST_CLIENTS, MOST_ATTACHMENTS = 10_000, 9
REMINDERS_A_DAY = 3
MOST_ROWS = 500
UNSENT, SENT, NO_FRIEND, FULL = range(4)
TASK_OPEN, TASK_DONE = 0, 2


@dataclass
class Task:
    """A mass message: which member has to confirm it for which clients, and what became of each."""

    msgid: str
    text: str
    by_member: dict[str, list[str]]
    status: dict[str, int]
    confirmed: dict[str, datetime] = field(default_factory=dict)
    reminders: list[datetime] = field(default_factory=list)
    cancelled: bool = False
    attached: list[str] = field(default_factory=list)


@dataclass
class Contacts:
    """Who is whose client; the last member in touch confirms for a client."""

    clock: Clock
    ledger: Ledger
    members_of: dict[str, list[str]] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    page: int = MOST_ROWS
    media: set[tuple[str, str]] = field(default_factory=set)
    followers: list[str] = field(default_factory=lambda: ["ZhangSan"])
    ways: dict[str, tuple[str, str]] = field(default_factory=dict)
    _codes: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    _got: dict[str, set[str]] = field(default_factory=dict)

    def add(self, client: str, member: str) -> str:
        """A client becomes a member's contact; the welcome code."""
        self.members_of.setdefault(client, []).append(member)
        code = secrets.token_hex(12)
        self._codes[code] = (client, self.clock.now() + WELCOME_LASTS)
        return code

    def remove(self, client: str, member: str) -> None:
        """They are no longer in contact."""
        self.members_of[client].remove(member)
        if not self.members_of[client]:
            del self.members_of[client]

    def welcome(self, given: Payload) -> Row:
        """The one message of a welcome code, within 20 s."""
        client, until = self._codes.get(given.text("welcome_code"), ("", self.clock.now()))
        text = checked_text(given.inner("text").text("content"))
        if until <= self.clock.now():
            raise Refusal(41050, "invalid welcome code")
        del self._codes[given.text("welcome_code")]
        self.ledger.record(Parcel(client, "welcome", text))
        for one in given.rows("attachments"):
            self.ledger.record(Parcel(client, "welcome", "", form=self._form(one)))
        return {}

    def create(self, given: Payload) -> Row:
        """A task for members; clients nobody has as a contact are in the fail list."""
        if given.text("chat_type") not in ("", "single"):
            raise Refusal(40035, "invalid parameter")
        wanted = [str(name) for name in given.listed("external_userid")]
        if not 1 <= len(wanted) <= MOST_CLIENTS or len(given.listed("attachments")) > MOST_ATTACHMENTS:
            raise Refusal(40035, "invalid parameter")
        text = checked_text(given.inner("text").text("content"), 4000)
        known = [name for name in wanted if self._member(name, given.text("sender"))]
        failed = [name for name in wanted if name not in known]
        if not known:
            raise Refusal(41048, "no customer to send", fail_list=failed)
        task = self._task(text, known, given.text("sender"))
        task.attached = [self._form(one) for one in given.rows("attachments")]
        return {"fail_list": failed, "msgid": task.msgid}

    def _form(self, given: Payload) -> str:
        """Of one thing that was handed in before."""
        form = given.text("msgtype")
        if form == "link":
            return checked_link(given.inner(form))
        if (form, given.inner(form).text("media_id")) not in self.media:
            raise Refusal(40007, "invalid media_id")
        return form

    def _member(self, client: str, sender: str) -> str:
        members = self.members_of.get(client, [])
        if sender:
            return sender if sender in members else ""
        return members[-1] if members else ""

    def _task(self, text: str, clients: list[str], sender: str) -> Task:
        by_member: dict[str, list[str]] = {}
        for client in clients:
            by_member.setdefault(self._member(client, sender), []).append(client)
        task = Task(f"msg{secrets.token_hex(8)}", text, by_member, dict.fromkeys(clients, UNSENT))
        self.tasks[task.msgid] = task
        return task

    def confirm(self, msgid: str, member: str) -> None:
        """The member sends it in the app; a client gets at most one mass message a day."""
        task, got = self.tasks[msgid], self._got_today()
        if task.cancelled:
            raise LookupError(msgid)
        for client in task.by_member[member]:
            if member not in self.members_of.get(client, []):
                task.status[client] = NO_FRIEND
            elif client in got:
                task.status[client] = FULL
            else:
                got.add(client)
                task.status[client] = SENT
                self.ledger.record(Parcel(client, "mass", task.text, message_id=msgid))
                for form in task.attached:
                    self.ledger.record(Parcel(client, "mass", "", form=form, message_id=msgid))
        task.confirmed[member] = self.clock.now()

    def had_one_today(self, client: str) -> None:
        """The client got a mass message of somebody else's today."""
        self._got_today().add(client)

    def _got_today(self) -> set[str]:
        return self._got.setdefault(branch_date(self.clock.now()).isoformat(), set())

    def add_way(self, given: Payload) -> Row:
        """A code by which one of the members can be added; `ways` keeps what each carries."""
        members = given.fields.get("user")
        if given.integer("type") != 1 or not isinstance(members, list) or len(members) != 1:
            raise Refusal(40035, "invalid parameter")
        if members[0] not in self.followers:
            raise Refusal(40096, "invalid external userid")
        number = f"way{len(self.ways) + 1}"
        self.ways[number] = (str(members[0]), given.text("state"))
        return {"config_id": number, "qr_code": f"https://wework.qpic.cn/{number}"}

    def list_tasks(self, given: Payload) -> Row:
        """Which members have confirmed."""
        task = self._known(given)
        rows: list[Row] = [_task_row(task, member) for member in task.by_member]
        return self._paged(given, "task_list", rows)

    def results(self, given: Payload) -> Row:
        """What became of each client of one member."""
        task, member = self._known(given), given.text("userid")
        rows: list[Row] = [
            {"external_userid": client, "userid": member, "status": task.status[client]}
            for client in task.by_member.get(member, [])
        ]
        return self._paged(given, "send_list", rows)

    def _paged(self, given: Payload, name: str, rows: list[Row]) -> Row:
        start = given.integer("cursor")
        end = start + min(given.integer("limit", self.page), self.page)
        return {name: rows[start:end]} | ({"next_cursor": str(end)} if end < len(rows) else {"next_cursor": ""})

    def remind(self, given: Payload) -> Row:
        """The members who have not confirmed are told again; three times in 24 hours."""
        task, now = self._known(given), self.clock.now()
        if sum(now - at < timedelta(days=1) for at in task.reminders) >= REMINDERS_A_DAY:
            raise Refusal(45033, "api concurrent out of limit")
        task.reminders.append(now)
        return {}

    def cancel(self, given: Payload) -> Row:
        """Nobody can confirm it any more; what was sent stays sent."""
        self._known(given).cancelled = True
        return {}

    def _known(self, given: Payload) -> Task:
        if given.text("msgid") not in self.tasks:
            raise Refusal(41063, "invalid msgid")
        return self.tasks[given.text("msgid")]

    def methods(self) -> dict[str, Callable[[Payload], Row]]:
        """By path under `externalcontact/`."""
        return {
            "get_follow_user_list": lambda _: {"follow_user": self.followers},
            "send_welcome_msg": self.welcome,
            "add_contact_way": self.add_way,
            "add_msg_template": self.create,
            "get_groupmsg_task": self.list_tasks,
            "get_groupmsg_send_result": self.results,
            "remind_groupmsg_send": self.remind,
            "cancel_groupmsg_send": self.cancel,
        }


def _task_row(task: Task, member: str) -> Row:
    done = member in task.confirmed
    return {"userid": member, "status": TASK_DONE if done else TASK_OPEN}
