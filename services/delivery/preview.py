"""What would become of messages at a given instant: the pump's own screening, with nothing written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.vocabulary import ChannelKind, DeliveryState
from services.delivery.composing import storable
from services.delivery.screening import Screen
from services.delivery.submission import Submission, ToClient
from services.delivery.submit import Delivery
from storage.repositories import facts, fanout
from storage.repositories.claims import Due, Lane, Screened
from storage.repositories.facts import ChatFacts, Person
from storage.repositories.fanout import Chat
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`pending` without `until` means that it would go out; a `rule` says what stands in the way."""

    key: str
    channel: str | None
    state: DeliveryState
    rule: str | None = None
    until: datetime | None = None
    text: str | None = None

    @property
    def goes_out(self) -> bool:
        """Whether the client would get it at that instant."""
        return self.state is DeliveryState.PENDING and self.until is None


def foresee(unit: Unit, delivery: Delivery, wanted: Sequence[Submission], now: datetime) -> list[Foreseen]:
    """What the gate would say to each submission to a client at an instant, in their order."""
    if not wanted:
        return []
    ids = {_client(submission) for submission in wanted}
    people = facts.people(unit, ids, ids, now)
    found = _chats(unit, delivery, wanted, now)
    counted = any(capabilities.consented for capabilities in delivery.accounts.values())
    chats = facts.chats(unit, [chat.account_id for chat in found.values()], counted=counted)
    foresight = _Foresight(delivery, now, people, chats)
    return [foresight.of(submission, found.get(submission.key)) for submission in wanted]


def _client(submission: Submission) -> int:
    if not isinstance(submission.to, ToClient):
        raise TypeError("only messages to clients can be foreseen")
    return submission.to.client_id


def _chats(unit: Unit, delivery: Delivery, wanted: Sequence[Submission], now: datetime) -> dict[str, Chat]:
    """The chat of each submission by its key; contents that may go the same ways are looked up together."""
    alike: dict[tuple[str, frozenset[str]], list[Submission]] = {}
    for submission in wanted:
        alike.setdefault((submission.text_key, submission.personal), []).append(submission)
    found: dict[str, Chat] = {}
    for content, submissions in alike.items():
        chosen = fanout.choose_each(unit, {_client(each) for each in submissions}, delivery.ways(*content, now))
        found |= {each.key: chosen[_client(each)] for each in submissions if _client(each) in chosen}
    return found


@dataclass(frozen=True)
class _Foresight:
    delivery: Delivery
    now: datetime
    people: dict[int, Person]
    chats: dict[int, ChatFacts]

    def of(self, submission: Submission, chat: Chat | None) -> Foreseen:
        """What a submission would become."""
        if chat is None:
            return Foreseen(submission.key, None, DeliveryState.SUPPRESSED, "unreachable")
        lane = Lane(ChannelKind(chat.channel), chat.account, urgent=False)
        screen = Screen(self.delivery, lane, self.now, self.people, self.chats)
        screened = screen.decide(_due(submission, chat, self.now))
        return _foreseen(submission.key, chat.channel, screened)


def _foreseen(key: str, channel: str, screened: Screened) -> Foreseen:
    return Foreseen(key, channel, screened.state, screened.rule, screened.not_before, screened.text)


def _due(submission: Submission, chat: Chat, now: datetime) -> Due:
    """The row that the pump would find."""
    return Due(
        id=0,
        key=submission.key,
        purpose=submission.purpose,
        client_id=_client(submission),
        account_id=chat.account_id,
        conversation_id=chat.conversation_id,
        broadcast_id=None,
        address=chat.address,
        text_key=submission.text_key,
        parameters=storable(submission.parameters),
        personal=sorted(submission.personal),
        options=[],
        notice=submission.notice,
        locale=submission.locale,
        text=None,
        material=submission.material,
        product_risk=submission.product_risk,
        topic=submission.topic,
        essential=submission.essential,
        expires_at=submission.expires_at,
        created_at=now,
        attempts=0,
    )
