"""A local server that imitates the WeCom API (微信客服, 应用消息, 客户联系, group robots) and pushes to the webhook."""

from tests.doubles.wecom.client import WecomClient
from tests.doubles.wecom.double import AES_KEY, CORP_ID, OPEN_KFID, ROBOT, SECRETS, WecomDouble

__all__ = ["AES_KEY", "CORP_ID", "OPEN_KFID", "ROBOT", "SECRETS", "WecomClient", "WecomDouble"]
