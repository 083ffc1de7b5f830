"""Mass messages to members' contacts. A call makes a task only: each member confirms in the app, or doesn't."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from bot.channels.tencent.notation import Fields, word
from bot.channels.tencent.refusal import Refusal
from bot.channels.wecom.api import Api
from bot.errors import ContentRefused, RecipientGone, TryLater

MOST_CLIENTS = 10_000
"""In one task."""

_PAGE = 500

Attached = Sequence[tuple[str, Mapping[str, str]]]
"""What is shown below a text: each with its form (`image`, `file`, `link`) and what belongs to that."""


class Status(IntEnum):
    """What became of a task for one client."""

    UNSENT = 0
    SENT = 1
    NO_FRIEND = 2
    FULL = 3


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it was taken; `refused` are clients whom no member may write to."""

    msgid: str
    refused: frozenset[str]


class MassMessages:
    """Typed calls; they raise SendError."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def create(self, clients: Sequence[str], text: str, attached: Attached = ()) -> Task:
        """Ask the members last in touch with these clients, at most MOST_CLIENTS, to send them a text.

        What is `attached` is shown below. The platform itself makes of it one task for each of those members.
        """
        if len(clients) > MOST_CLIENTS:
            raise ContentRefused("40035", "too many clients for one task")
        wanted = {"chat_type": "single", "external_userid": list(clients), **_said(text, attached)}
        try:
            answer = await self._asked("add_msg_template", wanted)
        except RecipientGone:
            return Task("", frozenset(clients))
        failed = answer.get("fail_list")
        refused = [name for name in failed if isinstance(name, str)] if isinstance(failed, list) else []
        return Task(word(answer, "msgid"), frozenset(refused))

    async def statuses(self, msgid: str) -> Mapping[str, Status]:
        """What became of a task for each client, so far."""
        return {client: status for one in (await self.by_member(msgid)).values() for client, status in one.items()}

    async def by_member(self, msgid: str) -> Mapping[str, Mapping[str, Status]]:
        """The same, by the member who has to confirm."""
        members = [word(row, "userid") async for row in self._rows("get_groupmsg_task", "task_list", {"msgid": msgid})]
        return {member: await self._of(msgid, member) for member in members}

    async def _of(self, msgid: str, member: str) -> Mapping[str, Status]:
        asked = {"msgid": msgid, "userid": member}
        rows = self._rows("get_groupmsg_send_result", "send_list", asked)
        return {word(row, "external_userid"): _status(row) async for row in rows}

    async def remind(self, msgid: str) -> None:
        """Tell the members who have not confirmed once more; the platform allows three in 24 hours."""
        await self._asked("remind_groupmsg_send", {"msgid": msgid})

    async def stop(self, msgid: str) -> None:
        """Nobody can confirm it any more; what was sent stays sent."""
        await self._asked("cancel_groupmsg_send", {"msgid": msgid})

    async def welcome(self, code: str, text: str, attached: Attached = ()) -> None:
        """The one message that a new contact may get without a member's doing."""
        await self._asked("send_welcome_msg", {"welcome_code": code, **_said(text, attached)})

    async def _rows(self, call: str, name: str, asked: Mapping[str, object]) -> AsyncIterator[Fields]:
        """Of all pages."""
        cursor = ""
        while True:
            answer = await self._asked(call, {**asked, "limit": _PAGE, "cursor": cursor})
            rows = answer.get(name)
            if not isinstance(rows, list):
                raise TryLater("junk", "no page in the answer")
            for row in rows:
                if isinstance(row, dict):
                    yield row
            following = word(answer, "next_cursor")
            if not following or following == cursor:
                return
            cursor = following

    async def _asked(self, call: str, fields: Mapping[str, object]) -> Fields:
        try:
            return await self._api.post(f"externalcontact/{call}", fields)
        except Refusal as refusal:
            raise self._api.outcome(refusal) from None


def _said(text: str, attached: Attached) -> dict[str, object]:
    below = [{"msgtype": form, form: dict(fields)} for form, fields in attached]
    return {"text": {"content": text}, **({"attachments": below} if below else {})}


def _status(row: Fields) -> Status:
    """Of a status that is not known yet: that it is still open."""
    number = word(row, "status")
    return Status(int(number)) if number in {"0", "1", "2", "3"} else Status.UNSENT
