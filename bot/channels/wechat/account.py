"""What the adapter is told of one official account."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.channels.tencent.platform import Patience

LONGEST = 2047
"""Bytes of UTF-8 in one message; 2048 is said to fail already."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template of the account: its id, the patterns of its fields, and the page it opens."""

    id: str
    fields: Mapping[str, str]
    url: str | None = None


@dataclass(frozen=True, slots=True)
class WechatAccount:
    """Keys, addresses and rights of the account `name`; secrets stay out of its representation.

    `templates` are registered for keys of texts, and `notices` for others: those need a consent each.
    `mass_by_tag`: the account has no mass send by list. `results` is how many seconds lie between two looks at mass
    sends whose event is missing.
    """

    name: str
    app_id: str
    token: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    aes_key: str | None = field(default=None, repr=False)
    previous_aes_key: str | None = field(default=None, repr=False)
    api_root: str = "https://api.weixin.qq.com"
    customer_messages: bool = True
    mass_messages: bool = False
    mass_by_tag: bool = False
    results: float = 300.0
    templates: Mapping[str, Template] = field(default_factory=dict)
    notices: Mapping[str, Template] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)

    @property
    def may_send(self) -> bool:
        """Whether anything can be said outside the answer to a request."""
        return self.customer_messages and self.secret is not None
