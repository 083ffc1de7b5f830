"""What arrives is stored set-wise: arrivals that come at the same time cost hardly more statements than one.

Whoever stores a row in a conversation that nobody works on gets the work with it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import BodyUnreadable, RequestStale
from bot.messages import Event, Inbound, Incoming
from bot.vocabulary import Addressee
from storage.models import Base, InboxRow
from storage.repositories import accounts, conversations, inbox, media
from storage.repositories.conversations import Hold, Leased
from storage.repositories.inbox import InboxState, Lease, Stored, Work
from storage.unit import Unit

# Every message runs these: built once, on the tables themselves, executed on the connection.
_INBOX = Base.metadata.tables[InboxRow.__tablename__]
_IN = _INBOX.c
_INSERTS = {
    "sqlite": sqlite.insert(_INBOX).on_conflict_do_nothing().returning(_IN.id, _IN.conversation_id),
    "postgresql": postgresql.insert(_INBOX).on_conflict_do_nothing().returning(_IN.id, _IN.conversation_id),
}
_KNOWN = select(_IN.id, _IN.conversation_id, _IN.state, _IN.route).where(
    _IN.channel == bindparam("channel"),
    _IN.account == bindparam("account"),
    _IN.platform_id == bindparam("platform_id"),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that came in; `replay_key` names the request it came with, where that may come only once."""

    item: Inbound
    replay_key: str | None = None


@dataclass(frozen=True, slots=True)
class _Fresh:
    """An arrival that was stored: its row's number, its conversation as it was before, its columns by name."""

    inbox_id: int
    item: Inbound
    leased: Leased
    values: Mapping[str, Any]


def accept(unit: Unit, arrivals: Sequence[Arrival], lease: Lease) -> list[Stored]:
    """Store arrivals; one result for each, in order.

    RequestStale, and nothing stored, where a replay key came with another message; BodyUnreadable where an arrival
    names no chat that could be answered.
    """
    stored: dict[int, Stored] = {}
    for places in _waves(arrivals):
        accepted = _accepted(unit, [_fitted(arrivals[place]) for place in places], lease)
        stored |= zip(places, accepted, strict=True)
    return [stored[place] for place in range(len(arrivals))]


def _waves(arrivals: Sequence[Arrival]) -> list[list[int]]:
    """Places of arrivals in sets in which each chat occurs once; those of one chat stay in their order."""
    waves: list[list[int]] = []
    seen: Counter[Addressee] = Counter()
    for place, arrival in enumerate(arrivals):
        wave = seen[arrival.item.sender]
        seen[arrival.item.sender] += 1
        if wave == len(waves):
            waves.append([])
        waves[wave].append(place)
    return waves


def _accepted(unit: Unit, wave: Sequence[Arrival], lease: Lease) -> list[Stored]:
    chats = _chats(unit, [arrival.item for arrival in wave], lease.now)
    rows = [_values(arrival, chats[arrival.item.sender].conversation.id, lease.now) for arrival in wave]
    ids = _insert(unit, rows)
    new = {
        arrival.item.sender: _Fresh(ids[row["conversation_id"]], arrival.item, chats[arrival.item.sender], row)
        for arrival, row in zip(wave, rows, strict=True)
        if row["conversation_id"] in ids
    }
    begun = _noted(unit, list(new.values()), lease) if new else {}
    return [
        _stored(new[arrival.item.sender], begun) if arrival.item.sender in new else _known(unit, arrival.item)
        for arrival in wave
    ]


def _chats(unit: Unit, items: Sequence[Inbound], at: datetime) -> dict[Addressee, Leased]:
    """The conversations of the senders; of those who never wrote they are made."""
    found = conversations.locked_at(unit, [item.sender for item in items])
    strange = [item for item in items if item.sender not in found]
    if strange:
        for item in strange:
            accounts.meet(unit, item.sender, item.locale, at)
        found |= conversations.locked_at(unit, [item.sender for item in strange])
    return found


def _insert(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Numbers of the new rows by conversation; what is known already makes none."""
    connection = unit.connection
    made = connection.execute(_INSERTS[connection.dialect.name], rows)
    return {row.conversation_id: row.id for row in made}


def _noted(unit: Unit, new: Sequence[_Fresh], lease: Lease) -> dict[int, Work]:
    """What arrivals change beside their rows; returns the work that the caller holds now, by conversation."""
    accounts.mark(unit, [(one.leased.conversation.account_id, one.item) for one in new], lease.now)
    begun = _begun(unit, [one for one in new if one.leased.free_at(lease.now)])
    held = [one.leased.conversation.id for one in new]
    for one in new:
        media.note(unit, one.inbox_id, one.item, lease.now)
        unit.announce("conversation", one.leased.conversation.id)
    conversations.heard(unit, [one for one in held if one in begun], lease.now, Hold(lease.holder, lease.until))
    conversations.heard(unit, [one for one in held if one not in begun], lease.now)
    return begun


def _begun(unit: Unit, free: Sequence[_Fresh]) -> dict[int, Work]:
    """The work on rows just stored, or on older ones that still lie there."""
    later = {
        one.leased.conversation.id: inbox.following(unit, one.leased.conversation) for one in free if one.leased.waiting
    }
    at_once = [inbox.Row(one.inbox_id, one.leased.conversation, one.values) for one in free if not one.leased.waiting]
    begun = {work.conversation.id: work for work in inbox.works(unit, at_once)}
    return begun | {conversation_id: work for conversation_id, work in later.items() if work}


def _stored(one: _Fresh, begun: Mapping[int, Work]) -> Stored:
    conversation_id = one.leased.conversation.id
    return Stored(one.inbox_id, conversation_id, new=True, work=begun.get(conversation_id))


def _values(arrival: Arrival, conversation_id: int, at: datetime) -> dict[str, Any]:
    item = arrival.item
    return {
        "channel": item.sender.channel.value,
        "account": item.sender.account,
        "platform_id": item.platform_id,
        "replay_key": arrival.replay_key,
        "conversation_id": conversation_id,
        "kind": item.kind.value,
        "text": _plain(item.text) if isinstance(item, Incoming) else "",
        "payload": _payload(item),
        "received_at": at,
        "sent_at": item.sent_at,
    }


def _known(unit: Unit, item: Inbound) -> Stored:
    place = {"channel": item.sender.channel.value, "account": item.sender.account, "platform_id": item.platform_id}
    row = unit.connection.execute(_KNOWN, place).one_or_none()
    if row is None:
        raise RequestStale("time-stamp and nonce came before with another message")
    return Stored(row.id, row.conversation_id, new=False, state=InboxState(row.state), route=row.route)


def _payload(item: Inbound) -> dict[str, Any]:
    given: dict[str, Any] = {"locale": item.locale.value if item.locale else None}
    if isinstance(item, Event):
        given["value"] = _plain(item.value)
    else:
        given["choice"] = None if item.choice is None else _plain(item.choice)
        given["media"] = {_plain(name): _plain(value) for name, value in item.media.items()}
    return {name: value for name, value in given.items() if value is not None and value != {}}


def _fitted(arrival: Arrival) -> Arrival:
    """An arrival whose ids fit their columns; BodyUnreadable where its sender does not."""
    item, key = arrival.item, arrival.replay_key
    if not item.sender.address or item.sender.address != _fitting(item.sender.address, 128):
        raise BodyUnreadable("no address to answer to")
    return Arrival(replace(item, platform_id=_fitting(item.platform_id)), None if key is None else _fitting(key))


def _plain(text: str) -> str:
    """The text without what a database cannot hold: NUL, and halves of signs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _fitting(text: str, longest: int = 160) -> str:
    """An id as a column holds it; of one that is too long the end becomes its hash."""
    plain = _plain(text)
    if len(plain) <= longest:
        return plain
    return plain[: longest - 33] + "#" + sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
