"""What the platform's refusals mean for a message."""

import logging
from datetime import datetime

from bot.channels.tencent.refusal import Refusal
from bot.clock import next_midnight
from bot.errors import (
    ChannelStopped,
    ContentRefused,
    QuotaUsed,
    RecipientGone,
    SendError,
    Throttled,
    TryLater,
    WindowClosed,
)

log = logging.getLogger(__name__)

BUSY = -1
MINUTE_LIMIT = 45011
DAY_LIMIT = 45009
NO_MASS_LEFT = 45028
SENT_BEFORE = 45065
TOO_SOON = 45066
OUT_OF_TIME_OR_UNSUBSCRIBED = 45015
NO_CONSENT = 43101
NO_PERMISSION = 48001
NO_MENUS = 40200
WAITS_FOR_ADMINISTRATOR = frozenset({89504, 89505})
"""A mass send that the account's administrator has to confirm first: asked again, it is still the same one."""

TOKEN_REFUSED = frozenset({40001, 40014, 42001})
NO_TOKEN = 41001
"""The first three may mean that the token was replaced: worth one new one."""

_KINDS: dict[type[SendError], frozenset[int]] = {
    TryLater: WAITS_FOR_ADMINISTRATOR | {BUSY},
    RecipientGone: frozenset({43004, 40003, 43019, 50002}),
    WindowClosed: frozenset({OUT_OF_TIME_OR_UNSUBSCRIBED, 45047, NO_CONSENT}),
    ContentRefused: frozenset({45002, 44004, 45008, 40007, 40008, 40033, 40035, 40037, 40130, 45067, 47001}),
    ChannelStopped: TOKEN_REFUSED | {NO_TOKEN, 40013, 40125, 40164, 48001, 48004, 61004},
}
_BY_CODE = {code: kind for kind, codes in _KINDS.items() for code in codes}


def send_error(refusal: Refusal, now: datetime) -> SendError:
    """What a refused message comes to; of an unknown code only that this message was not taken."""
    code = str(refusal.code)
    if refusal.code == MINUTE_LIMIT:
        return Throttled(60 - now.second - now.microsecond / 1e6, code)
    if refusal.code == TOO_SOON:
        return Throttled(60.0, code)
    if refusal.code in (DAY_LIMIT, NO_MASS_LEFT):
        return QuotaUsed(next_midnight(now), code)
    kind = _BY_CODE.get(refusal.code)
    if kind is None:
        log.warning("wechat refused a message with the unknown code %s", code)
        return ContentRefused(code)
    return kind(code, refusal.words) if kind is ChannelStopped else kind(code)


def token_error(refusal: Refusal, now: datetime) -> SendError:
    """What a refused token comes to: nothing of this account can go out, now or at all."""
    if refusal.code in (BUSY, MINUTE_LIMIT, DAY_LIMIT):
        return send_error(refusal, now)
    return ChannelStopped(str(refusal.code), refusal.words)
