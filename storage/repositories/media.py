"""What clients sent besides words: wanted, fetched, kept, removed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy import text as sql

from bot.messages import Inbound, Incoming
from bot.vocabulary import FETCHED, Addressee, ChannelKind, MediaRefusal, MediaState, MessageKind
from storage.models import (
    Base,
    BroadcastRow,
    ChatAccountRow,
    ConversationRow,
    DeliveryRow,
    InboxRow,
    MediaRow,
    TicketEntryRow,
    TicketRow,
)
from storage.unit import Unit

UPLOAD = "upload"
"""Under which a message that came with an upload names its row here."""

HANDLES = ("media_id", "file_id")
"""Under which adapters name what can be fetched."""


@dataclass(frozen=True, slots=True)
class Media:
    """One picture or file as pages show it."""

    id: int
    state: MediaState
    reason: MediaRefusal | None
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One whose bytes lie in the store, and the conversation it was sent in; no inbox row where staff sent it."""

    id: int
    inbox_id: int | None
    conversation_id: int
    key: str
    type: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """One to be fetched: from which chat, how the platform names it, and where its bytes are to lie."""

    id: int
    inbox_id: int
    conversation_id: int
    chat: Addressee
    kind: MessageKind
    handle: Mapping[str, str]
    key: str
    tries: int
    wanted_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What the bytes turned out to be."""

    key: str
    type: str
    size: int


# Every message asks `note`: built once, on the table itself, executed on the connection.
_MEDIA = Base.metadata.tables[MediaRow.__tablename__]
_WANT = insert(_MEDIA)
# Written out, so that both databases see that the partial index fits.
WANTED = sql("media.state = 'wanted'")
SHOWN = (MediaRow.id, MediaRow.state, MediaRow.reason, MediaRow.type, MediaRow.size)
"""The columns of a Media, in its order; to be joined by the message."""


def note(unit: Unit, inbox_id: int, item: Inbound, at: datetime) -> None:
    """Want what came with a message just stored, or tie an upload to its message."""
    if not isinstance(item, Incoming) or item.kind not in FETCHED:
        return
    if upload := item.media.get(UPLOAD):
        tied = update(_MEDIA).where(_MEDIA.c.id == int(upload), _MEDIA.c.inbox_id.is_(None)).values(inbox_id=inbox_id)
        unit.connection.execute(tied)
    elif any(item.media.get(handle) for handle in HANDLES):
        wanted = {"inbox_id": inbox_id, "state": MediaState.WANTED, "tries": 0, "wanted_at": at, "next_at": at}
        unit.connection.execute(_WANT, wanted)
        unit.announce("media", inbox_id)


def reserve(unit: Unit, found: Found, at: datetime) -> int:
    """A row for an upload whose message is still to be stored."""
    row = MediaRow(
        state=MediaState.KEPT,
        key=found.key,
        type=found.type,
        size=found.size,
        wanted_at=at,
        next_at=at,
        settled_at=at,
    )
    unit.session.add(row)
    unit.flush()
    return row.id


def is_due(unit: Unit, now: datetime) -> bool:
    """Whether there is anything to fetch."""
    due = select(MediaRow.id).where(WANTED, MediaRow.next_at <= now).limit(1)
    return unit.session.execute(due).first() is not None


def claim(unit: Unit, now: datetime, until: datetime, limit: int) -> list[Wanted]:
    """What is due to be fetched, kept from others until an instant; the try is counted."""
    due = (
        select(MediaRow, InboxRow, ChatAccountRow.address)
        .join(InboxRow, InboxRow.id == MediaRow.inbox_id)
        .join(ConversationRow, ConversationRow.id == InboxRow.conversation_id)
        .join(ChatAccountRow, ChatAccountRow.id == ConversationRow.account_id)
        .where(WANTED, MediaRow.next_at <= now)
        .order_by(MediaRow.next_at, MediaRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=MediaRow)
    )
    return [_claimed(media, sent, address, until) for media, sent, address in unit.session.execute(due).all()]


def _claimed(media: MediaRow, sent: InboxRow, address: str, until: datetime) -> Wanted:
    media.key = media.key or token_hex(16)
    media.next_at = until
    media.tries += 1
    payload: dict[str, Any] = sent.payload
    return Wanted(
        id=media.id,
        inbox_id=sent.id,
        conversation_id=sent.conversation_id,
        chat=Addressee(ChannelKind(sent.channel), sent.account, address),
        kind=MessageKind(sent.kind),
        handle=payload.get("media", {}),
        key=media.key,
        tries=media.tries,
        wanted_at=media.wanted_at,
    )


def keep(unit: Unit, media_id: int, found: Found, at: datetime) -> bool:
    """The bytes lie in the store; False where somebody else has settled it meanwhile."""
    return _settle(unit, media_id, at, state=MediaState.KEPT, key=found.key, type=found.type, size=found.size)


def refuse(unit: Unit, media_id: int, reason: MediaRefusal, at: datetime) -> bool:
    """It is not kept; False where somebody else has settled it meanwhile."""
    return _settle(unit, media_id, at, state=MediaState.REFUSED, reason=reason, key=None)


def _settle(unit: Unit, media_id: int, at: datetime, **values: object) -> bool:
    wanted = update(_MEDIA).where(_MEDIA.c.id == media_id, _MEDIA.c.state == MediaState.WANTED)
    return unit.connection.execute(wanted.values(settled_at=at, **values)).rowcount == 1


def put_off(unit: Unit, media_id: int, next_at: datetime) -> None:
    """Try again then."""
    unit.connection.execute(update(_MEDIA).where(_MEDIA.c.id == media_id).values(next_at=next_at))


def kept(unit: Unit, media_id: int) -> Kept | None:
    """One whose bytes lie in the store and whose message is stored."""
    row = unit.session.execute(
        select(MediaRow.id, InboxRow.id, InboxRow.conversation_id, MediaRow.key, MediaRow.type)
        .join(InboxRow, InboxRow.id == MediaRow.inbox_id)
        .where(MediaRow.id == media_id, MediaRow.state == MediaState.KEPT)
    ).one_or_none()
    return None if row is None else Kept(row[0], row[1], row[2], row[3] or "", row[4] or "")


def enclosed(unit: Unit, media_id: int) -> Kept | None:
    """A picture or file of the branch's own, whoever is shown it; None for what a client sent."""
    row = unit.session.execute(
        select(MediaRow.id, MediaRow.key, MediaRow.type).where(
            MediaRow.id == media_id, MediaRow.state == MediaState.KEPT, MediaRow.inbox_id.is_(None)
        )
    ).one_or_none()
    return None if row is None else Kept(row[0], None, 0, row[1] or "", row[2] or "")


def of_broadcast(unit: Unit, media_id: int) -> Kept | None:
    """What a broadcast shows all its recipients."""
    written = unit.session.scalar(select(exists().where(BroadcastRow.media_id == media_id)))
    return enclosed(unit, media_id) if written else None


def ours(unit: Unit, media_id: int, conversation_id: int | None = None) -> Kept | None:
    """A picture that a client is shown: one that a delivery in this conversation names, or in any."""
    there = DeliveryRow.conversation_id
    wanted = there.is_not(None) if conversation_id is None else there == conversation_id
    row = unit.session.execute(
        select(MediaRow.id, DeliveryRow.conversation_id, MediaRow.key, MediaRow.type)
        .join(DeliveryRow, DeliveryRow.media_id == MediaRow.id)
        .where(MediaRow.id == media_id, MediaRow.state == MediaState.KEPT, wanted)
        .order_by(DeliveryRow.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else Kept(row[0], None, row[1] or 0, row[2] or "", row[3] or "")


def tickets_with(unit: Unit, inbox_id: int) -> list[str]:
    """Numbers of the tickets whose history has a message."""
    found = select(TicketRow.number).join(TicketEntryRow, TicketEntryRow.ticket_id == TicketRow.id)
    return list(unit.session.scalars(found.where(TicketEntryRow.inbox_id == inbox_id).distinct()))


def past(unit: Unit, before: datetime, untied_before: datetime, limit: int = 200) -> list[tuple[int, str]]:
    """Ids and keys of what was settled before an instant, and of uploads whose message never came."""
    sent = exists().where(DeliveryRow.media_id == MediaRow.id)
    written = exists().where(BroadcastRow.media_id == MediaRow.id)
    untied = MediaRow.inbox_id.is_(None) & ~sent & ~written
    over = (untied & (MediaRow.settled_at < untied_before)) | (MediaRow.settled_at < before)
    found = select(MediaRow.id, MediaRow.key).where(MediaRow.state == MediaState.KEPT, over)
    rows = unit.session.execute(found.order_by(MediaRow.id).limit(limit))
    return [(media_id, key or "") for media_id, key in rows]


def removed(unit: Unit, media_ids: Sequence[int]) -> None:
    """Their bytes are gone from the store."""
    gone = update(_MEDIA).where(_MEDIA.c.id.in_(media_ids))
    unit.connection.execute(gone.values(state=MediaState.REMOVED, key=None))


def shown(*columns: Any) -> Media | None:
    """The columns of `SHOWN` as they come from an outer join."""
    media_id, state, reason, kind, size = columns
    return None if media_id is None else Media(media_id, state, reason, kind or "", size or 0)


@dataclass(frozen=True, slots=True)
class Stock:
    """How many files are kept, their bytes before they were sealed, and the key of the newest of a message."""

    number: int
    size: int
    newest: str | None


def stock(unit: Unit) -> Stock:
    """What is kept by now."""
    kept = MediaRow.state == MediaState.KEPT
    number, size = unit.session.execute(select(func.count(), func.sum(MediaRow.size)).where(kept)).one()
    newest = select(MediaRow.key).where(kept, MediaRow.inbox_id.is_not(None)).order_by(MediaRow.id.desc()).limit(1)
    return Stock(number, int(size or 0), unit.session.scalar(newest))
