"""The interface of the service desk: pull what was written, answer, hand over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from bot.channels.tencent.notation import Fields, word
from bot.channels.tencent.refusal import Refusal
from bot.channels.wecom.api import Api
from bot.channels.wecom.files import THUMBNAIL, Files, card_fields, form_of
from bot.channels.wecom.outcomes import CODE_SPENT, OF_ONE_DESK, REPEATED
from bot.errors import TryLater
from bot.messages import Card, Enclosed, ShownOption

PAGE = 1000


class SessionState(IntEnum):
    """Who has a client's session; messages of ours are taken while it is new or the assistant's."""

    NEW = 0
    ASSISTANT = 1
    QUEUE = 2
    MEMBER = 3
    ENDED = 4


@dataclass(frozen=True, slots=True)
class Chat:
    """A client at one service desk."""

    open_kfid: str
    client: str

    @classmethod
    def parse(cls, address: str) -> "Chat":
        """From an address as `address` writes it."""
        open_kfid, _, client = address.partition(":")
        return cls(open_kfid, client)

    @property
    def address(self) -> str:
        """As chats of the channel are named."""
        return f"{self.open_kfid}:{self.client}"

    @property
    def fields(self) -> dict[str, object]:
        """As most calls name it."""
        return {"open_kfid": self.open_kfid, "external_userid": self.client}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of what happened; only `more` says whether it is the last, an empty one need not be."""

    rows: Sequence[Fields]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class Message:
    """A text, or something enclosed, with the id under which it is accepted once; with `options` it heads a menu."""

    msgid: str
    text: str = ""
    options: tuple[ShownOption, ...] = ()
    enclosed: Enclosed | None = None

    def fields(self, media_id: str = "") -> dict[str, object]:
        """As it is handed over, a file by its number; a line that is tapped comes back as a text with its id."""
        if isinstance(self.enclosed, Card):
            return {
                "msgid": self.msgid,
                "msgtype": "link",
                "link": card_fields(self.enclosed) | {"thumb_media_id": media_id},
            }
        if self.enclosed:
            form = form_of(self.enclosed)
            return {"msgid": self.msgid, "msgtype": form, form: {"media_id": media_id}}
        if not self.options:
            return {"msgid": self.msgid, "msgtype": "text", "text": {"content": self.text}}
        lines = [_line(option) for option in self.options]
        return {"msgid": self.msgid, "msgtype": "msgmenu", "msgmenu": {"head_content": self.text, "list": lines}}


def _line(option: ShownOption) -> dict[str, object]:
    return {"type": "click", "click": {"id": option.value, "content": option.label}}


class ServiceDesk:
    """Typed calls. They raise SendError; `pull` also Refusal.

    `alone`: a desk that is refused is all there is; else only its own messages are put off.
    """

    def __init__(self, api: Api, files: Files, alone: bool = True) -> None:
        self._api = api
        self._files = files
        self._alone = alone

    async def pull(self, open_kfid: str, cursor: str, token: str) -> Page:
        """What happened after a cursor; `token` is the callback's, without one the platform allows few calls."""
        asked: dict[str, object] = {"open_kfid": open_kfid, "cursor": cursor, "token": token, "limit": PAGE}
        answer = await self._api.post("kf/sync_msg", asked)
        rows, following = answer.get("msg_list"), word(answer, "next_cursor")
        if not isinstance(rows, list) or not following:
            raise TryLater("junk", "no page in the answer")
        found = [row for row in rows if isinstance(row, dict)]
        return Page(found, following, bool(answer.get("has_more")))

    async def say(self, chat: Chat, message: Message) -> None:
        """A message to a client who wrote in the last 48 hours; a file is handed in first, which shows nothing.

        So is the small picture that stands beside every link.
        """
        thing = THUMBNAIL if isinstance(message.enclosed, Card) else message.enclosed
        fields = message.fields(await self._files.number(thing) if thing else "")
        await self._sent("kf/send_msg", {"touser": chat.client, "open_kfid": chat.open_kfid, **fields})

    async def welcome(self, code: str, message: Message) -> bool:
        """The one message that entering the chat allows; False where the code is spent."""
        try:
            await self._taken("kf/send_msg_on_event", {"code": code, **message.fields()})
        except Refusal as refusal:
            if refusal.code in CODE_SPENT:
                return False
            raise self._api.outcome(refusal) from None
        return True

    async def session(self, chat: Chat) -> SessionState:
        """Who has the session."""
        state = word(await self._asked("kf/service_state/get", chat.fields), "service_state")
        try:
            return SessionState(int(state))
        except ValueError:
            raise TryLater("junk", "no session state in the answer") from None

    async def hand_over(self, chat: Chat, member: str | None = None) -> None:
        """Give the session to a member (userid), or to the queue that members take from."""
        target = SessionState.MEMBER if member else SessionState.QUEUE
        who: dict[str, object] = {"servicer_userid": member} if member else {}
        await self._asked("kf/service_state/trans", {**chat.fields, "service_state": int(target), **who})

    async def _sent(self, path: str, fields: Mapping[str, object]) -> None:
        try:
            await self._taken(path, fields)
        except Refusal as refusal:
            if refusal.code in OF_ONE_DESK and not self._alone:
                raise TryLater(str(refusal.code), refusal.words) from None
            raise self._api.outcome(refusal) from None

    async def _taken(self, path: str, fields: Mapping[str, object]) -> None:
        """A repeated id says that an earlier try, whose answer was lost, was accepted."""
        try:
            await self._api.post(path, fields)
        except Refusal as refusal:
            if refusal.code != REPEATED:
                raise

    async def _asked(self, path: str, fields: Mapping[str, object]) -> Fields:
        try:
            return await self._api.post(path, fields)
        except Refusal as refusal:
            raise self._api.outcome(refusal) from None
