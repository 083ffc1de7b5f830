"""What the adapter is told of one official account."""

from dataclasses import dataclass, field

LONGEST = 2047
"""Bytes of UTF-8 in one message; 2048 is said to fail already."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for a connection and for an answer; the platform itself answers well within one."""

    connect: float = 3.0
    read: float = 8.0


@dataclass(frozen=True, slots=True)
class WechatAccount:
    """Keys, addresses and rights of the account `name`; secrets stay out of its representation."""

    name: str
    app_id: str
    token: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    aes_key: str | None = field(default=None, repr=False)
    previous_aes_key: str | None = field(default=None, repr=False)
    api_root: str = "https://api.weixin.qq.com"
    customer_messages: bool = True
    patience: Patience = Patience()

    @property
    def may_send(self) -> bool:
        """Whether anything can be said outside the answer to a request."""
        return self.customer_messages and self.secret is not None
