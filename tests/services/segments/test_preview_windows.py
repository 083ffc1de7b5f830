"""A preview foresees what platforms let through at its hour, and counts what is about to go out, as the gate does."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.channels.base import Capabilities, Group, Window
from bot.channels.base import Unit as Length
from bot.clock import branch_date
from bot.vocabulary import ChannelKind, Purpose
from bot.vocabulary.conditions import All
from services import segments
from services.delivery.preview import foresee
from services.delivery.submission import Submission, ToClient
from services.segments import Preview, Wanted
from storage.models import ChatAccountRow, DeliveryRow
from storage.repositories.claims import HOLD, PARKED
from storage.unit import Unit
from tests.services.delivery.office import NOON, Office, opened

HOURS = timedelta(hours=1)
CHATTY = Capabilities(
    2048, Length.BYTES, window=Window(48 * HOURS, 5, reserve=1), action_window=Window(timedelta(minutes=1), 3)
)
CHATS: tuple[dict[str, Any], ...] = (
    {},
    {"last_inbound_at": NOON - 49 * HOURS},
    {"window_used": 4},
    {"last_inbound_at": NOON - 49 * HOURS, "acted_at": NOON - timedelta(seconds=30)},
    {"last_inbound_at": None, "acted_at": NOON - timedelta(seconds=30), "action_used": 3},
    {"last_inbound_at": None},
)
"""Open, over, spent but for what is kept for a person, open by an action, spent as well, never opened."""


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with opened(database_url, {(ChannelKind.WECHAT, "main"): CHATTY}) as made:
        yield made


async def chatting(office: Office) -> list[int]:
    """One client for each kind of chat."""
    ids = await office.clients(len(CHATS), ChannelKind.WECHAT)

    def marked(unit: Unit) -> None:
        for client_id, values in zip(ids, CHATS, strict=True):
            if values:
                own = update(ChatAccountRow).where(ChatAccountRow.client_id == client_id)
                unit.session.execute(own.values(**values))

    await office.database.write(marked)
    return ids


def gates(unit: Unit, office: Office, ids: list[int], at: datetime) -> Counter[str | None]:
    """The gate's own word on each."""
    said = {"body": "请核对", "footer": ""}
    wanted = [Submission(str(one), Purpose.BROADCAST, ToClient(one), "broadcast_body", said) for one in ids]
    return Counter(each.rule for each in foresee(unit, office.delivery, wanted, at))


def look(unit: Unit, office: Office, at: datetime) -> Preview:
    wanted = Wanted(All(()), Purpose.BROADCAST, at=at, text="请核对")
    return segments.preview(unit, office.delivery, wanted, branch_date(at))


async def test_windows_are_foreseen_for_the_hour_as_the_gate_sees_them(office: Office) -> None:
    ids = await chatting(office)
    for at, shut in ((NOON, 4), (NOON + timedelta(minutes=2), 5), (NOON + 48 * HOURS, 6)):
        expected = await office.database.read(lambda unit, at=at: gates(unit, office, ids, at))  # type: ignore[misc]
        found = await office.database.read(lambda unit, at=at: look(unit, office, at))  # type: ignore[misc]
        assert expected["window"] == shut
        assert (found.waiting, sum(found.reachable.values())) == ({"window": shut}, expected[None])


async def test_what_goes_to_many_at_once_needs_no_window_but_its_month(office: Office) -> None:
    ids = await chatting(office)
    mass = replace(CHATTY, group=Group(least=2, most=100, rate=1.0, monthly=1))
    office.delivery = replace(office.delivery, accounts={(ChannelKind.WECHAT, "main"): mass})
    used = update(ChatAccountRow).where(ChatAccountRow.client_id.in_(ids[:3]))
    await office.database.write(lambda unit: unit.session.execute(used.values(group_month="2026-11", group_used=1)))
    found = await office.database.read(lambda unit: look(unit, office, NOON))
    assert (found.waiting, dict(found.reachable)) == ({"monthly": 2}, {ChannelKind.WECHAT: 4})
    december = await office.database.read(lambda unit: look(unit, office, NOON + timedelta(days=10)))
    assert (december.waiting, dict(december.reachable)) == ({}, {ChannelKind.WECHAT: 6})


async def test_what_is_held_or_parked_counts_against_the_caps(office: Office) -> None:
    ids = await office.clients(4, ChannelKind.WECHAT)
    words: dict[str, Any] = {
        "purpose": Purpose.BROADCAST,
        "text_key": "x",
        "priority": 5,
        "state": "pending",
        "created_at": NOON,
    }
    states: tuple[dict[str, Any], ...] = (
        {"claimed_by": "w", "claimed_at": NOON, "not_before": NOON},
        {"claimed_by": "w", "claimed_at": NOON - HOLD, "not_before": NOON},
        {"rule": PARKED, "not_before": NOON + HOURS},
        {"not_before": NOON},
    )
    rows = [
        DeliveryRow(key=f"{client_id}:{number}", client_id=client_id, **words, **state)
        for client_id, state in zip(ids, states, strict=True)
        for number in range(office.delivery.rules.daily_cap)
    ]
    await office.database.write(lambda unit: unit.session.add_all(rows))
    expected = await office.database.read(lambda unit: gates(unit, office, ids, NOON))
    found = await office.database.read(lambda unit: look(unit, office, NOON))
    assert (found.waiting, expected["daily_cap"]) == ({"daily_cap": 2}, 2)
    tomorrow = await office.database.read(lambda unit: look(unit, office, NOON + 24 * HOURS))
    assert (tomorrow.waiting, sum(tomorrow.reachable.values())) == ({}, 4)
