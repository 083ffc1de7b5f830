"""Messages the account sends to one client: customer service, typing, template."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.doubles.ledger import Button, Parcel
from tests.doubles.payload import Payload
from tests.doubles.wechat.account import Refusal

if TYPE_CHECKING:
    from tests.doubles.wechat.double import WechatDouble

Result = dict[str, object]
LONGEST_TEXT = 2048
TEMPLATE_KEY_HOLDS = timedelta(minutes=10)
_SLOT = re.compile(r"\{\{(\w+)\.DATA\}\}")
_MARKUP = re.compile(r"<a [^>]*>|</a>")


async def send_custom(double: "WechatDouble", given: Payload) -> Result:
    """A customer-service message: right, recipient, content and budget are checked in this order."""
    double.account.require("custom")
    follower = double.account.known(given.text("touser"))
    parcel = _parcel(double, given)
    follower.spend(double.clock.now())
    double.ledger.record(parcel)
    return {}


def _parcel(double: "WechatDouble", given: Payload) -> Parcel:
    form = given.text("msgtype")
    inner = given.inner(form)
    openid = given.text("touser")
    if form == "text":
        return Parcel(openid, "custom", _visible(checked_text(inner.text("content"))))
    if form == "image":
        return Parcel(openid, "custom", _media(double, inner), form=form)
    if form == "news":
        return Parcel(openid, "custom", _news(inner), form=form)
    if form == "msgmenu":
        return _menu_message(double, openid, inner)
    raise Refusal(40008, "invalid message type")


def checked_text(content: str) -> str:
    """The text; Refusal 44004 when empty, 45002 over 2048 bytes."""
    if not content:
        raise Refusal(44004, "empty content")
    if len(content.encode()) > LONGEST_TEXT:
        raise Refusal(45002, "content size out of limit")
    return content


def _visible(text: str) -> str:
    return _MARKUP.sub("", text)


def _media(double: "WechatDouble", inner: Payload) -> str:
    if inner.text("media_id") not in double.account.media:
        raise Refusal(40007, "invalid media_id")
    return inner.text("media_id")


async def upload_media(double: "WechatDouble", given: Payload) -> Result:
    """A temporary picture; its file must have a name."""
    if given.text("type") != "image":
        raise Refusal(40004, "invalid media type")
    if not given.text("media").endswith((".jpg", ".png")):
        raise Refusal(40005, "invalid file type")
    number = f"media{next(double.account.numbers)}"
    double.account.media.add(number)
    return {"type": "image", "media_id": number, "created_at": int(double.clock.now().timestamp())}


def _news(inner: Payload) -> str:
    articles = inner.rows("articles")
    if len(articles) != 1:
        raise Refusal(45008, "article size out of limit")
    return "\n".join(articles[0].text(part) for part in ("title", "description", "url"))


def _menu_message(double: "WechatDouble", openid: str, inner: Payload) -> Parcel:
    if "msgmenu" not in double.account.permissions:
        raise Refusal(40200, "invalid account type")
    rows = inner.rows("list")
    if not rows:
        raise Refusal(44004, "empty content")
    buttons = tuple(Button(row.text("content"), row.text("id")) for row in rows)
    text = "\n".join(part for part in (inner.text("head_content"), inner.text("tail_content")) if part)
    return Parcel(openid, "custom", text, buttons, "msgmenu")


async def send_typing(double: "WechatDouble", given: Payload) -> Result:
    """Show or hide "typing"."""
    double.account.require("custom")
    follower = double.account.known(given.text("touser"))
    command = given.text("command")
    if command == "Typing":
        follower.begin_typing(double.clock.now())
    elif command == "CancelTyping":
        follower.typing_until = None
    else:
        raise Refusal(45072, "invalid command")
    return {}


async def send_template(double: "WechatDouble", given: Payload) -> Result:
    """A template message; the same openid and `client_msg_id` within ten minutes is sent once."""
    double.account.require("template")
    follower = double.account.known(given.text("touser"))
    if not follower.subscribed:
        raise Refusal(43004, "require subscribe")
    words = double.account.templates.get(given.text("template_id"))
    if words is None:
        raise Refusal(40037, "invalid template_id")
    return {"msgid": _send_template_once(double, given, words)}


def _send_template_once(double: "WechatDouble", given: Payload, words: str) -> int:
    openid, own = given.text("touser"), given.text("client_msg_id")
    earlier = double.account.template_keys.get((openid, own))
    if own and earlier and double.clock.now() - earlier[0] <= TEMPLATE_KEY_HOLDS:
        return earlier[1]
    number = next(double.account.numbers)
    double.account.template_keys[openid, own] = (double.clock.now(), number)
    values = given.inner("data")
    text = _SLOT.sub(lambda slot: values.inner(slot[1]).text("value"), words)
    double.ledger.record(Parcel(openid, "template", text, message_id=str(number)))
    double.announce(openid, {"Event": "TEMPLATESENDJOBFINISH", "MsgID": number, "Status": "success"})
    return number


async def send_notice(double: "WechatDouble", given: Payload) -> Result:
    """A subscription notice: uses up one consent; the same one sent twice arrives twice."""
    double.account.require("notice")
    follower, form = double.account.known(given.text("touser")), given.text("template_id")
    words = double.account.notices.get(form)
    if words is None:
        raise Refusal(40037, "invalid template_id")
    if not follower.consents[form]:
        raise Refusal(43101, "user refuse to accept the msg")
    follower.consents[form] -= 1
    number, values = next(double.account.numbers), given.inner("data")
    text = _SLOT.sub(lambda slot: values.inner(slot[1]).text("value"), words)
    double.ledger.record(Parcel(follower.openid, "notice", text, message_id=str(number)))
    sent = {"TemplateId": form, "MsgID": str(number), "ErrorCode": "0", "ErrorStatus": "success"}
    told: Result = {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": [sent]}}
    double.announce(follower.openid, told)
    return {"msgid": number}
