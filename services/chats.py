"""A client's chats: by which channel they are written to first, and letting one go for them."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import Refused
from bot.vocabulary import Action, ChannelKind
from services import audit
from services.audit import Deed
from services.staff import demand
from storage.repositories import client_chats as rows
from storage.repositories import clients
from storage.repositories.clients import Client
from storage.repositories.staff import Staff
from storage.unit import Unit

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """The channels by which a client can be reached, and the one they are written to first, if any."""

    channels: tuple[ChannelKind, ...]
    preferred: ChannelKind | None


def choice(unit: Unit, client_id: int) -> Choice:
    """What a client may choose from, and has chosen."""
    live = [chat.channel for chat in rows.chats(unit, client_id) if chat.gone_at is None]
    return Choice(tuple(dict.fromkeys(live)), rows.preferred(unit, client_id))


def prefer(unit: Unit, client_id: int, channel: ChannelKind | None, now: datetime, staff_id: int | None = None) -> None:
    """Write to a client by this channel first (None: as it suits); Refused where they have no live chat there."""
    if channel is not None and channel not in choice(unit, client_id).channels:
        raise Refused("channel_not_bound")
    rows.prefer(unit, client_id, channel, now)
    chosen = {"channel": channel.value if channel else None}
    audit.record(unit, Deed("client.prefer", f"client:{client_id}", now, staff_id, personal=chosen))


@dataclass(frozen=True, slots=True)
class Release:
    """A client's chat that staff let go, and why."""

    client_id: int
    account_id: int
    reason: str
    at: datetime


def release(unit: Unit, staff: Staff, wanted: Release) -> None:
    """Let a client's chat go: it gets nothing more that is theirs. Refused without a reason."""
    demand(staff, Action.UNBIND_CHAT, own=staff.has(*_known(unit, wanted.client_id).keepers))
    reason = " ".join(wanted.reason.split())[:LONGEST_REASON]
    if not reason:
        raise Refused("reason_missing")
    if not rows.release(unit, wanted.client_id, wanted.account_id):
        raise Refused("chat_not_bound")
    thing, detail = f"client:{wanted.client_id}", {"chat": wanted.account_id}
    audit.record(unit, Deed("chat.unbind", thing, wanted.at, staff.id, detail, reason))


def _known(unit: Unit, client_id: int) -> Client:
    found = clients.by_id(unit, client_id)
    if found is None:
        raise Refused("client_unknown")
    return found
