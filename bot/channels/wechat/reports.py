"""What the platform says of messages that it took earlier: templates, mass sends and subscription notices."""

from dataclasses import replace

from bot.channels.tencent.notation import Fields, rows, word
from bot.messages import REFUSED, UNCLEAR, StatusReport
from bot.vocabulary import DeliveryState

TEMPLATE, MASS, NOTICE = "template", "mass", "notice"
"""Which interface a message went by; each numbers its messages on its own."""

_FINISHED = {"templatesendjobfinish": TEMPLATE, "masssendjobfinish": MASS, "subscribe_msg_sent_event": NOTICE}


_BLOCKED, _GONE = "failed:user block", "gone"


def message_name(interface: str, number: str) -> str:
    """The name of a message as deliveries keep it."""
    return f"{interface}:{number}"


def reports_of(fields: Fields) -> list[StatusReport]:
    """The reports in an event; none where it reports nothing, or of no message."""
    interface = _FINISHED.get(word(fields, "Event").lower())
    if interface is None:
        return []
    read = {TEMPLATE: _template, MASS: _mass, NOTICE: _notices}[interface]
    return [report for report in read(fields) if not report.platform_message_id.endswith(":")]


def refused_by_client(fields: Fields) -> bool:
    """Whether a template message failed because the client refuses messages of the account."""
    template = word(fields, "Event").lower() == "templatesendjobfinish"
    return template and word(fields, "Status").lower() == _BLOCKED


def _template(fields: Fields) -> list[StatusReport]:
    report = _report(TEMPLATE, word(fields, "MsgID"), word(fields, "Status"), "success", DeliveryState.DELIVERED)
    return [replace(report, rule=_GONE) if refused_by_client(fields) else report]


def _mass(fields: Fields) -> list[StatusReport]:
    """Of a mass send it is never known who got it, only that it went out or was refused as a whole.

    What it holds to be forbidden is named by a number: err(20001). Where it failed otherwise some may have it.
    """
    report = _report(MASS, word(fields, "MsgID"), word(fields, "Status"), "send success", DeliveryState.SENT)
    if report.state is not DeliveryState.FAILED:
        return [report]
    if report.code.lower().startswith("err"):
        return [replace(report, rule=REFUSED)]
    return [report if word(fields, "SentCount") == "0" else replace(report, rule=UNCLEAR)]


def _notices(fields: Fields) -> list[StatusReport]:
    return [
        _report(NOTICE, word(one, "MsgID"), word(one, "ErrorCode"), "0", DeliveryState.DELIVERED)
        for one in rows(fields, "SubscribeMsgSentEvent")
    ]


def _report(interface: str, number: str, status: str, good: str, state: DeliveryState) -> StatusReport:
    name = message_name(interface, number)
    return (
        StatusReport(state, name) if status.lower() == good else StatusReport(DeliveryState.FAILED, name, code=status)
    )
