"""Erasing what is on record of a person: counted first, then emptied or removed, table by table."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, case, delete, func, or_, select, update

from bot.vocabulary import AssetBand, ClientState, DeliveryState, Gender, Locale, Owner
from bot.vocabulary.rights import Gone
from bot.vocabulary.tickets import CLOSED
from storage.models import (
    ChatAccountRow,
    ClientRow,
    ConversationRow,
    DeliveryRow,
    DeliveryTryRow,
    DraftRow,
    InboxRow,
    TicketRow,
)
from storage.repositories.person_parts import ERASED, PARTS, Clause, Ids, Part, chats, marked, part_of, talks
from storage.unit import Unit

_QUIETLY = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Count:
    """Of one table: how many rows may go now, how many must stay, and the instants of the first and last of these."""

    goes: int
    stays: int
    first: datetime | None
    last: datetime | None


def count(unit: Unit, part: Part, ids: Ids, before: datetime | None) -> Count:
    """What would become of a table's rows; those before an instant may go, None: all of them."""
    over = _over(part, before)
    whole = select(func.count()).select_from(part.model).where(part.own(ids), part.full)
    if over is None or part.at is None:
        return Count(unit.session.scalars(whole).one(), 0, None, None)
    stays = case((~over, part.at))
    columns = (func.count(), func.count(stays), func.min(stays), func.max(stays))
    number, kept, first, last = unit.session.execute(whole.with_only_columns(*columns)).one()
    return Count(number - kept, kept, first, last)


def hanging(unit: Unit, ids: Ids) -> dict[str, int]:
    """How many rows of each class are theirs and still hold something."""
    found: Counter[str] = Counter()
    for part in PARTS:
        found[part.keep] += count(unit, part, ids, None).goes
    return found


def clear(unit: Unit, part: Part, ids: Ids, before: datetime | None) -> int:
    """Empty or remove the rows of a table that may go; how many."""
    over = _over(part, before)
    conditions = [part.own(ids), part.full] if over is None else [part.own(ids), part.full, over]
    removed = delete(part.model).where(*conditions)
    emptied = update(part.model).where(*conditions).values(**(part.left or {}))
    done = unit.session.execute(removed if part.left is None else emptied, execution_options=_QUIETLY)
    return done.rowcount if isinstance(done, CursorResult) else 0


def silence(unit: Unit, ids: Ids, now: datetime) -> None:
    """Let nothing go out to them any more, and let go of the platforms' ids of them, also beside what is kept."""
    sent = part_of(DeliveryRow).own(ids)
    waiting = update(DeliveryRow).where(sent, DeliveryRow.state.in_((DeliveryState.PENDING, DeliveryState.UNCERTAIN)))
    cancelled = waiting.values(state=DeliveryState.CANCELLED, rule=Gone.ERASED.value, updated_at=now)
    tries = update(DeliveryTryRow).where(part_of(DeliveryTryRow).own(ids)).values(address="")
    heard = update(InboxRow).where(part_of(InboxRow).own(ids))
    spoken = select(ConversationRow.id).where(talks(ids))
    for statement in (
        cancelled,
        tries,
        update(DeliveryRow).where(sent).values(address=None, platform_message_id=None),
        heard.values(platform_id=marked(InboxRow.id), replay_key=None),
        update(ChatAccountRow).where(chats(ids), ChatAccountRow.gone_at.is_(None)).values(gone_at=now),
        update(ConversationRow).where(ConversationRow.id.in_(spoken)).values(_SPENT),
    ):
        unit.session.execute(statement, execution_options=_QUIETLY)
    _forget_drafts(unit, ids, list(unit.session.scalars(spoken)))


_SPENT: dict[str, Any] = {
    "owner": Owner.BOT,
    "staff_id": None,
    "ticket_id": None,
    "options": [],
    "topic": None,
    "dialog": {},
    "waiting_since": None,
}


def _forget_drafts(unit: Unit, ids: Ids, conversations: list[int]) -> None:
    """What staff typed and never sent, on the pages of the client, of their conversations and of their tickets."""
    clients = unit.session.scalars(select(ClientRow.public_id).where(ClientRow.id.in_(ids))).all()
    tickets = unit.session.scalars(select(TicketRow.number).where(part_of(TicketRow).own(ids))).all()
    places = [f"conversation:{number}" for number in conversations]
    places += [place for one in clients for place in (f"client:{one}", f"/console/clients/{one}")]
    places += [place for number in tickets for place in (f"ticket:{number}", f"/console/tickets/{number}")]
    for place in places:
        below = (DraftRow.place.startswith(f"{place}{sign}", autoescape=True) for sign in ":/")
        own = or_(DraftRow.place == place, *below)
        unit.session.execute(delete(DraftRow).where(own), execution_options=_QUIETLY)


def blank(unit: Unit, client_id: int, now: datetime) -> None:
    """Empty a client's own row: of it only the branch's number stays, for what must be kept to hang on."""
    unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(EMPTY | {"updated_at": now}))


_SEALED = ("phone", "identity", "email", "fund_account")
_PLAIN = (
    *("risk_level", "risk_valid_until", "manager_id", "adviser_id", "personal_service"),
    *("opened_on", "occupation", "region", "branch", "preferred_channel", "style", "prefers"),
)
EMPTY: dict[str, Any] = {
    **dict.fromkeys(("name_sealed", "name_key", "prefix_key"), b""),
    **dict.fromkeys([f"{name}_{form}" for name in _SEALED for form in ("sealed", "key")]),
    **dict.fromkeys(("salutation_sealed", *_PLAIN, "birth_month", "birth_day", "birth_year", "quiet_from", "quiet_to")),
    "birth_lunar": False,
    "birth_leap": False,
    "gender": Gender.UNKNOWN,
    "locale": Locale.ZH_CN,
    "asset_band": AssetBand.UNKNOWN,
    "state": ClientState.CLOSED,
    "gone": Gone.ERASED,
}
"""What stands in the columns of an erased client."""


def forget_number(unit: Unit, client_id: int) -> None:
    """Take the branch's number too, when nothing hangs on it any more."""
    unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(number=f"{ERASED}{client_id}"))


def awaiting_staff(unit: Unit, ids: Ids) -> bool:
    """Whether a member of staff may still confirm a message to them: a platform takes such tasks back only whole."""
    waits = DeliveryRow.state == DeliveryState.AWAITING_STAFF
    return unit.session.scalar(select(DeliveryRow.id).where(part_of(DeliveryRow).own(ids), waits).limit(1)) is not None


def open_tickets(unit: Unit, ids: Ids) -> int:
    """How many tickets of theirs are not closed."""
    still = TicketRow.state.not_in(list(CLOSED))
    counted = select(func.count()).select_from(TicketRow).where(part_of(TicketRow).own(ids), still)
    return unit.session.scalars(counted).one()


def _over(part: Part, before: datetime | None) -> Clause | None:
    if before is None or part.at is None:
        return None
    return part.at < before
