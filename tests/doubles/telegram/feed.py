"""Updates on their way to the bot: held until a poll confirms them or the webhook takes them."""

import asyncio
from dataclasses import dataclass, field
from typing import TypedDict

from tests.doubles.bell import Bell
from tests.doubles.telegram.state import Refusal

POLL_UNDER_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
POLL_TWICE = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}


class Update(TypedDict):
    """An update: its id, its kind, and the object under that kind."""

    update_id: int
    kind: str
    body: dict[str, object]


@dataclass
class Webhook:
    """Where updates are posted, with the secret header."""

    url: str = ""
    secret: str = ""
    last_error: str = ""
    failed_at: int = 0


@dataclass(frozen=True)
class Poll:
    """The arguments of getUpdates; `timeout` in real seconds."""

    offset: int = 0
    limit: int = 100
    timeout: int = 0


@dataclass
class Feed:
    """Pending updates, the webhook, and the kinds the bot asked for."""

    pending: list[Update] = field(default_factory=list)
    webhook: Webhook = field(default_factory=Webhook)
    allowed: list[str] = field(default_factory=list)
    bell: Bell = field(default_factory=Bell)
    closed: bool = False
    _next_id: int = 8000001
    _poll: int = 0

    def add(self, kind: str, body: dict[str, object]) -> int:
        """Something happened; its update_id. Kinds the bot did not ask for are dropped, as on the platform."""
        number, self._next_id = self._next_id, self._next_id + 1
        if kind in self.allowed or (not self.allowed and kind not in NOT_BY_DEFAULT):
            self.pending.append({"update_id": number, "kind": kind, "body": body})
            self.bell.ring()
        return number

    async def take(self, poll: Poll) -> list[dict[str, object]]:
        """Long poll: confirm everything below the offset, then wait for what is new."""
        if self.webhook.url:
            raise Refusal(409, POLL_UNDER_WEBHOOK)
        self._confirm(poll.offset)
        self._poll += 1
        self.bell.ring()
        await self._wait(self._poll, poll.timeout)
        return [as_json(update) for update in self.pending[: max(1, min(poll.limit, 100))]]

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.pending = self.pending[offset:]
        elif offset:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]

    async def _wait(self, mine: int, seconds: int) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not self.pending and not self.closed and mine == self._poll and seconds:
                    await self.bell.wait()
        except TimeoutError:
            return
        if mine != self._poll:
            raise Refusal(409, POLL_TWICE)

    def close(self) -> None:
        """Let waiting polls go home."""
        self.closed = True
        self.bell.ring()


def as_json(update: Update) -> dict[str, object]:
    """The update as the Bot API writes it."""
    return {"update_id": update["update_id"], update["kind"]: update["body"]}
