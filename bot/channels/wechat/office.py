"""What people arrange for an account now and then: its menu, QR codes that carry a scene, a look at mass sends."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from bot.channels.base import ChannelState
from bot.channels.tencent.notation import Fields, legible, word
from bot.channels.tencent.refusal import Refusal
from bot.channels.wechat.account import LONGEST, WechatAccount
from bot.channels.wechat.api import Api
from bot.channels.wechat.menu import from_platform, read_menu, shown, to_platform
from bot.clock import Clock
from bot.errors import ChannelStopped, ContentRefused, OutcomeUnknown, Refused
from bot.splitting import fits

_NO_MENU = 46003
LONGEST_SCENE = 64
LONGEST_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code: what it says when scanned, and where its picture is."""

    url: str
    picture: str


class WechatOffice:
    """Arranges things for one account; raises SendError."""

    def __init__(self, account: WechatAccount, state: ChannelState, clock: Clock) -> None:
        self._api = Api(account, state, clock)

    async def close(self) -> None:
        """Close every connection."""
        await self._api.close()

    async def menu(self) -> str:
        """The menu that clients see, as a file says it; an empty list where there is none."""
        try:
            return shown(from_platform(await self._api.get("menu/get", {})))
        except Refusal as refusal:
            if refusal.code == _NO_MENU:
                return shown([])
            raise _said(refusal) from None

    async def set_menu(self, text: str) -> None:
        """Replace the menu by that of a file, SettingsWrong for a wrong one; clients see it within five minutes."""
        await _told(self._api.post("menu/create", to_platform(read_menu(text))))

    def tidied(self, text: str) -> str:
        """A file's menu as `menu` would give it; SettingsWrong for a wrong one."""
        return shown(read_menu(text))

    async def qr_code(self, scene: str, life: timedelta | None) -> QrCode:
        """A code with a scene, for so long, at most 30 days; for ever without `life` (100,000 of them an account)."""
        if not 1 <= len(scene) <= LONGEST_SCENE:
            raise Refused("wechat_scene", longest=LONGEST_SCENE)
        action: dict[str, object] = {"action_info": {"scene": {"scene_str": scene}}}
        if life is None:
            wanted = {"action_name": "QR_LIMIT_STR_SCENE", **action}
        else:
            seconds = int(min(life, LONGEST_LIFE).total_seconds())
            wanted = {"action_name": "QR_STR_SCENE", "expire_seconds": seconds, **action}
        answer = await _told(self._api.post("qrcode/create", wanted))
        ticket, url = word(answer, "ticket"), word(answer, "url")
        if not ticket or not url:
            raise OutcomeUnknown("junk", "no code in the answer")
        return QrCode(url, f"https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}")

    async def try_out(self, text: str, wechat_name: str) -> None:
        """A text as mass send to one WeChat name, for a look at it; the platform allows a hundred a day."""
        if not text.strip() or not fits(text, LONGEST):
            raise ContentRefused("45002", "a mass send is one message")
        message = {"towxname": wechat_name, "msgtype": "text", "text": {"content": legible(text)}}
        await _told(self._api.post("message/mass/preview", message))

    async def mass_status(self, number: str) -> str:
        """What the platform says of a mass send: SEND_SUCCESS, SENDING, SEND_FAIL or DELETE."""
        return word(await _told(self._api.post("message/mass/get", {"msg_id": number})), "msg_status")

    async def delete_mass(self, number: str) -> None:
        """Take back an article or a video that was sent; the platform refuses it for texts."""
        await _told(self._api.post("message/mass/delete", {"msg_id": int(number)}))


async def _told(asking: Awaitable[Fields]) -> Fields:
    try:
        return await asking
    except Refusal as refusal:
        raise _said(refusal) from None


def _said(refusal: Refusal) -> ChannelStopped:
    """Here a person waits for the platform's own words."""
    return ChannelStopped(str(refusal.code), refusal.words)
