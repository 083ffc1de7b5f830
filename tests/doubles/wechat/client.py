"""A person on WeChat: what they type, tap and follow is pushed to the account's webhook."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.doubles.wechat.account import Follower
from tests.doubles.wechat.push import Heard, Manner

if TYPE_CHECKING:
    from tests.doubles.wechat.double import WechatDouble

Fields = dict[str, object]


@dataclass(frozen=True)
class WechatClient:
    """Acts for one openid; every act returns what came of its push."""

    double: "WechatDouble"
    openid: str
    manner: Manner = field(default_factory=Manner)

    def by(self, manner: Manner) -> "WechatClient":
        """The same person, with the platform pushing in another manner."""
        return replace(self, manner=manner)

    @property
    def follower(self) -> Follower:
        """What the account knows of this person."""
        return self.double.account.follower(self.openid)

    async def say(self, text: str) -> Heard:
        """Type a message."""
        return await self.send({"MsgType": "text", "Content": text})

    async def send(self, fields: Fields) -> Heard:
        """A message of any type, given by its own fields; opens the 48-hour window."""
        self.follower.wrote(self.double.clock.now())
        return await self.push(fields | {"MsgId": next(self.double.account.numbers)})

    async def choose(self, content: str, number: str) -> Heard:
        """Tap a line of a msgmenu: a text message that counts as a menu click."""
        self.follower.acted(self.double.clock.now())
        fields: Fields = {"MsgType": "text", "Content": content, "bizmsgmenuid": number}
        return await self.push(fields | {"MsgId": next(self.double.account.numbers)})

    async def image(self) -> Heard:
        """Send a picture."""
        return await self.send({"MsgType": "image", "PicUrl": "http://mmbiz.qpic.cn/x", "MediaId": "media-1"})

    async def voice(self, recognition: str = "") -> Heard:
        """Speak; `recognition` is the platform's transcript, where it makes one."""
        heard: Fields = {"Recognition": recognition} if recognition else {}
        return await self.send({"MsgType": "voice", "MediaId": "media-2", "Format": "amr"} | heard)

    async def location(self) -> Heard:
        """Send a place."""
        fields: Fields = {"MsgType": "location", "Location_X": "31.23", "Location_Y": "121.47"}
        return await self.send(fields | {"Scale": 15, "Label": "上海"})

    async def link(self) -> Heard:
        """Forward an article."""
        return await self.send({"MsgType": "link", "Title": "T", "Description": "D", "Url": "https://a.example"})

    async def follow(self, scene: str = "") -> Heard:
        """Follow the account, perhaps by a QR code with a scene."""
        self.follower.subscribed = True
        self.follower.subscribed_at = self.double.clock.now()
        self.follower.acted(self.double.clock.now())
        return await self.event("subscribe", f"qrscene_{scene}" if scene else "")

    async def unfollow(self) -> Heard:
        """Leave the account."""
        self.follower.subscribed = False
        self.follower.windows.clear()
        return await self.event("unsubscribe", "")

    async def scan(self, ticket: str) -> Heard:
        """Scan a QR code of the account; LookupError when it is unknown or has expired."""
        scene, until = self.double.account.scenes[ticket]
        if until is not None and self.double.clock.now() >= until:
            raise LookupError(ticket)
        known = self.double.account.followers.get(self.openid)
        if known is None or not known.subscribed:
            return await self.follow(scene)
        known.acted(self.double.clock.now())
        return await self.event("SCAN", scene)

    async def click(self, key: str) -> Heard:
        """Tap a menu button of type click."""
        self.follower.acted(self.double.clock.now())
        return await self.event("CLICK", key)

    async def allow(self, *forms: str, refused: tuple[str, ...] = ()) -> Heard:
        """Answer a page of the account that asks for consent to one notice by each of these forms."""
        self.follower.consents.update(forms)
        answers = [_answer(form, "accept") for form in forms] + [_answer(form, "reject") for form in refused]
        rows = [answer | {"PopupScene": 2} for answer in answers]
        named: Fields = {"Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": {"List": rows}}
        return await self.push({"MsgType": "event"} | named)

    async def stop_notices(self, form: str) -> Heard:
        """Switch the notices by a form off, on the platform's own page."""
        del self.follower.consents[form]
        rows = [_answer(form, "reject")]
        named: Fields = {"Event": "subscribe_msg_change_event", "SubscribeMsgChangeEvent": {"List": rows}}
        return await self.push({"MsgType": "event"} | named)

    async def event(self, name: str, key: str) -> Heard:
        """Any event."""
        return await self.push({"MsgType": "event", "Event": name, "EventKey": key})

    async def push(self, fields: Fields) -> Heard:
        """A push with exactly these fields; opens no window."""
        return await self.double.push(self.openid, fields, self.manner)

    async def do(self, kind: str, value: str) -> Heard:
        """An act by its name; ValueError when there is none of that name."""
        spoken: dict[str, Callable[[str], Awaitable[Heard]]] = {
            "text": self.say,
            "follow": self.follow,
            "click": self.click,
            "scan": self.scan,
            "voice": self.voice,
        }
        plain: dict[str, Callable[[], Awaitable[Heard]]] = {
            "unfollow": self.unfollow,
            "image": self.image,
            "location": self.location,
            "link": self.link,
        }
        if kind in spoken:
            return await spoken[kind](value)
        if kind not in plain:
            raise ValueError(kind)
        return await plain[kind]()


def _answer(form: str, status: str) -> Fields:
    return {"TemplateId": form, "SubscribeStatusString": status}
