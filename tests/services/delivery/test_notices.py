"""Notices that each need a consent: counted as clients give them, used up one by one, never sent without."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.channels.base import Capabilities, Unit, Window
from bot.errors import OutcomeUnknown, SendError, TryLater, WindowClosed
from bot.messages import Event
from bot.vocabulary import Addressee, ChannelKind, DeliveryState, EventKind, Purpose
from storage.repositories import arrivals, notices
from storage.repositories.arrivals import Arrival
from storage.repositories.inbox import Lease
from tests.services.delivery.office import Office, opened
from tests.services.delivery.test_forms import PROGRESS
from tests.services.delivery.wishes import notice, reply

WECHAT = ChannelKind.WECHAT
FORMED = Capabilities(
    longest_text=2047,
    unit=Unit.BYTES,
    window=Window(timedelta(hours=48), 5, reserve=1),
    registered={"complaint_progress": {"character_string1": "{{ number }}"}},
    consented={"complaint_progress": "SM1"},
)
ALLOWED, STOPPED = EventKind.NOTICE_ALLOWED, EventKind.NOTICE_STOPPED
SENT = (DeliveryState.SENT, None)
WAITS = (DeliveryState.PENDING, "window")


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """An office whose account has registered a notice."""
    with opened(database_url, {(WECHAT, "main"): FORMED}) as formed:
        yield formed


async def begun(office: Office, *answers: tuple[EventKind, str]) -> None:
    """A client who wrote two days ago and has answered since; each answer is pushed twice."""
    await office.clients(kind=WECHAT)
    office.clock.move(timedelta(hours=49))
    chat = Addressee(WECHAT, "main", "wechat-1")
    events = [Event(chat, f"e{number}", kind, form) for number, (kind, form) in enumerate(answers)]
    now = office.clock.now()
    lease = Lease("tester", now, now + timedelta(seconds=30))
    for _ in range(2):
        await office.database.write(lambda unit: arrivals.accept(unit, [Arrival(one) for one in events], lease))


async def told(office: Office, *keys: str) -> list[tuple[DeliveryState, str | None]]:
    """What becomes of notices of a ticket."""
    for key in keys:
        await office.submit(notice(1, key, text_key="complaint_progress", parameters=PROGRESS))
    await office.drain(WECHAT)
    return [(row.state, row.rule) for row in await office.rows()]


async def left(office: Office) -> int:
    """How many consents the client has left."""
    found = await office.database.read(lambda unit: notices.left(unit, [1]))
    return found.get(1, {}).get("SM1", 0)


async def test_each_notice_uses_up_one_consent_and_the_next_waits(office: Office) -> None:
    await begun(office, (ALLOWED, "SM1"), (ALLOWED, "SM1"))
    assert await left(office) == 2
    assert await told(office, "a", "b", "c") == [SENT, SENT, WAITS]
    assert [sent.form is not None for sent in office.ledger(WECHAT).sent] == [True, True]
    assert await left(office) == 0


async def test_without_a_consent_for_this_form_nothing_is_tried(office: Office) -> None:
    await begun(office, (ALLOWED, "SM2"), (ALLOWED, "x" * 65), (ALLOWED, ""))
    assert await told(office, "a") == [WAITS]
    assert office.ledger(WECHAT).sent == []


async def test_switching_notices_off_takes_every_consent_back(office: Office) -> None:
    await begun(office, (ALLOWED, "SM1"), (ALLOWED, "SM1"), (STOPPED, "SM1"))
    assert (await left(office), await told(office, "a")) == (0, [WAITS])


async def test_a_consent_given_later_lets_the_notice_go(office: Office) -> None:
    await begun(office, (STOPPED, "SM1"))
    assert await told(office, "a") == [WAITS]
    now = office.clock.now()
    await office.database.write(lambda unit: notices.allow(unit, 1, "SM1", now))
    office.clock.move(timedelta(minutes=15))
    assert await told(office) == [SENT]


async def test_an_open_window_uses_up_nothing(office: Office) -> None:
    await begun(office, (ALLOWED, "SM1"))
    office.clock.move(timedelta(hours=-2))
    assert await told(office, "a") == [SENT]
    assert await left(office) == 1


@pytest.mark.parametrize(
    ("error", "state", "kept"),
    [
        (TryLater("-1"), (DeliveryState.PENDING, "try_later"), 2),
        (OutcomeUnknown("junk"), (DeliveryState.UNCERTAIN, "unknown"), 1),
        (WindowClosed("43101"), WAITS, 0),
    ],
)
async def test_what_surely_did_not_go_out_costs_nothing(
    office: Office, error: SendError, state: tuple[DeliveryState, str], kept: int
) -> None:
    await begun(office, (ALLOWED, "SM1"), (ALLOWED, "SM1"))
    office.ledger(WECHAT).answers.append(error)
    assert (await told(office, "a"), await left(office)) == ([state], kept)


async def test_news_of_a_ticket_in_a_dialogue_go_the_same_way(office: Office) -> None:
    await begun(office, (ALLOWED, "SM1"))
    for key in ("a", "b"):
        news = reply(1, key, purpose=Purpose.TICKET_UPDATE, text_key="complaint_progress", parameters=PROGRESS)
        await office.submit(news)
        await office.drain(WECHAT)
    assert [(row.state, row.rule) for row in await office.rows()] == [SENT, WAITS]
    assert await left(office) == 0
