"""The one way out: whoever wants something said submits it here, in their own transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.channels.base import Capabilities
from bot.clock import Clock, branch_date
from bot.messages import ShownOption
from bot.splitting import fits
from bot.vocabulary import (
    DIALOGUE,
    PRIORITY,
    ChannelKind,
    ContentFacts,
    DayFacts,
    DeliveryState,
    GateFacts,
    Locale,
    Purpose,
)
from services.delivery import gate
from services.delivery.composing import Composer, Wanted, storable
from services.delivery.gate import Case, Outcome
from services.delivery.means import address_facts, registered
from services.delivery.submission import Fanned, Fanout, Route, Submission, Submitted, ToConversation
from services.rules import Rules
from storage.repositories import clients as clients_repository
from storage.repositories import conversations, deliveries, facts, fanout
from storage.repositories.facts import ChatFacts
from storage.repositories.fanout import CHUNK, Audience, Way
from storage.repositories.person_parts import ERASED
from storage.unit import Unit

Accounts = Mapping[tuple[ChannelKind, str], Capabilities]
"""What each of our accounts can do."""


KEPT = {
    Purpose.REPLY: timedelta(days=7),
    Purpose.STAFF_MESSAGE: timedelta(days=30),
    Purpose.TICKET_UPDATE: timedelta(days=30),
}
"""How long a dialogue's message is worth giving; it may wait so long for the client to write."""


_UNSAID: Mapping[str, Any] = {
    "state": DeliveryState.PENDING,
    "rule": None,
    "text": None,
    "options": [],
    "decision": None,
    "attempts": 0,
    "claimed_by": None,
    "claimed_at": None,
    "sent_at": None,
}
"""The columns that become others where a message is said at once."""


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a message goes; without a channel it reaches nobody."""

    client_id: int | None
    locale: Locale
    account_id: int | None = None
    conversation_id: int | None = None
    channel: str | None = None
    account: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Delivery:
    """Takes submissions. `fallback` is the order in which channels are tried where the client prefers none."""

    composer: Composer
    accounts: Accounts
    fallback: tuple[ChannelKind, ...]
    rules: Rules
    days: Callable[[date], DayFacts]
    clock: Clock

    def submit(self, unit: Unit, submission: Submission, route: Route = Route.PUMP) -> Submitted:
        """Store one message to be said; a key known already gives the row that it made."""
        return self.submit_all(unit, [(submission, route)])[0]

    def submit_all(self, unit: Unit, wanted: Sequence[tuple[Submission, Route]]) -> list[Submitted]:
        """Store several messages, set-wise; what became of each, in order."""
        rows = [self._rows(unit, submission, route) for submission, route in wanted]
        ids = deliveries.add(unit, [row for parts in rows for row in parts]) if rows else {}
        for first, *_ in rows:
            if first["key"] in ids:
                self._announce(unit, ids[first["key"]], first)
        return [
            _submitted(ids[first["key"]], first)
            if first["key"] in ids
            else _known(deliveries.by_key(unit, first["key"]))
            for first, *_ in rows
        ]

    def _rows(self, unit: Unit, submission: Submission, route: Route) -> list[dict[str, Any]]:
        """The row of a message, or the rows of its parts."""
        target = self._target(unit, submission)
        values = self._columns(submission, target)
        if target.channel is None:
            values |= {"state": DeliveryState.SUPPRESSED, "rule": "unreachable"}
        elif submission.purpose in DIALOGUE:
            values |= self._said(unit, submission, target, route)
        return self._parts(values, target)

    def submit_many(self, unit: Unit, wanted: Fanout, audience: Audience, first: int = 0) -> Fanned:
        """One row for each client of the audience, in chunks of 500; clients who have theirs already are left alone.

        `first`: how many the same message has had already, where a large audience comes in parts. Of a broadcast
        nothing goes out before all parts are there, so that workers hear of it then.
        """
        values = _content_columns(wanted, self.clock.now()) | {
            "broadcast_id": wanted.broadcast_id,
            "personal": sorted(wanted.personal),
            "parameters": storable(wanted.parameters),
        }
        rows = fanout.fan_out(unit, audience, self.ways(wanted.text_key, wanted.personal), values, first)
        for chunk in range(-(-rows // CHUNK) if wanted.broadcast_id is None else 0):
            unit.announce("chunk", f"0:{chunk}")
        return Fanned(rows, -(-rows // CHUNK))

    def _target(self, unit: Unit, submission: Submission) -> _Target:
        if isinstance(submission.to, ToConversation):
            return _conversation(unit, submission.to, submission.locale)
        client_id = submission.to.client_id
        client = clients_repository.by_id(unit, client_id)
        locale = submission.locale or (client.locale if client else Locale.ZH_CN)
        chat = fanout.choose(unit, client_id, self.ways(submission.text_key, submission.personal))
        return _Target(client_id, locale) if chat is None else _Target(client_id, locale, **asdict(chat))

    def ways(self, text_key: str, personal: frozenset[str], at: datetime | None = None) -> list[Way]:
        """Our accounts in the declared order, with what this content makes of them; those that need staff come last.

        `at`: when it is to go out, if not now.
        """
        sensitive = bool(personal) and not self.composer.has_neutral(text_key, personal)
        ranks = {kind: rank for rank, kind in enumerate(self.fallback)}
        accounts = sorted(
            self.accounts,
            key=lambda account: (
                self.accounts[account].needs_staff_confirmation,
                ranks.get(account[0], len(ranks)),
                account,
            ),
        )
        return [self._way(account, at or self.clock.now(), sensitive=sensitive) for account in accounts]

    def _way(self, account: tuple[ChannelKind, str], at: datetime, *, sensitive: bool) -> Way:
        capabilities = self.accounts[account]
        allowed = capabilities.personal_data_allowed or not sensitive
        window, action = capabilities.window, capabilities.action_window
        if not capabilities.proactive:
            return Way(*account, allowed, at)
        if window is None:
            return Way(*account, allowed)
        wrote = (at - window.span, window.messages - window.reserve)
        return Way(*account, allowed, *wrote, *((at - action.span, action.messages - action.reserve) if action else ()))

    def _columns(self, submission: Submission, target: _Target) -> dict[str, Any]:
        return _content_columns(submission, self.clock.now()) | {
            **_UNSAID,
            **{name: getattr(target, name) for name in _Target.__slots__ if name != "locale"},
            "locale": target.locale,
            "parameters": storable(submission.parameters),
            "personal": sorted(submission.personal),
            "inbox_id": submission.inbox_id,
            "essential": submission.essential,
            "answer_kind": submission.kind,
            "entry_id": submission.entry_id,
        }

    def _said(self, unit: Unit, submission: Submission, target: _Target, route: Route) -> dict[str, Any]:
        """What a dialogue's message becomes at once: rendered, judged and on its way."""
        now = self.clock.now()
        capabilities = self.accounts[ChannelKind(target.channel or ""), target.account or ""]
        composed = self.composer.compose(_wanted(submission, target, capabilities))
        chat = _chat(unit, target, capabilities) if route is Route.PUMP else None
        shown = self.composer.options(submission.options, target.locale)
        content = ContentFacts(
            purpose=submission.purpose,
            text=composed.text,
            text_key=composed.text_key,
            personal=bool(submission.personal),
            neutral_exists=composed.neutral_exists,
            registered=registered(capabilities, submission.purpose, composed.text_key, chat),
        )
        address = address_facts(capabilities, chat, now)
        known = GateFacts(None, address, content, self.days(branch_date(now)))
        forbidden = self.composer.forbidden(composed.judged, submission.purpose, submission.material)
        case = Case(known, self.rules, now, forbidden)
        verdict = gate.judge(case)
        values = {
            "expires_at": submission.expires_at or now + KEPT[submission.purpose],
            "text": self.composer.with_list(composed.text, shown, capabilities.buttons, target.locale),
            "text_key": composed.text_key,
            "options": [asdict(option) for option in shown],
            "decision": gate.record(case, verdict),
        }
        if verdict.outcome is Outcome.SUPPRESS:
            return values | {"state": DeliveryState.SUPPRESSED, "rule": verdict.rule}
        if verdict.outcome is Outcome.DEFER:
            return values | {"rule": verdict.rule, "not_before": verdict.until}
        return values | _on_its_way(route, now)

    def _parts(self, values: dict[str, Any], target: _Target) -> list[dict[str, Any]]:
        """What one passive reply cannot hold in several rows, where nothing else can go out; the others wait."""
        capabilities = (
            self.accounts.get((ChannelKind(target.channel), target.account or "")) if target.channel else None
        )
        text, options = values.get("text") or "", values.get("options", [])
        if capabilities is None or capabilities.proactive or fits(text, capabilities.longest_text):
            return [values]
        *heads, last = self.composer.parts(text, capabilities.longest_text, target.locale)
        waiting = values | _waiting(self.clock.now()) | {"answer_kind": None}
        first = values | {"text": heads[0], "options": []}
        middle = [waiting | {"key": f"{values['key']}+{n}", "text": part} for n, part in enumerate(heads[1:], 1)]
        end = waiting | {"key": f"{values['key']}+{len(heads)}", "text": last, "options": options}
        return [first, *({**part, "options": []} for part in middle), end]

    def _announce(self, unit: Unit, delivery_id: int, values: Mapping[str, Any]) -> None:
        if values["state"] is DeliveryState.PENDING:
            unit.announce("deliver", delivery_id)
        if values["purpose"] in DIALOGUE and values["conversation_id"] is not None:
            unit.announce("conversation", values["conversation_id"])


def _content_columns(wanted: Submission | Fanout, now: datetime) -> dict[str, Any]:
    """The columns that a single message and a fan-out have in common."""
    return {
        "key": wanted.key,
        "purpose": wanted.purpose,
        "priority": PRIORITY[wanted.purpose],
        "staff_id": wanted.author_id,
        "text_key": wanted.text_key,
        "notice": wanted.notice,
        "material": wanted.material,
        "product_risk": wanted.product_risk,
        "topic": wanted.topic,
        "media_id": wanted.media_id,
        "created_at": now,
        "not_before": wanted.not_before or now,
        "expires_at": wanted.expires_at,
    }


def _chat(unit: Unit, target: _Target, capabilities: Capabilities) -> ChatFacts | None:
    """What limits a chat; a reply inside the platform's own request, or in the web chat, needs no open window."""
    if capabilities.window is None and capabilities.proactive:
        return None
    account_id = target.account_id or 0
    return facts.chats(unit, [account_id], counted=bool(capabilities.consented)).get(account_id)


def _conversation(unit: Unit, chat: ToConversation, locale: Locale | None) -> _Target:
    found = chat.read or conversations.by_id(unit, chat.conversation_id)
    if found is None:
        raise LookupError(f"no conversation {chat.conversation_id}")
    to = found.addressee
    if to.address.startswith(ERASED):
        return _Target(found.client_id, locale or found.locale)
    return _Target(
        found.client_id, locale or found.locale, found.account_id, found.id, to.channel, to.account, to.address
    )


def _wanted(submission: Submission, target: _Target, capabilities: Capabilities) -> Wanted:
    return Wanted(
        text_key=submission.text_key,
        parameters=submission.parameters,
        locale=target.locale,
        channel=target.channel or "",
        personal_allowed=capabilities.personal_data_allowed,
        personal=submission.personal,
        quoted=submission.quoted,
        notice=submission.notice,
        heard=capabilities.hears,
    )


def _on_its_way(route: Route, now: datetime) -> dict[str, Any]:
    if route is Route.PASSIVE:
        return {"state": DeliveryState.SENDING, "claimed_by": deliveries.PASSIVE, "claimed_at": now, "attempts": 1}
    if route is Route.DIRECT:
        return {"state": DeliveryState.SENT, "sent_at": now, "attempts": 1}
    return {"state": DeliveryState.PENDING}


def _waiting(now: datetime) -> dict[str, Any]:
    """Of what can only go out with the client's next message."""
    unclaimed = {"claimed_by": None, "claimed_at": None, "attempts": 0}
    return {"state": DeliveryState.PENDING, "rule": deliveries.WINDOW, "not_before": now + gate.RECHECK, **unclaimed}


def _submitted(delivery_id: int, row: Mapping[str, Any]) -> Submitted:
    shown = tuple(ShownOption(**item) for item in row["options"])
    return Submitted(delivery_id, row["state"], row["text"] or "", shown, row["rule"])


def _known(stored: deliveries.Stored) -> Submitted:
    return Submitted(stored.id, stored.state, stored.text, stored.options, stored.rule, new=False)


def confirm(unit: Unit, ids: Sequence[int], now: datetime) -> list[int]:
    """Passive replies went back inside their requests; returns those that had not been settled otherwise."""
    return deliveries.move_passive(unit, ids, state=DeliveryState.SENT, sent_at=now, updated_at=now)


def repump(unit: Unit, ids: Sequence[int], now: datetime) -> list[int]:
    """Passive replies that came too late for their requests, or did not fit, go by the pump from `now` on.

    What had waited for the client's next message goes on waiting for it where the pump can't send it.
    """
    values = {"state": DeliveryState.PENDING, "claimed_by": None, "claimed_at": None, "attempts": 0, "carried_by": None}
    moved = deliveries.move_passive(unit, ids, rule=deliveries.AS_BEFORE, not_before=now, updated_at=now, **values)
    for delivery_id in moved:
        unit.announce("deliver", delivery_id)
    return moved


def fail_passive(unit: Unit, ids: Sequence[int], now: datetime) -> list[int]:
    """The request broke off while its reply was being written: the client may or may not have it."""
    moved = deliveries.move_passive(unit, ids, state=DeliveryState.UNCERTAIN, rule="interrupted", updated_at=now)
    for delivery_id in moved:
        unit.announce("uncertain", delivery_id)
    return moved
