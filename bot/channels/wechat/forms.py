"""Forms of an account, as both of its kinds of form messages carry them."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.channels.tencent.notation import legible
from bot.channels.wechat.account import Template
from bot.errors import ContentRefused
from bot.messages import Form, Outgoing


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as the platform takes it, and the page it opens, if any."""

    message: Mapping[str, object]
    url: str | None


def filled(outgoing: Outgoing, form: Form, templates: Mapping[str, Template]) -> Filled:
    """The form registered for its text; ContentRefused where there is none."""
    template = templates.get(form.text_key)
    if template is None:
        raise ContentRefused("template", f"no form is registered for {form.text_key}")
    data = {name: {"value": legible(value)} for name, value in form.fields.items()}
    return Filled({"touser": outgoing.to.address, "template_id": template.id, "data": data}, template.url)
