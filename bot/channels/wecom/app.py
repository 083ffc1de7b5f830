"""The corp's own app: a channel to its members, and a way to tell staff something."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from datetime import timedelta

from bot.channels.base import Capabilities, ChannelState, Notified, Unit
from bot.channels.parts import after
from bot.channels.tencent.notation import legible, word
from bot.channels.tencent.notes import SharedNote
from bot.channels.tencent.platform import Platform
from bot.channels.tencent.refusal import Refusal
from bot.channels.wecom.account import DAILY, LONGEST, WecomAccount
from bot.channels.wecom.api import Api, Part
from bot.channels.wecom.callbacks import Callbacks
from bot.channels.wecom.checks import Checks
from bot.channels.wecom.limits import Allowance, Limits
from bot.channels.wecom.part import PartChannel
from bot.clock import Clock
from bot.errors import ContentRefused, RecipientGone, StorageError, Throttled, TryLater
from bot.messages import Outgoing, Receipt
from bot.splitting import split
from bot.vocabulary.health import Observation

BATCH = 1000
"""Members in one call."""

CHECKED_FOR = 3600
"""Seconds in which the platform takes an identical call for a repeat: at least so many."""

_LENGTHS, _MOST_PARTS = 10_007, 16
"""The platform takes up to four hours; a prime number of lengths, so that they come round late."""

_NOBODY_KNOWN = 81013

CAPABILITIES = Capabilities(
    longest_text=LONGEST, unit=Unit.BYTES, native_idempotency=True, recognises=timedelta(seconds=CHECKED_FOR)
)


class WecomAppChannel(PartChannel):
    """Channel, Opener, StaffNotices and MediaSource for the app of one corp."""

    capabilities = CAPABILITIES

    def __init__(self, account: WecomAccount, state: ChannelState, clock: Clock) -> None:
        platform = Platform(account.api_root, account.patience)
        super().__init__(account.app_name, platform, Callbacks(account, state, clock))
        self._agent_id = account.agent_id
        self._api = Api(Part("app", account.corp_id, account.secret or ""), platform, state, clock)
        self._limits = Limits(SharedNote(state, "members"), clock, Allowance(a_day=account.accounts * DAILY))
        self._checks = Checks(account, self.account, clock)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """One answer to a member, in several parts if it is long; raises SendError."""
        parts = split(legible(outgoing.text), LONGEST)
        if not parts:
            raise ContentRefused("44004", "nothing to send")
        names: list[str] = []
        for number, part in enumerate(parts, outgoing.delivery_id * _MOST_PARTS):
            with after(len(names)):
                names.append(await self._say_to_one(outgoing.to.address, part, _window(number)))
        return Receipt(platform_message_ids=tuple(names))

    async def fetch(self, media: Mapping[str, str], limit: int) -> bytes:
        """What a member sent to the app in the last three days."""
        return await self._api.fetch(media, limit)

    def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """What can be seen of the app."""
        return self._checks.run(public_url, self._api, self._checks.app)

    async def notify(self, members: Sequence[str], text: str) -> Notified:
        """Tell members, a thousand at a time; the first part only of a text that is too long. Raises SendError."""
        parts = split(legible(text), LONGEST)
        if not parts:
            raise ContentRefused("44004", "nothing to send")
        admitted = await self._admitted(members)
        unknown: set[str] = set()
        for batch in _batches([member for member in members if member in admitted]):
            unknown |= await self._tell(batch, parts[0])
        return Notified(frozenset(unknown), frozenset(members) - admitted)

    async def _say_to_one(self, member: str, text: str, checked_for: int) -> str:
        """A repeat within the checked time is not delivered again, yet costs the member's limit once more."""
        if not await self._admitted([member]):
            raise Throttled(60.0, "limit", "the member has had as much as the platform delivers")
        try:
            answer = await self._api.post("message/send", self._message([member], text, checked_for))
        except Refusal as refusal:
            raise self._api.outcome(refusal) from None
        if word(answer, "invaliduser"):
            raise RecipientGone("invaliduser")
        return word(answer, "msgid")

    async def _tell(self, members: Sequence[str], text: str) -> set[str]:
        """Those of the members whom the platform does not know; it names them in small letters."""
        try:
            answer = await self._api.post("message/send", self._message(members, text, CHECKED_FOR))
        except Refusal as refusal:
            if refusal.code == _NOBODY_KNOWN:
                return set(members)
            raise self._api.outcome(refusal) from None
        unknown = set(word(answer, "invaliduser").lower().split("|"))
        return {member for member in members if member.lower() in unknown}

    async def _admitted(self, members: Sequence[str]) -> frozenset[str]:
        try:
            return await self._limits.admit(members)
        except StorageError:
            raise TryLater("limit", "the database did not count") from None

    def _message(self, members: Sequence[str], text: str, checked_for: int) -> dict[str, object]:
        return {
            "touser": "|".join(members),
            "msgtype": "text",
            "agentid": self._agent_id,
            "text": {"content": text},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": checked_for,
        }


def _window(number: int) -> int:
    """Of another length for the next part and delivery: the same words twice are two messages, not a repeat."""
    return CHECKED_FOR + number % _LENGTHS


def _batches(members: Sequence[str]) -> Iterator[Sequence[str]]:
    return (members[start : start + BATCH] for start in range(0, len(members), BATCH))
