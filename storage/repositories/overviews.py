"""What the read-only pages of the console show: channels, today's care."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from bot.vocabulary import Birthday, DeliveryState, Purpose
from storage.models import ClientRow, DeliveryRow, InboxRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one account of a platform has had: last arrival, last message sent, and sends by state lately."""

    heard_at: datetime | None
    sent_at: datetime | None
    states: dict[DeliveryState, int]


Care = dict[tuple[str, DeliveryState], int]
"""How many greetings, by text and state."""


def traffic(unit: Unit, channel: str, account: str, since: datetime) -> Traffic:
    """What an account has had; the counts are of messages made since an instant."""
    heard = select(func.max(InboxRow.received_at)).where(InboxRow.channel == channel, InboxRow.account == account)
    ours = and_(DeliveryRow.channel == channel, DeliveryRow.account == account)
    lately = select(DeliveryRow.state, func.count()).where(ours, DeliveryRow.created_at >= since)
    return Traffic(
        unit.session.scalars(heard).one(),
        unit.session.scalars(select(func.max(DeliveryRow.sent_at)).where(ours)).one(),
        {row[0]: row[1] for row in unit.session.execute(lately.group_by(DeliveryRow.state))},
    )


def born_on(unit: Unit, birthdays: Sequence[Birthday]) -> int:
    """How many clients have one of these birthdays recorded."""
    row = ClientRow
    each = [
        and_(
            row.birth_month == birthday.month,
            row.birth_day == birthday.day,
            row.birth_lunar == birthday.lunar,
            row.birth_leap == birthday.leap,
        )
        for birthday in birthdays
    ]
    return unit.session.scalars(select(func.count()).select_from(row).where(or_(*each))).one()


def care_since(unit: Unit, since: datetime) -> Care:
    """Greetings made since an instant, by text and state."""
    groups = (DeliveryRow.text_key, DeliveryRow.state)
    statement = select(*groups, func.count()).where(
        DeliveryRow.purpose == Purpose.CARE, DeliveryRow.created_at >= since
    )
    return {(key, state): number for key, state, number in unit.session.execute(statement.group_by(*groups))}
