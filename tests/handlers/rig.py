"""A branch to talk to: real services, texts and database; only the way out is a ledger."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar

from sqlalchemy import insert, select, update

from bot.channels.base import Capabilities, Window
from bot.channels.base import Unit as Length
from bot.clock import MovableClock
from bot.messages import Event, Inbound, Incoming, Reply, ShownOption, Topic
from bot.routing import Outcome, Router, Turn
from bot.vocabulary import (
    Addressee,
    ChannelKind,
    DeliveryState,
    EventKind,
    Locale,
    MessageKind,
    Purpose,
    Role,
)
from handlers import router
from services import Services, commands, topics, triage
from services.calendar import BranchCalendar, BusinessHours, packaged_years
from services.consents import Consents
from services.delivery.composing import Composer, Wanted
from services.delivery.submission import Submission, Submitted
from services.handover import Handover
from services.identity import Identity
from services.intakes import Intakes
from services.knowledge import dialogue
from services.knowledge.outcome import Finding
from services.knowledge.published import Published
from services.questions import Questions
from services.rules import Rules
from services.tickets import Tickets
from services.wording import Wording
from storage.models import ChatAccountRow, ClientRow, ConversationRow, DeliveryRow, InboxRow
from storage.repositories import clients, conversations, intakes
from storage.repositories import staff as staff_rows
from storage.repositories.clients import IDENTITY, PHONE
from storage.repositories.conversations import Conversation, Hold, Left
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit
from tests.packaged import knowledge, texts

T = TypeVar("T")
CLIENTS_PHONE = "13800000000"
CAPABILITIES = {
    (ChannelKind.WEBCHAT, "main"): Capabilities(5000, Length.CHARACTERS, buttons=6),
    (ChannelKind.WECHAT, "main"): Capabilities(2048, Length.BYTES, window=Window(timedelta(hours=48), 5)),
    (ChannelKind.WECOM, "main"): Capabilities(4000, Length.BYTES, needs_staff_confirmation=True, hears=False),
    (ChannelKind.TELEGRAM, "main"): Capabilities(
        4096, Length.UTF16, buttons=8, personal_data_allowed=False, own_phone=True
    ),
}
numbers = itertools.count(1)


@cache
def composer() -> Composer:
    return Composer(texts(), Wording.from_seed())


@cache
def hours() -> BusinessHours:
    return BusinessHours(BranchCalendar(packaged_years()))


@dataclass
class Ledger:
    """The way out: what was asked of it, and what it answers (a row per new key, as the real one)."""

    asked: list[Submission] = field(default_factory=list)
    suppresses: str | None = None

    def submit(self, unit: Unit, submission: Submission) -> Submitted:
        known = unit.session.scalars(select(DeliveryRow.id).where(DeliveryRow.key == submission.key)).one_or_none()
        if known is not None:
            return Submitted(known, DeliveryState.PENDING, "", new=False)
        self.asked.append(submission)
        state = DeliveryState.SUPPRESSED if self.suppresses else DeliveryState.PENDING
        now = datetime.fromisoformat("2026-11-23T02:00:00+00:00")
        values = {"key": submission.key, "purpose": submission.purpose, "priority": 0, "state": state}
        row = values | {"text_key": submission.text_key, "created_at": now, "not_before": now}
        made = unit.session.execute(insert(DeliveryRow).values(row).returning(DeliveryRow.id)).scalar_one()
        return Submitted(made, state, "", rule=self.suppresses)


def services(clock: MovableClock, ledger: Ledger, office: Callable[[], BusinessHours] = hours) -> Services:
    rules = Rules()
    tickets = Tickets(office)
    return Services(
        rules=rules,
        texts=texts(),
        accounts=CAPABILITIES,
        commands=commands.packaged(),
        published=Published(knowledge()),
        questions=Questions(),
        tickets=tickets,
        intakes=Intakes(tickets, triage.packaged(), rules, ledger.submit),
        handover=Handover(tickets, office, ledger.submit, CAPABILITIES, clock),
        identity=Identity(rules),
        consents=Consents(),
    )


@dataclass
class Said:
    """What the bot answered: replies, their texts as the client reads them, and the options offered."""

    replies: Sequence[Reply]
    texts: list[str]

    @property
    def keys(self) -> list[str]:
        return [reply.key for reply in self.replies]

    @property
    def options(self) -> list[str]:
        return [option.value for reply in self.replies for option in reply.options]

    def __str__(self) -> str:
        return "\n".join(self.texts)


@dataclass
class Chat:
    """One client's chat; `conversation_id` and `account_id` are its rows."""

    branch: "Branch"
    addressee: Addressee
    account_id: int
    conversation_id: int
    options: list[ShownOption] = field(default_factory=list)
    finding: Finding | None = None

    async def say(self, text: str, kind: MessageKind = MessageKind.TEXT, finding: Finding | None = None) -> Said:
        """Write something; `finding` is what the answer engine is to make of it, if not its own."""
        self.finding = finding
        return await self.send(Incoming(self.addressee, f"m{next(numbers)}", kind, text))

    async def shows(self, album: str) -> Said:
        """One picture of several that were sent at once."""
        media = {"file_id": f"f{next(numbers)}", "album": album}
        return await self.send(Incoming(self.addressee, f"m{next(numbers)}", MessageKind.IMAGE, media=media))

    async def share(self, phone: str | None) -> Said:
        """Share a telephone card; of somebody else's (None) the channel gives no number."""
        media = {"phone": phone} if phone else {}
        return await self.send(Incoming(self.addressee, f"m{next(numbers)}", MessageKind.CONTACT, media=media))

    async def pick(self, value: str) -> Said:
        """Press a button."""
        assert value in [option.value for option in self.options]
        return await self.send(Incoming(self.addressee, f"m{next(numbers)}", MessageKind.CHOICE, choice=value))

    async def happens(self, kind: EventKind, value: str = "") -> Said:
        """Something around the chat."""
        return await self.send(Event(self.addressee, f"e{next(numbers)}", kind, value))

    async def send(self, message: Inbound, *, stale: bool = False) -> Said:
        """One turn, as the dispatcher does it."""
        turn = await self.branch.database.write(lambda unit: self._turn(unit, message, stale=stale))
        outcome = await self.branch.router.pick(turn)(turn, self.branch.services)
        replies = await self.branch.database.write(lambda unit: self._ended(unit, turn, outcome))
        self.options = [self._shown(each, turn.locale) for each in replies[-1].options] if replies else self.options
        return Said(replies, [self._text(reply, reply.locale or turn.locale) for reply in replies])

    def _ended(self, unit: Unit, turn: Turn, outcome: Outcome) -> Sequence[Reply]:
        """What the turn says, what it counts for, and what the conversation is about from now on."""
        replies = outcome(unit) if callable(outcome) else outcome
        unit.session.add_all([self._row(turn, place, one) for place, one in enumerate(replies) if one.kind])
        topic = next((reply.topic for reply in reversed(replies) if reply.topic), None)
        conversations.pass_on(unit, {self.conversation_id: Left((), topic)}, Hold(), self.branch.clock.now())
        return replies

    def _row(self, turn: Turn, place: int, reply: Reply) -> DeliveryRow:
        return DeliveryRow(
            key=f"reply:{turn.inbox_id}:{place}",
            purpose=Purpose.REPLY,
            priority=0,
            conversation_id=self.conversation_id,
            inbox_id=turn.inbox_id,
            text_key=reply.key,
            answer_kind=reply.kind,
            entry_id=reply.entry_id,
            created_at=turn.now,
            not_before=turn.now,
        )

    def _turn(self, unit: Unit, message: Inbound, *, stale: bool) -> Turn:
        conversation = conversations.by_id(unit, self.conversation_id)
        assert conversation is not None
        text = message.text if isinstance(message, Incoming) else ""
        client_id, topic = conversation.client_id, topics.current(conversation, self.branch.clock.now())
        readable = isinstance(message, Incoming) and message.kind is MessageKind.TEXT and text.strip()
        return Turn(
            inbox_id=self._stored(unit, message, text),
            message=message,
            conversation=conversation,
            client=clients.by_id(unit, client_id) if client_id else None,
            intake=intakes.open_in(unit, conversation.id),
            finding=(self.finding or self._found(conversation, text, topic)) if readable else None,
            topic=topic,
            choice=self._choice(message, text),
            stale=stale,
            locale=conversation.locale,
            now=self.branch.clock.now(),
        )

    def _found(self, conversation: Conversation, text: str, topic: Topic | None) -> Finding:
        return dialogue.find(knowledge(), text, conversation.locale, topic)

    def _choice(self, message: Inbound, text: str) -> str | None:
        if isinstance(message, Incoming) and message.choice:
            return message.choice
        return next((option.value for option in self.options if option.label == text), None)

    def _stored(self, unit: Unit, message: Inbound, text: str) -> int:
        values = {
            "channel": self.addressee.channel.value,
            "account": self.addressee.account,
            "platform_id": message.platform_id,
            "conversation_id": self.conversation_id,
            "kind": str(message.kind),
            "text": text,
            "payload": {"media": dict(message.media)} if isinstance(message, Incoming) else {},
            "received_at": self.branch.clock.now(),
        }
        return int(unit.session.execute(insert(InboxRow).values(values).returning(InboxRow.id)).scalar_one())

    def _shown(self, option: object, locale: Locale) -> ShownOption:
        value, label, key = (getattr(option, name) for name in ("value", "label", "label_key"))
        return ShownOption(value, label or texts().label(key, locale))

    def _text(self, reply: Reply, locale: Locale) -> str:
        """The text as the way out composes it, which must find nothing forbidden in it."""
        for option in reply.options:
            assert self._shown(option, locale).label
        channel = self.addressee.channel
        allowed = CAPABILITIES[channel, "main"].personal_data_allowed
        wanted = Wanted(
            reply.key,
            reply.parameters,
            locale,
            channel,
            personal_allowed=allowed,
            personal=reply.personal,
            quoted=reply.quoted,
            notice=reply.notice,
        )
        composed = composer().compose(wanted)
        assert composer().forbidden(composed.judged, Purpose.REPLY, None) is None
        return composed.text


@dataclass
class Branch:
    """The branch under test."""

    database: Database
    clock: MovableClock
    ledger: Ledger = field(default_factory=Ledger)
    office: Callable[[], BusinessHours] = hours
    router: Router = field(default_factory=router)

    def __post_init__(self) -> None:
        self.services = services(self.clock, self.ledger, self.office)

    async def chat(self, channel: ChannelKind = ChannelKind.WEBCHAT, locale: Locale = Locale.ZH_CN) -> Chat:
        """A new chat."""
        addressee = Addressee(channel, "main", f"a{next(numbers)}")
        account_id, conversation_id = await self.database.write(lambda unit: self._opened(unit, addressee, locale))
        return Chat(self, addressee, account_id, conversation_id)

    def _opened(self, unit: Unit, addressee: Addressee, locale: Locale) -> tuple[int, int]:
        now = self.clock.now()
        chat = ChatAccountRow(
            channel=addressee.channel.value,
            account="main",
            address=addressee.address,
            created_at=now,
            last_inbound_at=now,
        )
        unit.session.add(chat)
        unit.flush()
        conversation = ConversationRow(account_id=chat.id, locale=locale, created_at=now)
        unit.session.add(conversation)
        unit.flush()
        return chat.id, conversation.id

    async def client(self, identity: str | None = "11010519900101123X") -> int:
        """A new client."""
        return await self.database.write(lambda unit: self._client(unit, identity))

    def _client(self, unit: Unit, identity: str | None) -> int:
        number, now = f"c{next(numbers)}", self.clock.now()
        row = ClientRow(
            public_id=number,
            number=number,
            name_sealed=b"",
            name_key=number.encode(),
            prefix_key=number.encode(),
            identity_sealed=unit.vault.seal(IDENTITY, identity) if identity else None,
            phone_key=unit.vault.lookup(PHONE, CLIENTS_PHONE),
            created_at=now,
            updated_at=now,
        )
        unit.session.add(row)
        unit.flush()
        return row.id

    async def staff(self, name: str = "王岚") -> Staff:
        """A member of staff."""
        new = NewStaff(f"s{next(numbers)}", name, (Role.SERVICE,), "")
        staff_id = await self.database.write(lambda unit: staff_rows.add(unit, new, self.clock.now()))
        found = await self.read(lambda unit: staff_rows.by_id(unit, staff_id))
        assert found is not None
        return found

    async def own(self, chat: Chat, client_id: int) -> None:
        """Make a chat a client's without a code."""
        change = update(ChatAccountRow).where(ChatAccountRow.id == chat.account_id).values(client_id=client_id)
        await self.database.write(lambda unit: unit.session.execute(change) and None)

    async def write(self, work: Callable[[Unit], T]) -> T:
        return await self.database.write(work)

    async def read(self, work: Callable[[Unit], T]) -> T:
        return await self.database.read(work)
