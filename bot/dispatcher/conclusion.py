"""How turns end: everything they change, in one write; turns that end at the same time share it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.dispatcher.turns import Plan
from bot.errors import QuanfuError
from bot.messages import Incoming, Reply, ShownOption, Topic
from bot.routing import Said
from bot.vocabulary import DeliveryState, Owner, Purpose
from services.delivery import late
from services.delivery.submission import Route, Submission, Submitted, ToConversation
from storage.repositories import conversations, deliveries, inbox
from storage.repositories.conversations import Conversation, Left
from storage.repositories.deliveries import Outstanding
from storage.repositories.inbox import Ending, Lease, Work
from storage.unit import Unit

ClientWrote = Callable[[Unit, Conversation, int, str], None]
Submit = Callable[[Unit, Sequence[tuple[Submission, Route]]], list[Submitted]]


class LeaseLost(QuanfuError):
    """Somebody else took the conversation, or had the turn, meanwhile; nothing of the turn stands."""


@dataclass(frozen=True, slots=True)
class Concluded:
    """What a written turn said inside the request (None: nothing), and the conversation's next row."""

    said: Said | None
    next: Work | None


@dataclass(frozen=True, slots=True)
class _Ended:
    """A turn whose row is closed: by which way its replies go, what had waited for it, what it says and of what."""

    conversation_id: int
    route: Route
    waiting: Sequence[Submitted]
    submissions: Sequence[Submission]
    topic: Topic | None


@dataclass(frozen=True)
class Conclusion:
    """Writes the ends of turns."""

    submit: Submit
    client_wrote: ClientWrote

    def write(self, unit: Unit, plans: Sequence[Plan], lease: Lease) -> list[Concluded]:
        """Everything that turns change; LeaseLost where one of them is somebody else's by now."""
        held = _held(unit, plans, lease)
        ended = self._ended(unit, plans, held, lease.now)
        every = iter(self.submit(unit, [(wanted, one.route) for one in ended for wanted in one.submissions]))
        submitted = [[next(every) for _ in one.submissions] for one in ended]
        for conversation_id in held:
            unit.announce("conversation", conversation_id)
        pairs = list(zip(ended, submitted, strict=True))
        left = {one.conversation_id: Left(_offered([*one.waiting, *made]), one.topic) for one, made in pairs}
        work = inbox.hand_on(unit, left, lease)
        return [Concluded(_said(unit, one, made), work.get(one.conversation_id)) for one, made in pairs]

    def _ended(self, unit: Unit, plans: Sequence[Plan], held: dict[int, Conversation], now: datetime) -> list[_Ended]:
        """Close the rows and hear what the turns want to say."""
        owed = deliveries.outstanding(unit, list(held))
        open_ones = [owed.get(plan.work.conversation.id, Outstanding()) for plan in plans]
        endings = [
            Ending(plan.work.inbox_id, _wanted(plan.route, open_one), plan.state)
            for plan, open_one in zip(plans, open_ones, strict=True)
        ]
        routes = inbox.end(unit, endings, now)
        if len(routes) < len(plans):  # a turn that outlives its lease is taken up anew, maybe by this very process
            raise LeaseLost("a row had its turn already")
        ended = []
        for plan, open_one in zip(plans, open_ones, strict=True):
            route = Route(routes[plan.work.inbox_id])
            waiting = late.given(unit, plan.work, route, now) if open_one.waiting else []
            conversation = held[plan.work.conversation.id]
            replies = self._replies(unit, plan, conversation)
            submissions = _submissions(plan, replies, conversation)
            topic = next((reply.topic for reply in reversed(replies) if reply.topic), None)
            ended.append(_Ended(conversation.id, route, waiting, submissions, topic))
        return ended

    def _replies(self, unit: Unit, plan: Plan, conversation: Conversation) -> Sequence[Reply]:
        """What the bot says: nothing where a person has the conversation, or had it when the turn began."""
        if conversation.owner is Owner.STAFF or plan.outcome is None:
            if isinstance(plan.turn.message, Incoming):
                self.client_wrote(unit, conversation, plan.work.inbox_id, plan.turn.text)
            return ()
        return plan.outcome(unit) if callable(plan.outcome) else plan.outcome


def _held(unit: Unit, plans: Sequence[Plan], lease: Lease) -> dict[int, Conversation]:
    """The conversations by id, each still ours, speaking the language of its turn."""
    leased = conversations.locked(unit, [plan.work.conversation.id for plan in plans])
    for plan in plans:
        one = leased.get(plan.work.conversation.id)
        if one is None or one.hold.holder != lease.holder:
            raise LeaseLost(f"conversation {plan.work.conversation.id}")
        if plan.turn.locale is not one.conversation.locale:
            conversations.speak(unit, one.conversation.id, plan.turn.locale)
    return {conversation_id: one.conversation for conversation_id, one in leased.items()}


def _submissions(plan: Plan, replies: Sequence[Reply], conversation: Conversation) -> list[Submission]:
    # An act may have changed the conversation; what only speaks has not.
    to = ToConversation(conversation.id, None if callable(plan.outcome) else conversation)
    return [_submission(plan, place, reply, to) for place, reply in enumerate(replies)]


def _submission(plan: Plan, place: int, reply: Reply, to: ToConversation) -> Submission:
    return Submission(
        key=f"reply:{plan.work.inbox_id}:{place}",
        purpose=Purpose.REPLY,
        to=to,
        text_key=reply.key,
        parameters=reply.parameters,
        options=reply.options,
        notice=reply.notice,
        personal=reply.personal,
        quoted=reply.quoted,
        locale=reply.locale or plan.turn.locale,
        inbox_id=plan.work.inbox_id,
        kind=reply.kind,
        entry_id=reply.entry_id,
    )


def _wanted(route: Route, open_ones: Outstanding) -> Route:
    """By which way the replies should go: one inside the request must not overtake what the pump has yet to send."""
    return Route.PUMP if route is Route.PASSIVE and open_ones.going else route


def _offered(submitted: Sequence[Submitted]) -> Sequence[ShownOption]:
    """The last list offered, if any."""
    return next((one.options for one in reversed(submitted) if one.options), ())


def _said(unit: Unit, ended: _Ended, submitted: Sequence[Submitted]) -> Said | None:
    """What goes back inside the request."""
    if ended.route is not Route.PASSIVE:
        return None
    waiting = late.shortened(unit, ended.waiting, submitted)
    going = [*waiting, *(one for one in submitted if one.state is DeliveryState.SENDING)]
    return Said(tuple(one.delivery_id for one in going), tuple(one.text for one in going), len(waiting))
