"""A local server that imitates the WeChat Official Account API and pushes to the account's webhook."""

from tests.doubles.wechat.client import WechatClient
from tests.doubles.wechat.double import AES_KEY, APP_ID, ORIGINAL_ID, WechatDouble
from tests.doubles.wechat.envelope import Mode
from tests.doubles.wechat.push import CANNOT_SERVE, Heard, Manner

__all__ = [
    "AES_KEY",
    "APP_ID",
    "CANNOT_SERVE",
    "ORIGINAL_ID",
    "Heard",
    "Manner",
    "Mode",
    "WechatClient",
    "WechatDouble",
]
