"""A client's chats and bind codes as pages show them, and the channel they are written to first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from bot.vocabulary import ChannelKind
from storage.models import BindCodeRow, ChatAccountRow, ClientRow, ConversationRow, StaffRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class ClientChat:
    """A chat that is the client's; `address` is the platform's id of them."""

    id: int
    channel: ChannelKind
    account: str
    address: str
    bound_at: datetime | None
    last_inbound_at: datetime | None
    gone_at: datetime | None
    conversation_id: int | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A code that was issued, without the code; by nobody where a system or the service asked for it."""

    id: int
    staff: str | None
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None
    failed_tries: int


def chats(unit: Unit, client_id: int) -> list[ClientChat]:
    """The chats bound to a client, in the order in which they were met."""
    own = ChatAccountRow
    statement = (
        select(own.id, own.channel, own.account, own.address, own.bound_at, own.last_inbound_at, own.gone_at)
        .add_columns(ConversationRow.id)
        .outerjoin(ConversationRow, ConversationRow.account_id == own.id)
        .where(own.client_id == client_id)
        .order_by(own.id)
    )
    return [ClientChat(row[0], ChannelKind(row[1]), *row[2:]) for row in unit.session.execute(statement)]


def codes(unit: Unit, client_id: int, limit: int) -> list[Issued]:
    """The newest codes of a client."""
    own = BindCodeRow
    statement = (
        select(own.id, StaffRow.name, own.issued_at, own.expires_at, own.used_at, own.failed_tries)
        .outerjoin(StaffRow, StaffRow.id == own.issued_by)
        .where(own.client_id == client_id)
        .order_by(own.id.desc())
        .limit(limit)
    )
    return [Issued(*row) for row in unit.session.execute(statement)]


def issued_since(unit: Unit, client_id: int, since: datetime) -> int:
    """How many codes a client was given since an instant."""
    counted = select(func.count()).where(BindCodeRow.client_id == client_id, BindCodeRow.issued_at > since)
    return unit.session.scalars(counted).one()


def release(unit: Unit, client_id: int, account_id: int) -> bool:
    """Make a client's chat nobody's; False where it is not theirs (any more)."""
    theirs = (ChatAccountRow.id == account_id) & (ChatAccountRow.client_id == client_id)
    freed = update(ChatAccountRow).where(theirs).values(client_id=None, bound_at=None).returning(ChatAccountRow.id)
    return unit.session.execute(freed).one_or_none() is not None


def preferred(unit: Unit, client_id: int) -> ChannelKind | None:
    """The channel a client is written to first; None where they left it to us."""
    found = unit.session.scalar(select(ClientRow.preferred_channel).where(ClientRow.id == client_id))
    return None if found is None else ChannelKind(found)


def prefer(unit: Unit, client_id: int, channel: ChannelKind | None, now: datetime) -> None:
    """Set the channel a client is written to first."""
    chosen = update(ClientRow).where(ClientRow.id == client_id)
    unit.session.execute(chosen.values(preferred_channel=channel, updated_at=now))
