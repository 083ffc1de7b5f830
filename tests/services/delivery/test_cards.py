"""A broadcast's link: a card where the channel shows cards, the address in the text where it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.base import Capabilities, Group, Unit, Window
from bot.messages import Card
from bot.vocabulary import ChannelKind, DeliveryState
from storage.models import ChatAccountRow
from tests.services.delivery.office import PLAIN, opened
from tests.services.delivery.test_groups import GroupLedger
from tests.services.delivery.test_pump import with_broadcast

KIND = ChannelKind.RECORDING
LINKED = {"body": "投资者您好\n一分钟看懂可转债 https://branch.example/1", "footer": "回复退订可不再接收"}
WORDS = "投资者您好\n回复退订可不再接收"
CARD = Card("一分钟看懂可转债", "https://branch.example/1")
SHOWING = Capabilities(longest_text=2048, unit=Unit.BYTES, media=frozenset({"card"}))
"""Takes cards."""
TASKS = Capabilities(
    longest_text=4000,
    unit=Unit.BYTES,
    needs_staff_confirmation=True,
    group=Group(least=1, most=5, rate=1.0, monthly=28, media=frozenset({"card"})),
)
"""Takes one for many."""


@pytest.mark.parametrize("capabilities", [SHOWING, PLAIN])
async def test_a_broadcast_s_link_is_a_card_where_cards_are_shown(sqlite_url: str, capabilities: Capabilities) -> None:
    with opened(sqlite_url, {(KIND, "main"): capabilities}) as office:
        await office.clients()
        await with_broadcast(office, "sending", parameters=LINKED)
        await office.drain()
        [sent] = office.ledger().sent
        row = await office.row()
    assert (row.state, "https://branch.example/1" in row.text) == (DeliveryState.SENT, True)
    if capabilities is SHOWING:
        assert (sent.text, sent.enclosed) == (WORDS, (CARD,))
    else:
        assert (sent.text, sent.enclosed) == (row.text, ())


async def test_so_it_is_where_one_call_is_for_many(sqlite_url: str) -> None:
    with opened(sqlite_url, {(KIND, "main"): TASKS}) as office:
        ledger = GroupLedger(KIND, "main", TASKS)
        office.channels[KIND, "main"] = ledger
        await office.clients(2)
        await with_broadcast(office, "sending", parameters=LINKED)
        await office.drain()
    assert (ledger.texts, ledger.shown) == ([WORDS], [(CARD,)])


@pytest.mark.parametrize(("used", "shown"), [(2, (CARD,)), (3, ())])
async def test_a_card_leaves_a_person_s_answer_its_room(sqlite_url: str, used: int, shown: tuple[Card, ...]) -> None:
    """Five messages, one kept for a person: text and card need two of the others."""
    with opened(sqlite_url, {(KIND, "main"): replace(SHOWING, window=Window(timedelta(hours=48), 5, 1))}) as office:
        await office.clients()
        await office.change(ChatAccountRow, 1, window_used=used)
        await with_broadcast(office, "sending", parameters=LINKED)
        await office.drain()
        [sent] = office.ledger().sent
    assert (sent.enclosed, CARD.url in sent.text) == (shown, not shown)
