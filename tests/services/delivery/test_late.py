"""Accounts that can only answer inside the platform's request: what they owe waits for the client's next message."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.base import Capabilities, Unit
from bot.vocabulary import AnswerKind, ChannelKind, DeliveryState, Purpose
from services.delivery.submission import Route
from tests.services.delivery.office import NOON, Office, opened
from tests.services.delivery.wishes import notice, reply

PASSIVE_ONLY = Capabilities(longest_text=400, unit=Unit.BYTES, passive_reply=True, proactive=False)
HINT = "（未完，下文随您的下一条消息发出）"


@pytest.fixture
def mute(database_url: str) -> Iterator[Office]:
    """An office whose account has no way out but passive replies."""
    with opened(database_url, {(ChannelKind.WECHAT, "main"): PASSIVE_ONLY}) as office:
        yield office


@pytest.mark.parametrize("purpose", [Purpose.REPLY, Purpose.STAFF_MESSAGE, Purpose.TICKET_UPDATE])
async def test_a_late_reply_waits_and_is_never_tried(mute: Office, purpose: Purpose) -> None:
    await mute.clients(kind=ChannelKind.WECHAT)
    await mute.submit(reply(1, purpose=purpose))
    for _ in range(3):
        await mute.drain(ChannelKind.WECHAT)
        mute.clock.move(timedelta(minutes=16))
    row = await mute.row()
    assert (row.state, row.rule, row.text, row.attempts) == (DeliveryState.PENDING, "window", "您好", 0)
    assert mute.ledger(ChannelKind.WECHAT).sent == []


async def test_what_nobody_came_for_expires(mute: Office) -> None:
    await mute.clients(kind=ChannelKind.WECHAT)
    await mute.submit(reply(1))
    mute.clock.move(timedelta(days=7))
    await mute.pump.tidy()
    assert (await mute.row()).state is DeliveryState.EXPIRED


async def test_what_one_answer_cannot_hold_is_continued_with_the_next(mute: Office) -> None:
    await mute.clients(kind=ChannelKind.WECHAT)
    text = "".join(f"第{number:02d}条：市场有风险。" for number in range(20))
    wanted = replace(reply(1, parameters={"body": text, "footer": ""}), kind=AnswerKind.ANSWERED, entry_id="risks")
    await mute.submit(wanted, Route.PASSIVE)
    rows = await mute.rows()
    assert [row.answer_kind for row in rows] == [AnswerKind.ANSWERED] + [None] * (len(rows) - 1)
    assert [row.state for row in rows] == [DeliveryState.SENDING] + [DeliveryState.PENDING] * (len(rows) - 1)
    assert all(len(row.text.encode()) <= 400 for row in rows)
    assert [row.text.endswith(HINT) for row in rows] == [True] * (len(rows) - 1) + [False]
    assert "".join(row.text.removesuffix(f"\n{HINT}") for row in rows) == text
    assert {(row.rule, row.not_before) for row in rows[1:]} == {("window", NOON + timedelta(minutes=15))}


async def test_a_client_is_reached_elsewhere_where_that_is_possible(database_url: str) -> None:
    accounts = {
        (ChannelKind.WECHAT, "main"): PASSIVE_ONLY,
        (ChannelKind.WEBCHAT, "main"): Capabilities(400, Unit.BYTES),
    }
    with opened(database_url, accounts) as office:
        (client,) = await office.clients(kind=ChannelKind.WECHAT)
        await office.submit(notice(client, "alone"))
        await office.also(client, ChannelKind.WEBCHAT)
        await office.submit(notice(client, "both"))
        assert [row.channel for row in await office.rows()] == ["wechat", "webchat"]
