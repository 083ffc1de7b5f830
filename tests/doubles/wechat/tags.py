"""Tags of the account."""

from typing import TYPE_CHECKING

from tests.doubles.payload import Payload
from tests.doubles.wechat.account import Refusal, Tag

if TYPE_CHECKING:
    from tests.doubles.wechat.double import WechatDouble

Result = dict[str, object]
MOST_TAGS, LONGEST_NAME, FIRST = 100, 30, 100
MOST_OPENIDS, TAGS_EACH = 50, 20


async def create_tag(double: "WechatDouble", given: Payload) -> Result:
    """A new tag; its name must be new and at most 30 bytes long."""
    double.account.require("tags")
    name, tags = given.inner("tag").text("name"), double.account.tags
    if not 1 <= len(name.encode()) <= LONGEST_NAME:
        raise Refusal(45158, "tag name is too long")
    if name in {tag.name for tag in tags.values()}:
        raise Refusal(45157, "tag name already exists")
    if len(tags) >= MOST_TAGS:
        raise Refusal(45056, "too many tags")
    number = max(tags, default=FIRST - 1) + 1
    tags[number] = Tag(name)
    return {"tag": {"id": number, "name": name}}


async def get_tags(double: "WechatDouble", given: Payload) -> Result:
    """All of them."""
    rows = [{"id": number, "name": tag.name, "count": len(tag.openids)} for number, tag in double.account.tags.items()]
    return {"tags": rows}


async def delete_tag(double: "WechatDouble", given: Payload) -> Result:
    """Drop one; nobody has it any more."""
    number = given.inner("tag").integer("id")
    if number not in double.account.tags:
        raise Refusal(45159, "invalid tag id")
    del double.account.tags[number]
    return {}


async def put_tag_on(double: "WechatDouble", given: Payload) -> Result:
    """For at most 50 followers; one who does not follow spoils the call."""
    openids = [str(openid) for openid in given.listed("openid_list")]
    tag = double.account.tags.get(given.integer("tagid"))
    if tag is None:
        raise Refusal(45159, "invalid tag id")
    if not 1 <= len(openids) <= MOST_OPENIDS:
        raise Refusal(40032, "invalid openid list size")
    for openid in openids:
        if not double.account.known(openid).subscribed:
            raise Refusal(40003, "invalid openid")
        if sum(openid in other.openids for other in double.account.tags.values()) >= TAGS_EACH:
            raise Refusal(45059, "too many tags on this follower")
    tag.openids.update(openids)
    return {}
