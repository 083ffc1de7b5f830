"""How many messages a platform still lets us send to one chat, and until when."""

from dataclasses import dataclass
from datetime import datetime

from bot.channels.base import Capabilities, Window
from bot.clock import branch_date
from storage.repositories.facts import ChatFacts


@dataclass(frozen=True, slots=True)
class Budget:
    """`messages` may go until `until` (None: the client never wrote); `kept` of them are for a person's answer."""

    messages: int = 0
    of: int = 0
    until: datetime | None = None
    kept: int = 0


def budget(capabilities: Capabilities, chat: ChatFacts, now: datetime) -> Budget:
    """What the windows of a chat have left: that of the client's last message, and that of their last action."""
    message = _of(capabilities.window, chat.last_inbound_at, chat.window_used, now)
    action = _of(capabilities.action_window, chat.acted_at, chat.action_used, now)
    if not action.messages:
        return message
    if not message.messages:
        return action
    ends = [one.until for one in (message, action) if one.until is not None]
    return Budget(message.messages + action.messages, message.of + action.of, max(ends), message.kept)


def month_left(capabilities: Capabilities, chat: ChatFacts, now: datetime) -> int:
    """Messages by group that may still reach a chat in this month of the branch."""
    if capabilities.group is None:
        return 0
    used = chat.group_used if chat.group_month == f"{branch_date(now):%Y-%m}" else 0
    return max(capabilities.group.monthly - used, 0)


def _of(window: Window | None, since: datetime | None, used: int, now: datetime) -> Budget:
    """A window that was open once keeps its end, so that a page can say when it closed."""
    if window is None or since is None:
        return Budget()
    until = since + window.span
    left = max(window.messages - used, 0) if now < until else 0
    return Budget(left, window.messages, until, min(window.reserve, left))
