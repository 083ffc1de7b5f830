"""Registered forms (template messages): service notices to followers, whether a window is open or not."""

from collections.abc import Mapping

from bot.channels.tencent.notation import Fields, word
from bot.channels.tencent.refusal import Refusal
from bot.channels.wechat.account import Template
from bot.channels.wechat.api import Api
from bot.channels.wechat.forms import filled
from bot.channels.wechat.reports import TEMPLATE, message_name
from bot.channels.wechat.rights import Power, Rights
from bot.errors import OutcomeUnknown
from bot.messages import Form, Outgoing, Receipt

_SEND = "message/template/send"


class TemplateMessages:
    """Sends forms for one account."""

    def __init__(self, api: Api, templates: Mapping[str, Template], rights: Rights) -> None:
        self._api = api
        self._templates = templates
        self._rights = rights

    async def send(self, outgoing: Outgoing, form: Form) -> Receipt:
        """One form. It costs nothing of a window; whether it arrived is reported later."""
        sent = filled(outgoing, form, self._templates)
        self._rights.demand(Power.TEMPLATE)
        message = {**sent.message, "client_msg_id": outgoing.idempotency_key, **({"url": sent.url} if sent.url else {})}
        number = word(await self._sent(message), "msgid")
        return Receipt(platform_message_ids=(message_name(TEMPLATE, number),) if number else (), messages=0)

    async def _sent(self, message: Mapping[str, object]) -> Fields:
        """Asked once more where the answer was lost: the platform sends one `client_msg_id` once in ten minutes."""
        try:
            try:
                return await self._api.post(_SEND, message)
            except OutcomeUnknown:
                return await self._api.post(_SEND, message)
        except Refusal as refusal:
            raise await self._rights.outcome(Power.TEMPLATE, refusal) from None
