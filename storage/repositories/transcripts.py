"""A dialogue as its client sees it: what they wrote, and what has been said to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select

from bot.messages import ShownOption
from bot.vocabulary import DeliveryState, MessageKind, Purpose
from storage.models import DeliveryRow, InboxRow, MediaRow, StaffRow
from storage.repositories import media
from storage.repositories.deliveries import PASSIVE
from storage.repositories.media import Media
from storage.unit import Unit

VISIBLE = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)
"""States of deliveries that a chat page shows: for it, stored is sent."""

OVERLAP = timedelta(seconds=10)
"""How far a resumed stream looks back: rows of units that ran side by side may appear out of order."""


@dataclass(frozen=True, slots=True)
class SaidLine:
    """Something said to the client; `speaker` is the member of staff who wrote it, `source` the answer's origin."""

    delivery_id: int
    inbox_id: int | None
    at: datetime
    text: str
    text_key: str
    purpose: Purpose
    options: tuple[ShownOption, ...]
    source: str
    notice: str | None
    speaker: str | None
    speaker_number: str | None
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class HeardLine:
    """Something the client wrote; `platform_id` is the id their page gave it."""

    inbox_id: int
    at: datetime
    kind: str
    text: str
    platform_id: str
    media: Media | None = None


Line = SaidLine | HeardLine

_SHOWN_AT = func.coalesce(DeliveryRow.sent_at, DeliveryRow.claimed_at, DeliveryRow.created_at)
_SAID = (
    select(
        DeliveryRow.id.label("delivery_id"),
        DeliveryRow.inbox_id,
        _SHOWN_AT.label("at"),
        DeliveryRow.text,
        DeliveryRow.text_key,
        DeliveryRow.purpose,
        DeliveryRow.options,
        DeliveryRow.parameters,
        DeliveryRow.notice,
        StaffRow.name.label("speaker"),
        StaffRow.number,
        *media.SHOWN,
    )
    .outerjoin(StaffRow, StaffRow.id == DeliveryRow.staff_id)
    .outerjoin(MediaRow, MediaRow.id == DeliveryRow.media_id)
    .where(DeliveryRow.state.in_(VISIBLE), DeliveryRow.text.is_not(None))
)
_HEARD = (
    select(InboxRow.id, InboxRow.received_at, InboxRow.kind, InboxRow.text, InboxRow.platform_id, *media.SHOWN)
    .outerjoin(MediaRow, MediaRow.inbox_id == InboxRow.id)
    .where(InboxRow.kind.in_([kind.value for kind in MessageKind]))
)


def heard(unit: Unit, inbox_id: int) -> HeardLine | None:
    """One message as its client sees it."""
    row = unit.session.execute(_HEARD.where(InboxRow.id == inbox_id)).one_or_none()
    return None if row is None else _heard(row)


def said_to(unit: Unit, inbox_id: int) -> list[SaidLine]:
    """What was said in answer to one message, and late with it."""
    return [_said(row) for row in unit.session.execute(_answers(inbox_id))]


def said_inside(unit: Unit, inbox_id: int) -> list[SaidLine]:
    """The same as far as it went back inside the request; what the pump took from there is not said once more."""
    return [_said(row) for row in unit.session.execute(_answers(inbox_id).where(DeliveryRow.claimed_by == PASSIVE))]


def _answers(inbox_id: int) -> Select[Any]:
    own = and_(DeliveryRow.inbox_id == inbox_id, DeliveryRow.carried_by.is_(None))
    return _SAID.where(or_(own, DeliveryRow.carried_by == inbox_id)).order_by(DeliveryRow.id)


def since(unit: Unit, conversation_id: int, delivery_id: int, limit: int = 200) -> list[Line]:
    """What was heard and said after the delivery a page saw last; lines before it may come again, none is missed."""
    here = DeliveryRow.conversation_id == conversation_id
    last = select(_SHOWN_AT, func.coalesce(DeliveryRow.inbox_id, 0)).where(here, DeliveryRow.id == delivery_id)
    said = _SAID.where(here, DeliveryRow.id != delivery_id)
    wrote = _HEARD.where(InboxRow.conversation_id == conversation_id)
    for at, answered in unit.session.execute(last):  # a page has what its last line answers
        said = said.where(at - OVERLAP <= _SHOWN_AT)
        wrote = wrote.where(InboxRow.received_at >= at - OVERLAP, InboxRow.id != answered)
    spoken = unit.session.execute(said.order_by(_SHOWN_AT.desc(), DeliveryRow.id.desc()).limit(limit))
    lines: list[Line] = [_said(row) for row in spoken]
    lines += [_heard(row) for row in unit.session.execute(wrote.order_by(InboxRow.id.desc()).limit(limit))]
    return sorted(lines, key=_order)


def shows(unit: Unit, conversation_id: int, media_id: int) -> bool:
    """Whether something said in a dialogue, which its client can see, has this picture or file."""
    said = (DeliveryRow.conversation_id == conversation_id, DeliveryRow.media_id == media_id)
    found = select(DeliveryRow.id).where(*said, DeliveryRow.state.in_(VISIBLE)).limit(1)
    return unit.session.scalar(found) is not None


def recent(unit: Unit, conversation_id: int, limit: int = 60) -> list[Line]:
    """The last lines of a dialogue, oldest first."""
    said = unit.session.execute(
        _SAID.where(DeliveryRow.conversation_id == conversation_id)
        .order_by(_SHOWN_AT.desc(), DeliveryRow.id.desc())
        .limit(limit)
    )
    wrote = unit.session.execute(
        _HEARD.where(InboxRow.conversation_id == conversation_id).order_by(InboxRow.id.desc()).limit(limit)
    )
    lines: list[Line] = [_said(row) for row in said]
    lines += [_heard(row) for row in wrote]
    return sorted(lines, key=_order)[-limit:]


def _order(line: Line) -> tuple[datetime, int, int]:
    """By time; at the same instant each message is followed by its answers."""
    if isinstance(line, HeardLine):
        return line.at, line.inbox_id, 0
    return line.at, line.inbox_id or 0, line.delivery_id


def _heard(row: Row[*tuple[Any, ...]]) -> HeardLine:
    number, at, kind, text, platform_id, *found = row
    return HeardLine(number, at, kind, text, platform_id, media.shown(*found))


def _said(row: Row[*tuple[Any, ...]]) -> SaidLine:
    options: Sequence[dict[str, str]] = row.options
    return SaidLine(
        delivery_id=row.delivery_id,
        inbox_id=row.inbox_id,
        at=row.at,
        text=row.text,
        text_key=row.text_key,
        purpose=row.purpose,
        options=tuple(ShownOption(option["value"], option["label"]) for option in options),
        source=str(row.parameters.get("source") or ""),
        notice=row.notice,
        speaker=row.speaker,
        speaker_number=row.number,
        media=media.shown(*row[-len(media.SHOWN) :]),
    )
