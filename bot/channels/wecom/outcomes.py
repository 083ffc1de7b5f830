"""What the platform's refusals mean for a message."""

import logging

from bot.channels.tencent.refusal import Refusal
from bot.errors import (
    ChannelStopped,
    ContentRefused,
    RecipientGone,
    SendError,
    Throttled,
    TryLater,
    WindowClosed,
)

log = logging.getLogger(__name__)

BUSY = -1
BUSY_PAUSES = (10.0, 120.0)
"""Seconds before the second and third try at a busy platform; it wants no more than three."""

TOKEN_REFUSED = frozenset({40014, 42001})
"""Worth one new token; 40001 is not among them: here it says that the secret is wrong."""

TOO_FAST = frozenset({45009, 45033, 130101})
REPEATED = 95033
"""This message id was taken before: the message it came with was accepted."""

OF_ONE_DESK = frozenset({95000, 95004})
"""This desk is not there, or not ours to answer at; others may be."""

CALLBACK_TOKEN_ENDED = 95007
CODE_SPENT = frozenset({41050, 41051, 95021})
"""A welcome code that is used up or too old, or a member who was faster."""

PAUSES = (60.0, 300.0, 3600.0)
"""Seconds to wait after the first, second and every further refusal in a row: blocks last a minute, an hour, a day."""

_KINDS: dict[type[SendError], frozenset[int]] = {
    TryLater: frozenset({41096}),
    RecipientGone: frozenset({40003, 40096, 41048, 60111, 81013, 84061}),
    WindowClosed: CODE_SPENT | {95001, 95002, 95013, 95018},
    ContentRefused: frozenset({40007, 40008, 40035, 40058, 44004, 45002, 47001, 95008}),
    ChannelStopped: TOKEN_REFUSED | {40001, 40013, 40056, 41001, 48002, 60020, 93000, 95000, 95004, 95017, 301002},
}
_BY_CODE = {code: kind for kind, codes in _KINDS.items() for code in codes}


def send_error(refusal: Refusal, in_a_row: int = 1) -> SendError:
    """What a refused message comes to; of an unknown code only that this message was not taken.

    `in_a_row`: how many calls in succession were refused as too fast, this one included.
    """
    code = str(refusal.code)
    if refusal.code in TOO_FAST:
        return Throttled(PAUSES[min(max(in_a_row, 1), len(PAUSES)) - 1], code)
    if refusal.code == BUSY:
        return TryLater(code, pauses=BUSY_PAUSES)
    kind = _BY_CODE.get(refusal.code)
    if kind is None:
        log.warning("wecom refused a message with the unknown code %s", code)
        return ContentRefused(code)
    return kind(code, refusal.words) if kind is ChannelStopped else kind(code)


def token_error(refusal: Refusal) -> SendError:
    """What a refused token comes to: nothing of this part can go out, now or at all."""
    if refusal.code == BUSY or refusal.code in TOO_FAST:
        return send_error(refusal)
    return ChannelStopped(str(refusal.code), refusal.words)
