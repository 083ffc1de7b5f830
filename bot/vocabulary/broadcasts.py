"""How far a broadcast has come."""

from enum import StrEnum


class BroadcastState(StrEnum):
    """From the first draft to the end."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    KILLED = "killed"
    EXPIRED = "expired"


TRANSITIONS: dict[BroadcastState, frozenset[BroadcastState]] = {
    BroadcastState.DRAFT: frozenset({BroadcastState.SUBMITTED, BroadcastState.KILLED}),
    BroadcastState.SUBMITTED: frozenset(
        {BroadcastState.DRAFT, BroadcastState.APPROVED, BroadcastState.KILLED, BroadcastState.EXPIRED}
    ),
    BroadcastState.APPROVED: frozenset(
        {BroadcastState.DRAFT, BroadcastState.SENDING, BroadcastState.KILLED, BroadcastState.EXPIRED}
    ),
    BroadcastState.SENDING: frozenset({BroadcastState.PAUSED, BroadcastState.DONE, BroadcastState.KILLED}),
    BroadcastState.PAUSED: frozenset({BroadcastState.SENDING, BroadcastState.DONE, BroadcastState.KILLED}),
    BroadcastState.DONE: frozenset({BroadcastState.SENDING}),
    BroadcastState.KILLED: frozenset(),
    BroadcastState.EXPIRED: frozenset(),
}
"""Which state may follow which; any edit leads back to the draft, so that it has to be approved anew.

What is done sends again where a platform reports a failure afterwards and another channel is left.
"""


def before(target: BroadcastState) -> frozenset[BroadcastState]:
    """The states that `target` may follow."""
    return frozenset(state for state, following in TRANSITIONS.items() if target in following)
