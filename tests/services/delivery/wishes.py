"""Submissions that tests make."""

from typing import Any

from bot.vocabulary import Purpose
from services.delivery.submission import Fanout, Submission, ToClient, ToConversation

CLOSED_TOMORROW: dict[str, object] = {"body": "明日休市一天。", "footer": ""}


def notice(client_id: int, key: str = "n", **changes: Any) -> Submission:
    """A message outside any dialogue."""
    wanted = {"purpose": Purpose.SERVICE_NOTICE, "text_key": "broadcast_body", "parameters": CLOSED_TOMORROW}
    return Submission(key=key, to=ToClient(client_id), **(wanted | changes))


def reply(conversation_id: int, key: str = "r", **changes: Any) -> Submission:
    """A message inside a dialogue."""
    wanted = {"purpose": Purpose.REPLY, "text_key": "broadcast_body", "parameters": {"body": "您好", "footer": ""}}
    return Submission(key=key, to=ToConversation(conversation_id), **(wanted | changes))


def broadcast(**changes: Any) -> Fanout:
    """A message for many."""
    wanted = {"purpose": Purpose.BROADCAST, "text_key": "broadcast_body", "parameters": CLOSED_TOMORROW}
    return Fanout(key="b", **(wanted | changes))
