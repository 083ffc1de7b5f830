"""The calls under `/cgi-bin/` that the double knows, apart from messages."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.doubles.payload import Payload
from tests.doubles.wechat.account import Refusal
from tests.doubles.wechat.mass import delete_mass, get_mass, preview_mass, send_mass, send_mass_by_tag
from tests.doubles.wechat.messages import send_custom, send_notice, send_template, send_typing, upload_media
from tests.doubles.wechat.tags import create_tag, delete_tag, get_tags, put_tag_on

if TYPE_CHECKING:
    from tests.doubles.wechat.double import WechatDouble

Result = dict[str, object]
Method = Callable[["WechatDouble", Payload], Awaitable[Result]]
MOST_BUTTONS, MOST_SUB_BUTTONS = 3, 5
LONGEST_NAME, LONGEST_SUB_NAME, LONGEST_KEY = 16, 40, 128
LONGEST_SCENE = 64
QR_LIVES = 2_592_000


def _check_secret(double: "WechatDouble", given: Payload) -> None:
    if given.text("grant_type") != "client_credential":
        raise Refusal(40002, "invalid grant_type")
    if given.text("appid") != double.app_id:
        raise Refusal(40013, "invalid appid")
    if given.text("secret") != double.secret:
        raise Refusal(40001, "invalid credential, access_token is invalid or not latest")


async def get_token(double: "WechatDouble", given: Payload) -> Result:
    """A new token each time."""
    _check_secret(double, given)
    token, seconds = double.tokens.plain()
    return {"access_token": token, "expires_in": seconds}


async def get_stable_token(double: "WechatDouble", given: Payload) -> Result:
    """The same token on repeated calls, unless `force_refresh`."""
    _check_secret(double, given)
    forced = given.flag("force_refresh")
    if forced and (code := double.tokens.refusal_to_force()):
        raise Refusal(code, "force_refresh too often")
    token, seconds = double.tokens.force() if forced else double.tokens.stable()
    return {"access_token": token, "expires_in": seconds}


async def user_info(double: "WechatDouble", given: Payload) -> Result:
    """Whether a client follows; names and pictures are no longer given."""
    follower = double.account.known(given.text("openid"))
    if not follower.subscribed:
        return {"subscribe": 0, "openid": follower.openid, "tagid_list": []}
    since = int(follower.subscribed_at.timestamp()) if follower.subscribed_at else 0
    return {"subscribe": 1, "openid": follower.openid, "subscribe_time": since, "language": "zh_CN", "tagid_list": []}


async def create_menu(double: "WechatDouble", given: Payload) -> Result:
    """Replace the menu."""
    double.account.require("menu")
    buttons = given.rows("button")
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        raise Refusal(40016, "invalid button size")
    for button in buttons:
        _check_button(button, LONGEST_NAME)
        subs = button.rows("sub_button")
        if len(subs) > MOST_SUB_BUTTONS:
            raise Refusal(40023, "invalid sub button size")
        for sub in subs:
            _check_button(sub, LONGEST_SUB_NAME)
    double.account.menu = {"button": given.listed("button")}
    return {}


def _check_button(button: Payload, longest_name: int) -> None:
    if not 1 <= len(button.text("name").encode()) <= longest_name:
        raise Refusal(40018, "invalid button name size")
    if len(button.text("key").encode()) > LONGEST_KEY:
        raise Refusal(40019, "invalid button key size")
    if button.text("type") == "click" and not button.text("key"):
        raise Refusal(40019, "invalid button key size")


async def get_menu(double: "WechatDouble", given: Payload) -> Result:
    """The menu as created."""
    if double.account.menu is None:
        raise Refusal(46003, "menu no exist")
    return {"menu": double.account.menu}


async def delete_menu(double: "WechatDouble", given: Payload) -> Result:
    """No menu any more."""
    double.account.require("menu")
    double.account.menu = None
    return {}


async def create_qrcode(double: "WechatDouble", given: Payload) -> Result:
    """A ticket for a scene; temporary ones end after `expire_seconds` (default 60)."""
    double.account.require("qrcode")
    action = given.text("action_name")
    if action not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
        raise Refusal(40053, "invalid action info")
    scene_fields = given.inner("action_info").inner("scene")
    scene = scene_fields.text("scene_str" if "STR" in action else "scene_id")
    if not 1 <= len(scene) <= LONGEST_SCENE:
        raise Refusal(40053, "invalid action info")
    seconds = 0 if "LIMIT" in action else max(1, min(given.integer("expire_seconds", 60), QR_LIVES))
    ticket = f"gQ{next(double.account.numbers)}"
    double.account.scenes[ticket] = (scene, double.clock.now() + timedelta(seconds=seconds) if seconds else None)
    body: Result = {"ticket": ticket, "url": f"http://weixin.qq.com/q/{ticket}"}
    return body | ({"expire_seconds": seconds} if seconds else {})


async def check_callback(double: "WechatDouble", given: Payload) -> Result:
    """The platform's connectivity test, always fine."""
    ping = {"ip": "127.0.0.1", "from_operator": "DEFAULT", "package_loss": "0%", "time": "1.0ms"}
    return {"dns": [{"ip": "127.0.0.1", "real_operator": "DEFAULT"}], "ping": [ping]}


async def callback_addresses(double: "WechatDouble", given: Payload) -> Result:
    """Where pushes come from."""
    return {"ip_list": ["127.0.0.1"]}


async def get_quota(double: "WechatDouble", given: Payload) -> Result:
    """Today's use of one API, named by its `cgi_path`."""
    return {"quota": double.account.quota(given.text("cgi_path").removeprefix("/cgi-bin/"))}


WITHOUT_TOKEN: Mapping[str, Method] = {"token": get_token, "stable_token": get_stable_token}
METHODS: Mapping[str, Method] = {
    **WITHOUT_TOKEN,
    "message/custom/send": send_custom,
    "message/custom/typing": send_typing,
    "message/template/send": send_template,
    "message/subscribe/bizsend": send_notice,
    "message/mass/send": send_mass,
    "message/mass/sendall": send_mass_by_tag,
    "message/mass/get": get_mass,
    "message/mass/preview": preview_mass,
    "message/mass/delete": delete_mass,
    "tags/create": create_tag,
    "tags/get": get_tags,
    "tags/delete": delete_tag,
    "tags/members/batchtagging": put_tag_on,
    "media/upload": upload_media,
    "user/info": user_info,
    "menu/create": create_menu,
    "menu/get": get_menu,
    "menu/delete": delete_menu,
    "qrcode/create": create_qrcode,
    "callback/check": check_callback,
    "getcallbackip": callback_addresses,
    "openapi/quota/get": get_quota,
}
