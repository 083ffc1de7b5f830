"""Subscription notices: each uses up one consent that the follower gave on a page or in an article of the account.

The platform tells of consents by events only and never says how many are left: they are counted here, and a notice
without one is not even tried.
"""

import hashlib
from collections.abc import Mapping

from bot.channels.tencent.notation import Fields, rows, word
from bot.channels.tencent.refusal import Refusal
from bot.channels.wechat.account import Template
from bot.channels.wechat.api import Api
from bot.channels.wechat.forms import filled
from bot.channels.wechat.reports import NOTICE, message_name
from bot.channels.wechat.rights import Power, Rights
from bot.messages import Event, Form, Outgoing, Receipt
from bot.vocabulary import EventKind

_SEND = "message/subscribe/bizsend"

_ANSWERS = {
    "subscribe_msg_popup_event": ("SubscribeMsgPopupEvent", "accept", EventKind.NOTICE_ALLOWED),
    "subscribe_msg_change_event": ("SubscribeMsgChangeEvent", "reject", EventKind.NOTICE_STOPPED),
}
"""Where the platform says it, and the answer that changes something: who says no when asked keeps what they allowed."""


class SubscriptionNotices:
    """Sends forms for one account."""

    def __init__(self, api: Api, templates: Mapping[str, Template], rights: Rights) -> None:
        self._api = api
        self._templates = templates
        self._rights = rights

    async def send(self, outgoing: Outgoing, form: Form) -> Receipt:
        """One form. The platform recognises none that it had before, so a lost answer is not asked for again."""
        sent = filled(outgoing, form, self._templates)
        self._rights.demand(Power.NOTICE)
        try:
            answer = await self._api.post(_SEND, {**sent.message, **({"page": sent.url} if sent.url else {})})
        except Refusal as refusal:
            raise await self._rights.outcome(Power.NOTICE, refusal) from None
        number = word(answer, "msgid")
        return Receipt(platform_message_ids=(message_name(NOTICE, number),) if number else (), messages=0)


def consents_in(fields: Fields, event: Event) -> list[Event]:
    """The consents given or withdrawn in an event, one by one; none in another event, or where nothing changes."""
    name = word(fields, "Event").lower()
    if name not in _ANSWERS:
        return []
    place, answer, kind = _ANSWERS[name]
    changed = [word(row, "TemplateId") for row in rows(fields, place) if word(row, "SubscribeStatusString") == answer]
    return [_consent(event, kind, form, number) for number, form in enumerate(changed) if form]


def _consent(event: Event, kind: EventKind, form: str, number: int) -> Event:
    parts = f"{event.platform_id}\0{number}\0{form}"
    own = f"x{hashlib.sha256(parts.encode()).hexdigest()[:40]}"
    return Event(event.sender, own, kind, form, sent_at=event.sent_at)
