"""The recording channel beyond the contract: what it keeps, and failing on demand."""

import pytest

from bot.channels.base import WebhookRequest
from bot.channels.recording import Failure, RecordingChannel
from bot.errors import OutcomeUnknown, RecipientGone, SignatureWrong, TryLater
from bot.messages import Outgoing, ShownOption
from bot.vocabulary import Addressee, ChannelKind, DeliveryState


def outgoing(number: int, address: str = "a") -> Outgoing:
    return Outgoing(number, Addressee(ChannelKind.RECORDING, "main", address), "text", (ShownOption("1", "one"),))


async def test_keeps_messages_whole_and_in_order() -> None:
    channel = RecordingChannel()
    receipts = [await channel.send(outgoing(number)) for number in (1, 2)]
    assert channel.ledger == [outgoing(1), outgoing(2)]
    assert [receipt.platform_message_ids for receipt in receipts] == [("recording:1",), ("recording:2",)]
    assert {receipt.state for receipt in receipts} == {DeliveryState.SENT}


async def test_fails_so_often_and_then_no_more() -> None:
    channel = RecordingChannel()
    channel.fail(Failure(TryLater("scripted"), times=2))
    for _ in range(2):
        with pytest.raises(TryLater):
            await channel.send(outgoing(1))
    await channel.send(outgoing(1))
    assert channel.ledger == [outgoing(1)]


async def test_fails_for_one_address_only() -> None:
    channel = RecordingChannel()
    channel.fail(Failure(RecipientGone("blocked"), address="b"))
    await channel.send(outgoing(1, "a"))
    with pytest.raises(RecipientGone):
        await channel.send(outgoing(2, "b"))
    await channel.send(outgoing(3, "b"))
    assert [entry.delivery_id for entry in channel.ledger] == [1, 3]


async def test_can_lose_the_answer_after_keeping_the_message() -> None:
    channel = RecordingChannel()
    channel.fail(Failure(OutcomeUnknown("lost"), after=True))
    with pytest.raises(OutcomeUnknown):
        await channel.send(outgoing(1))
    assert channel.ledger == [outgoing(1)]


async def test_nobody_calls_it() -> None:
    channel = RecordingChannel()
    assert list(channel.routes()) == []
    with pytest.raises(SignatureWrong):
        await channel.receive(WebhookRequest("POST", {}, {}, b"{}"))
