"""The first half of the pump: which of the due messages may go out, and with what words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from bot.channels.base import Capabilities
from bot.clock import branch_date
from bot.errors import TextError
from bot.messages import Form, Outgoing, ShownOption
from bot.vocabulary import (
    DIALOGUE,
    ESSENTIAL,
    PLANNED,
    Addressee,
    ClientFacts,
    ContentFacts,
    DayFacts,
    DeliveryState,
    GateFacts,
    Locale,
    Purpose,
)
from services.delivery import fallback, gate
from services.delivery.budget import budget
from services.delivery.composing import SALUTATION, Composed, Wanted
from services.delivery.gate import Case, Outcome, Verdict
from services.delivery.means import address_facts, groupable, linked, registered
from services.delivery.merging import Ready, accompanied, counts_messages
from services.delivery.submit import Delivery
from storage.repositories import claims, facts
from storage.repositories.claims import PARKED, Due, Lane, Screened
from storage.repositories.facts import ChatFacts, Person
from storage.repositories.tries import held_by
from storage.unit import Unit

GATHER = timedelta(minutes=2)
"""How long recipients of one text wait for one another; after that they are looked at anew."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What was looked at: how many rows, and those that may go out, in order."""

    seen: int
    ready: tuple[Ready, ...]


@dataclass
class Screen:
    """Judges one chunk; `people` and `chats` change as messages of the same chunk count against what they allow."""

    delivery: Delivery
    lane: Lane
    now: datetime
    people: dict[int, Person]
    chats: dict[int, ChatFacts]
    forms: dict[int, Form] = field(default_factory=dict)

    @cached_property
    def capabilities(self) -> Capabilities:
        """What the lane's account can do."""
        return self.delivery.accounts[self.lane.channel, self.lane.account]

    @cached_property
    def day(self) -> DayFacts:
        """What holds for everybody today."""
        return self.delivery.days(branch_date(self.now))

    def decide(self, due: Due) -> Screened:
        """What becomes of one row."""
        if due.expires_at is not None and due.expires_at <= self.now:
            return Screened(due.id, DeliveryState.EXPIRED, None, None, due.text_key, due.text)
        try:
            composed = self._composed(due)
        except TextError as error:
            return _unsayable(due, None, error)
        case = self._case(due, composed)
        verdict = gate.judge(case)
        decision = gate.record(case, verdict)
        if verdict.outcome is not Outcome.ALLOW:
            return _held_back(due, verdict, decision)
        said = Screened(due.id, DeliveryState.PENDING, verdict.rule, decision, composed.text_key, composed.text)
        if gate.by_group(case):
            self._count(due)
            return replace(said, rule=PARKED, not_before=self.now + GATHER)
        if gate.shut(case):
            try:
                self.forms[due.id] = self._form(due, composed.text_key)
            except TextError as error:
                return _unsayable(due, decision, error)
            self._use_consent(due, composed.text_key)
        self._count(due)
        return said

    def _form(self, due: Due, text_key: str) -> Form:
        """What goes out where the window is shut: the gate lets through only what has a form."""
        patterns = self.capabilities.registered[text_key]
        return self.delivery.composer.form(text_key, patterns, due.locale or Locale.ZH_CN, due.parameters)

    def _composed(self, due: Due) -> Composed:
        """A dialogue's message was rendered and checked when it was submitted."""
        if due.text is not None and due.purpose in DIALOGUE:
            return Composed(due.text, due.text_key, "", neutral_exists=True)
        person = self.people.get(due.client_id or 0)
        wanted = Wanted(
            text_key=due.text_key,
            parameters=due.parameters,
            locale=due.locale or (person.locale if person else Locale.ZH_CN),
            channel=self.lane.channel,
            personal_allowed=self.capabilities.personal_data_allowed,
            personal=frozenset(due.personal),
            notice=due.notice,
            salutation=person.salutation if person else None,
            heard=self.capabilities.hears,
        )
        return self.delivery.composer.compose(wanted)

    def _case(self, due: Due, composed: Composed) -> Case:
        person = self.people.get(due.client_id or 0)
        content = ContentFacts(
            purpose=due.purpose,
            text=composed.text,
            text_key=composed.text_key,
            personal=bool(due.personal),
            neutral_exists=composed.neutral_exists,
            essential=due.essential,
            product_risk=due.product_risk,
            topic=due.topic,
            material=due.material,
            registered=registered(self.capabilities, due.purpose, composed.text_key, self.chats.get(due.account_id)),
        )
        if due.doubted:  # it may have begun, and goes on the way it went
            content = replace(content, registered=False)
        elif groupable(self.capabilities, content, due.broadcast_id):
            content = replace(content, grouped=True)
        chat = self.chats.get(due.account_id)
        address = address_facts(self.capabilities, chat, self.now)
        if chat is not None and chat.client_id != due.client_id and due.purpose not in DIALOGUE:
            address = replace(address, reachable=False)  # let go since: it is another's, or nobody's
        known = GateFacts(person.facts if person else None, address, content, self.day)
        forbidden = None
        if composed.judged:
            forbidden = self.delivery.composer.forbidden(composed.judged, due.purpose, due.material)
        return Case(known, self.delivery.rules, self.now, forbidden)

    def _use_consent(self, due: Due, text_key: str) -> None:
        """A second notice to the same chat in this chunk finds the first one's consent used."""
        form, chat = self.capabilities.consented.get(text_key), self.chats.get(due.account_id)
        if form is not None and chat is not None:
            left = {**chat.notices, form: chat.notices.get(form, 0) - 1}
            self.chats[due.account_id] = replace(chat, notices=left)

    def _count(self, due: Due) -> None:
        """A second message to the same client in this chunk finds the first one counted."""
        person = self.people.get(due.client_id or 0)
        if person and due.purpose not in ESSENTIAL:
            counted = Purpose.PRODUCT if due.product_risk else due.purpose
            self.people[person.facts.client_id] = replace(person, facts=_one_more(person.facts, counted, due.purpose))


def _held_back(due: Due, verdict: Verdict, decision: Mapping[str, object]) -> Screened:
    state = DeliveryState.SUPPRESSED if verdict.outcome is Outcome.SUPPRESS else DeliveryState.PENDING
    until = None if verdict.outcome is Outcome.SUPPRESS else verdict.until
    return Screened(due.id, state, verdict.rule, decision, due.text_key, due.text, until)


def _unsayable(due: Due, decision: Mapping[str, object] | None, error: TextError) -> Screened:
    words = str(error)[:200]
    return Screened(due.id, DeliveryState.FAILED, "text", decision, due.text_key, due.text, error=words)


def _one_more(client: ClientFacts, counted: Purpose, purpose: Purpose) -> ClientFacts:
    week, plan = client.sent_week | {counted: client.sent_week.get(counted, 0) + 1}, client.plan
    if plan is not None and purpose in PLANNED:
        plan = replace(plan, sent=plan.sent + 1)
    return replace(client, sent_today=client.sent_today + 1, sent_week=week, plan=plan)


def screen(unit: Unit, delivery: Delivery, lane: Lane, holder: str, limit: int) -> Chunk:
    """Look at the next messages of a lane; write down what is held back and hold what may go out."""
    now = delivery.clock.now()
    due = claims.due(unit, lane, holder, now, limit)
    if not due:
        return Chunk(0, ())
    clients = {row.client_id for row in due if row.client_id is not None and row.purpose not in DIALOGUE}
    saluted = {row.client_id for row in due if row.client_id is not None and SALUTATION in row.personal}
    counted = bool(delivery.accounts[lane.channel, lane.account].consented)
    judge = Screen(
        delivery,
        lane,
        now,
        facts.people(unit, clients, saluted, now, [row.id for row in due]),
        facts.chats(unit, [row.account_id for row in due], counted=counted),
    )
    decided, moves = fallback.reroute(unit, delivery, [judge.decide(row) for row in due])
    claims.screened(unit, decided, holder, now)
    fallback.go(unit, moves.values(), held_by(holder), now)
    ready = [one for one in _ready(due, decided, judge) if one.due.id not in moves]
    if lane.urgent and counts_messages(judge.capabilities):
        ready = _accompanied(unit, ready, lane, holder, judge)
    return Chunk(len(due), tuple(ready))


def _accompanied(unit: Unit, ready: Sequence[Ready], lane: Lane, holder: str, judge: Screen) -> list[Ready]:
    """Take along what else waits in the same dialogues."""
    spoken = {
        one.due.conversation_id: one.due.id
        for one in ready
        if one.due.purpose in DIALOGUE and one.outgoing.form is None and one.due.media_id is None
    }
    others = claims.company(unit, lane, holder, spoken, judge.now)
    longest = judge.capabilities.longest_text
    merged = [accompanied(one, others.get(one.due.conversation_id or 0, []), longest) for one in ready]
    claims.hold(unit, [other.id for one in merged for other in one.company], holder, judge.now)
    return merged


def _ready(due: Sequence[Due], decided: Sequence[Screened], judge: Screen) -> list[Ready]:
    pairs = zip(due, decided, strict=True)
    return [
        Ready(row, _outgoing(row, result.text or "", judge))
        for row, result in pairs
        if result.state is DeliveryState.PENDING and result.not_before is None
    ]


def _outgoing(due: Due, text: str, judge: Screen) -> Outgoing:
    most = max(judge.capabilities.buttons, judge.capabilities.menu)
    options = tuple(ShownOption(**option) for option in due.options) if len(due.options) <= most else ()
    to = Addressee(judge.lane.channel, judge.lane.account, due.address)
    outgoing = Outgoing(due.id, to, text, options, str(due.id), judge.forms.get(due.id))
    return linked(outgoing, judge.capabilities.media) if _card_fits(due, judge) else outgoing


def _card_fits(due: Due, judge: Screen) -> bool:
    """Only a broadcast's link is a card, and only where that second message leaves a person's answer its room."""
    chat = judge.chats.get(due.account_id)
    if due.broadcast_id is None or judge.capabilities.window is None or chat is None:
        return due.broadcast_id is not None
    left = budget(judge.capabilities, chat, judge.now)
    return left.messages - left.kept >= (2 if due.media_id is None else 3)
