"""A platform that counts messages: what is left is known, kept for a person, and used sparingly."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Capabilities, Unit, Window
from bot.errors import TryLater, WindowClosed
from bot.messages import Option, Receipt
from bot.vocabulary import ChannelKind, DeliveryState, Purpose
from services.delivery.budget import Budget, budget
from storage.models import ChatAccountRow, DeliveryRow
from storage.repositories.facts import ChatFacts
from tests.services.delivery.office import NOON, Ledger, Office, opened
from tests.services.delivery.wishes import notice, reply

TWO_DAYS, MINUTE = timedelta(hours=48), timedelta(minutes=1)
COUNTED = Capabilities(
    longest_text=60,
    unit=Unit.BYTES,
    window=Window(TWO_DAYS, 3, reserve=1),
    action_window=Window(MINUTE, 2),
)
SHORTLY = NOON - timedelta(seconds=30)


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """An office whose only account is counted."""
    with opened(database_url, {(ChannelKind.WECHAT, "main"): COUNTED}) as counted:
        yield counted


def ledger(office: Office) -> Ledger:
    """What the account sent."""
    return office.ledger(ChannelKind.WECHAT)


async def say(office: Office, text: str, purpose: Purpose = Purpose.REPLY, options: int = 0) -> None:
    """Submit one message of the dialogue."""
    shown = tuple(Option(str(number), "甲") for number in range(options))
    words = {"body": text, "footer": ""}
    await office.submit(reply(1, f"k{text}", purpose=purpose, parameters=words, options=shown))


async def used(office: Office) -> tuple[int, int]:
    """Messages counted against both windows."""
    chat = await office.database.read(lambda unit: unit.session.get_one(ChatAccountRow, 1))
    return chat.window_used, chat.action_used


@pytest.mark.parametrize(
    ("chat", "expected"),
    [
        (ChatFacts(gone=False), Budget()),
        (ChatFacts(False, NOON), Budget(3, 3, NOON + TWO_DAYS, 1)),
        (ChatFacts(False, NOON, 3), Budget(0, 3, NOON + TWO_DAYS, 0)),
        (ChatFacts(False, NOON - TWO_DAYS), Budget(0, 3, NOON, 0)),
        (ChatFacts(False, None, 0, SHORTLY, 1), Budget(1, 2, SHORTLY + MINUTE, 0)),
        (ChatFacts(False, NOON, 2, SHORTLY, 1), Budget(2, 5, NOON + TWO_DAYS, 1)),
        (ChatFacts(False, NOON, 1, NOON - MINUTE), Budget(2, 3, NOON + TWO_DAYS, 1)),
    ],
)
def test_what_is_left(chat: ChatFacts, expected: Budget) -> None:
    assert budget(COUNTED, chat, NOON) == expected


@given(st.integers(0, 9), st.integers(0, 9), st.integers(-200, 200), st.integers(-200, 200))
def test_never_more_than_the_platform_gives(window: int, action: int, hours: int, seconds: int) -> None:
    chat = ChatFacts(False, NOON - timedelta(hours=hours), window, NOON - timedelta(seconds=seconds), action)
    left = budget(COUNTED, chat, NOON)
    assert 0 <= left.messages <= max(3 - window, 0) + max(2 - action, 0)
    assert left.kept <= min(left.messages, 1)
    assert left.messages == 0 or (left.until is not None and left.until > NOON)


async def test_the_last_message_is_kept_for_a_person(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    for text in "一二三":
        await say(office, text)
        await office.drain(ChannelKind.WECHAT)
    assert [sent.text for sent in ledger(office).sent] == ["一", "二"]
    assert ((await office.rows())[2].rule, await used(office)) == ("window", (2, 0))
    await say(office, "人", Purpose.STAFF_MESSAGE)
    await office.drain(ChannelKind.WECHAT)
    assert ledger(office).sent[-1].text == "三\n\n人"
    assert ({row.state for row in await office.rows()}, await used(office)) == ({DeliveryState.SENT}, (3, 0))


async def test_what_waits_together_goes_as_one_message(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    for text in ("一", "二", "三"):
        await say(office, text)
    await office.drain(ChannelKind.WECHAT)
    assert [sent.text for sent in ledger(office).sent] == ["一\n\n二\n\n三"]
    assert [(row.state, row.attempts) for row in await office.rows()] == [(DeliveryState.SENT, 1)] * 3
    assert await used(office) == (1, 0)


async def test_what_does_not_fit_follows_in_the_next(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    for text in ("一" * 10, "二" * 11, "三"):
        await say(office, text)
    await office.drain(ChannelKind.WECHAT)
    assert [sent.text for sent in ledger(office).sent] == ["一" * 10, "二" * 11 + "\n\n三"]


async def test_a_list_stays_the_last_thing_said(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    await say(office, "一")
    await say(office, "选", options=1)
    await say(office, "三")
    await office.drain(ChannelKind.WECHAT)
    assert [sent.text for sent in ledger(office).sent] == ["一\n\n选\n1 甲", "三"]


async def test_a_fault_meets_all_that_went_together(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    ledger(office).answers.append(TryLater("-1"))
    for text in ("一", "二"):
        await say(office, text)
    await office.drain(ChannelKind.WECHAT)
    assert [(row.state, row.rule, row.attempts) for row in await office.rows()] == [
        (DeliveryState.PENDING, "try_later", 1)
    ] * 2
    office.clock.move(timedelta(seconds=6))
    await office.drain(ChannelKind.WECHAT)
    assert [sent.text for sent in ledger(office).sent] == ["一\n\n二"]


async def test_company_waits_for_its_own_turn_where_the_first_was_stopped_meanwhile(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    for text in ("一", "二"):
        await say(office, text)
    tour = office.pump._tour(office.lane(ChannelKind.WECHAT))
    await office.pump._look(tour)
    await office.change(DeliveryRow, 1, state=DeliveryState.CANCELLED)
    await office.pump._fly(tour)
    await office.drain(ChannelKind.WECHAT)
    assert [sent.text for sent in ledger(office).sent] == ["二"]
    assert [row.state for row in await office.rows()] == [DeliveryState.CANCELLED, DeliveryState.SENT]


async def test_who_is_stopped_meanwhile_is_left_out(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    for text in ("一", "二"):
        await say(office, text)
    tour = office.pump._tour(office.lane(ChannelKind.WECHAT))
    await office.pump._look(tour)
    await office.change(DeliveryRow, 2, state=DeliveryState.CANCELLED)
    await office.pump._fly(tour)
    assert [sent.text for sent in ledger(office).sent] == ["一"]


async def test_a_platform_that_counts_otherwise_is_believed(office: Office) -> None:
    (client,) = await office.clients(kind=ChannelKind.WECHAT)
    ledger(office).answers.append(WindowClosed("45047"))
    await say(office, "一")
    await office.drain(ChannelKind.WECHAT)
    await office.submit(notice(client))
    await office.drain(ChannelKind.WECHAT)
    assert ([row.rule for row in await office.rows()], await used(office)) == (["window", "window"], (3, 2))
    assert ledger(office).sent == []


async def test_an_action_is_used_first_and_a_long_text_costs_what_it_took(office: Office) -> None:
    await office.clients(kind=ChannelKind.WECHAT)
    await office.change(ChatAccountRow, 1, acted_at=SHORTLY)
    ledger(office).answers.append(Receipt(messages=3))
    await say(office, "一")
    await office.drain(ChannelKind.WECHAT)
    assert await used(office) == (1, 2)
    office.clock.move(MINUTE)
    await say(office, "二")
    await office.drain(ChannelKind.WECHAT)
    assert await used(office) == (2, 2)


MENUS = replace(COUNTED, menu=2)


@pytest.mark.parametrize(("options", "tapped"), [(2, 2), (3, 0)])
async def test_options_that_can_be_tapped_stand_in_the_text_as_well(
    database_url: str, options: int, tapped: int
) -> None:
    with opened(database_url, {(ChannelKind.WECHAT, "main"): MENUS}) as office:
        await office.clients(kind=ChannelKind.WECHAT)
        await say(office, "选", options=options)
        await office.drain(ChannelKind.WECHAT)
        (sent,) = ledger(office).sent
    assert (len(sent.options), len(sent.text.split("\n"))) == (tapped, options + 1)


async def test_the_options_of_a_merged_message_are_those_of_its_end(database_url: str) -> None:
    with opened(database_url, {(ChannelKind.WECHAT, "main"): MENUS}) as office:
        await office.clients(kind=ChannelKind.WECHAT)
        await say(office, "先")
        await say(office, "后", options=2)
        await office.drain(ChannelKind.WECHAT)
        (sent,) = ledger(office).sent
    assert (sent.text.split("\n")[0], [option.value for option in sent.options]) == ("先", ["0", "1"])
