"""One turn: what is known of it before thinking, and everything it changes in one write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.dispatcher import reading
from bot.errors import QuanfuError
from bot.messages import Incoming, Reply, ShownOption
from bot.routing import Outcome, Said, Turn
from bot.vocabulary import DeliveryState, Locale, MessageKind, Owner, Purpose
from services.delivery import late
from services.delivery.submission import Route, Submission, Submitted, ToConversation
from services.knowledge.outcome import Finding
from storage.repositories import conversations, deliveries, inbox
from storage.repositories.conversations import Conversation
from storage.repositories.deliveries import Outstanding
from storage.repositories.inbox import InboxState, Lease, Work
from storage.unit import Unit

Finder = Callable[[str, Locale], Finding]
ClientWrote = Callable[[Unit, Conversation, int, str], None]
Submit = Callable[[Unit, Submission, Route], Submitted]


SPOKEN = frozenset({MessageKind.TEXT, MessageKind.VOICE})
"""Kinds whose words are the client's own; the platform may have recognised those of a voice message."""


class LeaseLost(QuanfuError):
    """Another process took the conversation meanwhile; nothing of the turn stands."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written at the end of a turn; `outcome` is None where a person answers, not the bot."""

    work: Work
    turn: Turn
    outcome: Outcome | None
    route: Route
    lease: Lease
    state: InboxState = InboxState.HANDLED


@dataclass(frozen=True, slots=True)
class Concluded:
    """What a written turn said inside the request (None: nothing), and the conversation's next row."""

    said: Said | None
    next: Work | None


def prepare(work: Work, find: Finder | None, now: datetime, option_span: timedelta) -> Turn:
    """The turn of a row; the finding is made of texts only, and of nothing without `find` or while a person answers."""
    message, conversation = work.message, work.conversation
    locale, choice, stale, finding = conversation.locale, None, False, None
    if isinstance(message, Incoming):
        message = replace(message, text=reading.clean(message.text))
        locale = reading.language(message.text, conversation.locale)
        choice, stale = reading.picked(message, conversation, now, option_span)
        readable = message.kind in SPOKEN and message.text and conversation.owner is not Owner.STAFF
        finding = find(message.text[: reading.LONGEST_QUESTION], locale) if find and readable else None
    return Turn(
        inbox_id=work.inbox_id,
        message=message,
        conversation=conversation,
        client=work.client,
        intake=work.intake,
        finding=finding,
        choice=choice,
        stale=stale,
        locale=locale,
        now=now,
    )


@dataclass(frozen=True)
class Conclusion:
    """Writes the ends of turns."""

    submit: Submit
    client_wrote: ClientWrote

    def write(self, unit: Unit, plan: Plan) -> Concluded:
        """Everything a turn changes; LeaseLost where the conversation is somebody else's by now."""
        conversation_id = plan.work.conversation.id
        leased = conversations.locked(unit, conversation_id)
        if leased is None or leased.hold.holder != plan.lease.holder:
            raise LeaseLost(f"conversation {conversation_id}")
        if plan.turn.locale is not leased.conversation.locale:
            conversations.speak(unit, conversation_id, plan.turn.locale)
        open_ones = deliveries.outstanding(unit, conversation_id)
        wanted = _wanted(plan.route, open_ones)
        route = Route(inbox.end(unit, plan.work.inbox_id, wanted, plan.lease.now, plan.state))
        waiting = late.given(unit, plan.work, route, plan.lease.now) if open_ones.waiting else []
        replies = self._replies(unit, plan, leased.conversation)
        submitted = [self._submit(unit, plan, place, reply, route) for place, reply in enumerate(replies)]
        unit.announce("conversation", conversation_id)
        following = inbox.hand_on(unit, conversation_id, plan.lease, _offered([*waiting, *submitted]))
        if route is not Route.PASSIVE:
            return Concluded(None, following)
        return Concluded(_said(late.shortened(unit, waiting, submitted), submitted), following)

    def _replies(self, unit: Unit, plan: Plan, conversation: Conversation) -> Sequence[Reply]:
        """What the bot says: nothing where a person has the conversation, or had it when the turn began."""
        if conversation.owner is Owner.STAFF or plan.outcome is None:
            if isinstance(plan.turn.message, Incoming):
                self.client_wrote(unit, conversation, plan.work.inbox_id, plan.turn.text)
            return ()
        return plan.outcome(unit) if callable(plan.outcome) else plan.outcome

    def _submit(self, unit: Unit, plan: Plan, place: int, reply: Reply, route: Route) -> Submitted:
        submission = Submission(
            key=f"reply:{plan.work.inbox_id}:{place}",
            purpose=Purpose.REPLY,
            to=ToConversation(plan.work.conversation.id),
            text_key=reply.key,
            parameters=reply.parameters,
            options=reply.options,
            notice=reply.notice,
            personal=reply.personal,
            quoted=reply.quoted,
            locale=reply.locale or plan.turn.locale,
            inbox_id=plan.work.inbox_id,
        )
        return self.submit(unit, submission, route)


def _wanted(route: Route, open_ones: Outstanding) -> Route:
    """By which way the replies should go: one inside the request must not overtake what the pump has yet to send."""
    return Route.PUMP if route is Route.PASSIVE and open_ones.going else route


def _offered(submitted: Sequence[Submitted]) -> Sequence[ShownOption]:
    """The last list offered, if any."""
    return next((one.options for one in reversed(submitted) if one.options), ())


def _said(waiting: Sequence[Submitted], submitted: Sequence[Submitted]) -> Said:
    going = [*waiting, *(one for one in submitted if one.state is DeliveryState.SENDING)]
    return Said(tuple(one.delivery_id for one in going), tuple(one.text for one in going), len(waiting))
