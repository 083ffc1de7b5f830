"""From a submission to a chat, and every way in which a platform can answer."""

from typing import Any

from sqlalchemy import select

from bot.vocabulary import DeliveryState, Purpose
from services.delivery.submission import Fanout, Submission, ToClient, ToConversation
from storage.models import ClientRow
from tests.services.delivery.office import NOON, Office

TEXT = {"body": "明日休市一天。", "footer": ""}


def notice(client_id: int, key: str = "n", **changes: Any) -> Submission:
    """A message outside any dialogue."""
    return Submission(key, Purpose.SERVICE_NOTICE, ToClient(client_id), "broadcast_body", TEXT, **changes)


def reply(conversation_id: int, key: str = "r", text: str = "您好") -> Submission:
    """A message inside a dialogue."""
    return Submission(key, Purpose.REPLY, ToConversation(conversation_id), "staff_message", words(text))


def words(text: str) -> dict[str, object]:
    """Parameters of a text that is all its own."""
    return {"body": text}


async def test_a_notice_reaches_the_client_once(office: Office) -> None:
    (client,) = await office.clients()
    await office.database.write(lambda unit: office.delivery.submit(unit, notice(client)))
    await office.drain()
    await office.drain()
    (sent,) = office.ledger().sent
    row = await office.row()
    assert (sent.text, sent.to.address) == ("明日休市一天。", f"recording-{client}")
    assert (row.state, row.text, row.attempts, row.sent_at) == (DeliveryState.SENT, sent.text, 1, NOON)
    assert row.decision["outcome"] == "allow"


async def test_a_broadcast_reaches_everybody_in_one_statement(office: Office) -> None:
    clients = await office.clients(620)
    fanout = Fanout("b:1", Purpose.BROADCAST, "broadcast_body", parameters=TEXT)
    done = await office.database.write(lambda unit: office.delivery.submit_many(unit, fanout, select(ClientRow.id)))
    again = await office.database.write(lambda unit: office.delivery.submit_many(unit, fanout, select(ClientRow.id)))
    await office.drain()
    assert (done.rows, done.chunks, again.rows) == (620, 2, 0)
    assert [signal for signal in office.signals if signal[0] == "chunk"] == [("chunk", "0:0"), ("chunk", "0:1")]
    assert sorted(sent.to.address for sent in office.ledger().sent) == sorted(f"recording-{c}" for c in clients)
    assert {row.chunk for row in await office.rows()} == {0, 1}
