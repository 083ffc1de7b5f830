"""Notices that a platform has a registered form for go out although the window is shut."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.base import Capabilities, Unit, Window
from bot.messages import Form, Receipt
from bot.vocabulary import ChannelKind, DeliveryState, Purpose
from storage.models import ChatAccountRow
from tests.services.delivery.office import NOON, Office, opened
from tests.services.delivery.wishes import notice, reply

DUE = "2026-11-24T07:00:00+00:00"
PROGRESS = {"number": "T20261123-0001", "status": "处理中", "assignee": "李", "due": DUE}
FIELDS = {"character_string1": "{{ number }}", "time2": "{{ due|instant }}"}
FILLED = {"character_string1": "T20261123-0001", "time2": "11月24日15:00"}
FORMED = Capabilities(
    longest_text=2047,
    unit=Unit.BYTES,
    window=Window(timedelta(hours=48), 5, reserve=1),
    registered={"complaint_progress": FIELDS, "broadcast_body": {"thing1": "{{ gone }}"}},
)


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """An office whose account has registered a form."""
    with opened(database_url, {(ChannelKind.WECHAT, "main"): FORMED}) as formed:
        yield formed


async def progress(office: Office, purpose: Purpose = Purpose.TICKET_UPDATE) -> None:
    """News of a ticket."""
    wanted: dict[str, Any] = {"text_key": "complaint_progress", "parameters": PROGRESS}
    if purpose is Purpose.SERVICE_NOTICE:
        await office.submit(notice(1, **wanted))
    else:
        await office.submit(reply(1, purpose=purpose, **wanted))
    await office.drain(ChannelKind.WECHAT)


@pytest.mark.parametrize("purpose", [Purpose.TICKET_UPDATE, Purpose.SERVICE_NOTICE])
async def test_a_notice_behind_a_shut_window_goes_as_a_form_and_costs_nothing(office: Office, purpose: Purpose) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    office.clock.move(timedelta(hours=49))
    office.ledger(ChannelKind.WECHAT).answers.append(Receipt(platform_message_ids=("template:1",), messages=0))
    await progress(office, purpose)
    row = await office.row()
    assert (row.state, row.platform_message_id) == (DeliveryState.SENT, "template:1")
    assert "T20261123-0001" in row.text
    assert await office.database.read(lambda unit: unit.session.get_one(ChatAccountRow, 1).window_used) == 0


async def test_the_form_is_filled_as_the_branch_writes_dates(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    await office.change(ChatAccountRow, 1, window_used=4)
    await progress(office)
    (sent,) = office.ledger(ChannelKind.WECHAT).sent
    assert sent.form == Form("complaint_progress", FILLED)


async def test_an_open_window_takes_the_text(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    await progress(office)
    (sent,) = office.ledger(ChannelKind.WECHAT).sent
    assert sent.form is None


async def test_other_purposes_wait_although_their_text_has_a_form(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    office.clock.move(timedelta(hours=49))
    await progress(office, Purpose.REPLY)
    assert ((await office.row()).rule, office.ledger(ChannelKind.WECHAT).sent) == ("window", [])


async def test_what_waits_is_not_said_in_a_form(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    office.clock.move(timedelta(hours=49))
    await office.submit(reply(1, "waits"))
    await progress(office)
    assert [row.state for row in await office.rows()] == [DeliveryState.PENDING, DeliveryState.SENT]


async def test_a_form_that_cannot_be_filled_in_fails_and_stops_nobody(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    office.clock.move(timedelta(hours=49))
    await office.submit(notice(1, "broken"))
    await progress(office)
    assert [(row.state, row.rule) for row in await office.rows()] == [
        (DeliveryState.FAILED, "text"),
        (DeliveryState.SENT, None),
    ]
    assert office.clock.now() == NOON + timedelta(hours=49)
