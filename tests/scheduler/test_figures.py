"""The job that brings figures and engagement up to date."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select

from bot.clock import MovableClock
from bot.vocabulary import ChannelKind, DeliveryState, EventKind, MessageKind, Purpose
from scheduler import figures
from services import engagement
from services.engagement import Engagement
from storage.models import ChatAccountRow, ChatDayCountRow, ClientRow, ConversationRow, DeliveryRow, InboxRow
from storage.unit import Database, Unit
from tests.services.holdings.book import NOW, book

TODAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
"""When today began at the branch."""
WROTE = {
    "last of a day": (MIDNIGHT - timedelta(seconds=1), MessageKind.TEXT),
    "the same day": (MIDNIGHT - timedelta(hours=3), MessageKind.IMAGE),
    "first of a day": (MIDNIGHT - timedelta(days=30), MessageKind.TEXT),
    "too early": (MIDNIGHT - timedelta(days=30, seconds=1), MessageKind.TEXT),
    "no message": (MIDNIGHT - timedelta(days=5), EventKind.FOLLOWED),
    "today": (MIDNIGHT, MessageKind.TEXT),
}


def talked(unit: Unit) -> int:
    """A client who wrote at these times and was written to once; gives the id."""
    client_id = unit.session.scalars(select(ClientRow.id)).one()
    chat = ChatAccountRow(channel=ChannelKind.WEBCHAT, account="main", address="a", client_id=client_id, created_at=NOW)
    chat.last_inbound_at = MIDNIGHT
    unit.session.add(chat)
    unit.flush()
    talk = ConversationRow(account_id=chat.id, last_inbound_at=MIDNIGHT, created_at=NOW)
    unit.session.add(talk)
    unit.flush()
    row = {"channel": ChannelKind.WEBCHAT, "account": "main", "conversation_id": talk.id, "tries": 0}
    told = [{**row, "platform_id": key, "kind": kind, "received_at": at} for key, (at, kind) in WROTE.items()]
    unit.session.execute(insert(InboxRow), told)
    sent = {"client_id": client_id, "purpose": Purpose.CARE, "priority": 1, "text_key": "answer", "created_at": NOW}
    sent |= {"state": DeliveryState.SENT, "not_before": NOW, "claimed_at": NOW, "key": "one"}
    unit.session.execute(insert(DeliveryRow), [sent])
    return client_id


async def test_days_are_counted_once_and_only_messages_make_one(database: Database) -> None:
    await book(database, "A1")
    client_id = await database.write(talked)
    job = figures.job(database, MovableClock(NOW))
    assert await job.run(NOW) == "clients=0 days=30"
    found = await database.read(lambda unit: engagement.of(unit, client_id, TODAY))
    assert found == Engagement(2, MIDNIGHT, NOW)
    assert await job.run(NOW + timedelta(days=1)) == "clients=0 days=1"
    counted = select(ChatDayCountRow.clients).order_by(ChatDayCountRow.on.desc()).limit(2)
    assert await database.read(lambda unit: list(unit.session.scalars(counted))) == [1, 1]
    later = await database.read(lambda unit: engagement.of(unit, client_id, TODAY + timedelta(days=1)))
    assert later.days == 2
