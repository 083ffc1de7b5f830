"""A person on WeChat: what they write to 微信客服, and the members whose contact they are."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.doubles.wecom.desk import REFUSED_BY_CLIENT

if TYPE_CHECKING:
    from tests.doubles.wecom.double import WecomDouble

Row = dict[str, object]
Statuses = tuple[int, ...]


@dataclass(frozen=True)
class WecomClient:
    """Acts for one external_userid; every act returns the HTTP status of each try to push it."""

    double: "WecomDouble"
    external_userid: str

    async def say(self, text: str, menu_id: str = "") -> Statuses:
        """Type a message, or tap the line of a menu."""
        words = {"content": text} | ({"menu_id": menu_id} if menu_id else {})
        return await self.send({"msgtype": "text", "text": words})

    async def send(self, content: Row) -> Statuses:
        """A message of any type, by its own fields; opens the 48-hour window."""
        self.double.desk.wrote(self.external_userid, content)
        return await self._announced()

    async def media(self, kind: str, media_id: str = "media-1") -> Statuses:
        """A picture, a voice message, a video or a file."""
        return await self.send({"msgtype": kind, kind: {"media_id": media_id}})

    async def location(self) -> Statuses:
        """Send a place."""
        place = {"latitude": 31.23, "longitude": 121.47, "name": "人民广场", "address": "上海市黄浦区"}
        return await self.send({"msgtype": "location", "location": place})

    async def enter(self, scene: str = "") -> Statuses:
        """Open the chat, perhaps by a link with a scene."""
        self.double.desk.entered(self.external_userid, scene)
        return await self._announced()

    def refuse(self) -> None:
        """Take no messages any more: sending works, and fails afterwards."""
        self.double.desk.session(self.external_userid).failing = REFUSED_BY_CLIENT

    async def befriend(self, member: str, state: str = "") -> Statuses:
        """Become a member's contact."""
        code = self.double.contacts.add(self.external_userid, member)
        return await self._changed("add_external_contact", member, {"State": state, "WelcomeCode": code})

    async def unfriend(self, member: str) -> Statuses:
        """Delete the member."""
        self.double.contacts.remove(self.external_userid, member)
        return await self._changed("del_follow_user", member, {})

    async def dropped_by(self, member: str) -> Statuses:
        """The member deletes the client."""
        self.double.contacts.remove(self.external_userid, member)
        return await self._changed("del_external_contact", member, {})

    async def _changed(self, change: str, member: str, more: Row) -> Statuses:
        fields: Row = {"Event": "change_external_contact", "ChangeType": change, "UserID": member}
        return await self.double.push(fields | {"ExternalUserID": self.external_userid} | more)

    async def _announced(self) -> Statuses:
        return await self.double.push(self.double.kf_event())


async def do(client: WecomClient, kind: str, value: str) -> Statuses:
    """An act by its name; ValueError when there is none of that name."""
    acts: dict[str, Callable[[str], Awaitable[Statuses]]] = {
        "text": client.say,
        "follow": client.enter,
        "image": lambda media_id: client.media("image", media_id or "media-1"),
        "voice": lambda media_id: client.media("voice", media_id or "media-2"),
        "befriend": client.befriend,
        "unfriend": client.unfriend,
    }
    if kind not in acts:
        raise ValueError(kind)
    return await acts[kind](value)
