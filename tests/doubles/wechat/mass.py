"""Mass sends of the account: by list, by tag, tried out on one person, asked after, deleted."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.clock import branch_date
from tests.doubles.ledger import Parcel
from tests.doubles.payload import Payload
from tests.doubles.wechat.account import MassJob, Refusal
from tests.doubles.wechat.messages import checked_text

if TYPE_CHECKING:
    from tests.doubles.wechat.double import WechatDouble

Result = dict[str, object]
LONGEST_KEY = 64
MASS_KEY_HOLDS = timedelta(hours=24)
GOOD = "send success"


async def send_mass(double: "WechatDouble", given: Payload) -> Result:
    """A mass send by list of openids; "taken" is all the answer says."""
    double.account.require("mass")
    openids = [str(openid) for openid in given.listed("touser")]
    if not 2 <= len(openids) <= 10_000:
        raise Refusal(40130, "invalid openid list size, at least two openid")
    return _run(double, given, openids)


async def send_mass_by_tag(double: "WechatDouble", given: Payload) -> Result:
    """A mass send to everybody, or to all who have a tag."""
    double.account.require("massall")
    chosen = given.inner("filter")
    if chosen.flag("is_to_all"):
        return _run(double, given, [one.openid for one in double.account.followers.values() if one.subscribed])
    tag = double.account.tags.get(chosen.integer("tag_id"))
    if tag is None:
        raise Refusal(45159, "invalid tag id")
    return _run(double, given, sorted(tag.openids))


def _run(double: "WechatDouble", given: Payload, openids: Sequence[str]) -> Result:
    content = _content(given)
    key = given.text("clientmsgid") or f"digest of {sorted(openids)} {content}"
    _check_key(double, given.text("clientmsgid"), key)
    _check_day(double)
    job = MassJob(next(double.account.numbers), key, double.clock.now(), len(openids), given.text("msgtype"))
    double.account.jobs.append(job)
    if not double.account.mass_waits:
        finish(double, job, openids, content)
    return {"msg_id": job.msg_id, "msg_data_id": job.msg_id % 1_000_000}


def _content(given: Payload) -> str:
    form = given.text("msgtype")
    if form == "text":
        return checked_text(given.inner("text").text("content"))
    if form == "mpnews" and given.inner(form).text("media_id"):
        return given.inner(form).text("media_id")
    raise Refusal(40008, "invalid message type")


def _check_key(double: "WechatDouble", given: str, key: str) -> None:
    if len(given.encode()) > LONGEST_KEY:
        raise Refusal(45067, "clientmsgid size out of limit")
    for job in double.account.jobs:
        if job.key == key and double.clock.now() - job.at <= MASS_KEY_HOLDS:
            raise Refusal(45065, "clientmsgid exist", msg_id=job.msg_id)


def _check_day(double: "WechatDouble") -> None:
    today = [job for job in double.account.jobs if branch_date(job.at) == branch_date(double.clock.now())]
    if double.account.jobs_a_day is not None and len(today) >= double.account.jobs_a_day:
        raise Refusal(45028, "has no masssend quota")


def finish(double: "WechatDouble", job: MassJob, openids: Sequence[str], content: str) -> None:
    """The job runs: each follower within their month gets it, unless the review refuses it; an event may tell."""
    passes = double.account.mass_outcome == GOOD
    job.reached = tuple(openid for openid in openids if passes and _takes(double, openid))
    for openid in job.reached:
        double.ledger.record(Parcel(openid, "mass", content, message_id=str(job.msg_id)))
    job.status = "SEND_SUCCESS" if job.reached else "SEND_FAIL"
    if double.account.mass_events:
        double.announce("", _event(job, double.account.mass_outcome))


def _takes(double: "WechatDouble", openid: str) -> bool:
    follower = double.account.followers.get(openid)
    if follower is None and double.account.open_door:
        follower = double.account.follower(openid)
    return follower is not None and follower.accepts_mass(double.clock.now())


def _event(job: MassJob, outcome: str) -> dict[str, object]:
    return {
        "Event": "MASSSENDJOBFINISH",
        "MsgID": job.msg_id,
        "Status": outcome if job.reached or outcome != GOOD else "send fail",
        "TotalCount": job.total,
        "FilterCount": job.total,
        "SentCount": len(job.reached),
        "ErrorCount": job.total - len(job.reached),
    }


async def get_mass(double: "WechatDouble", given: Payload) -> Result:
    """How a mass send stands."""
    job = _job(double, given)
    return {"msg_id": job.msg_id, "msg_status": job.status}


async def preview_mass(double: "WechatDouble", given: Payload) -> Result:
    """The text to one person, named by openid or by WeChat name; it counts for no month."""
    double.account.require("massall")
    to = given.text("towxname") or given.text("touser")
    if not to:
        raise Refusal(40003, "invalid openid")
    number = next(double.account.numbers)
    double.ledger.record(Parcel(to, "preview", _content(given), message_id=str(number)))
    return {"msg_id": number}


async def delete_mass(double: "WechatDouble", given: Payload) -> Result:
    """Take back articles that went out; those who have the card keep it."""
    job = _job(double, given)
    if job.form != "mpnews" or job.status != "SEND_SUCCESS":
        raise Refusal(40008, "invalid message type")
    job.status = "DELETE"
    return {}


def _job(double: "WechatDouble", given: Payload) -> MassJob:
    number = given.integer("msg_id")
    job = next((job for job in double.account.jobs if job.msg_id == number), None)
    if job is None:
        raise Refusal(40059, "invalid msg id")
    return job
