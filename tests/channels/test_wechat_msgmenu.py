"""Options as lines to tap where the account may send menus, and as the numbered list that they are everywhere else."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import MemoryState
from bot.channels.tencent.notation import legible
from bot.channels.wechat import WechatChannel
from bot.channels.wechat.account import LONGEST
from bot.channels.wechat.customer_messages import MOST_LINES, _pieces
from bot.clock import MovableClock
from bot.errors import OutcomeUnknown, TryLater
from bot.messages import Incoming, Outgoing, ShownOption
from tests.channels.kit_wechat import SEND, WechatKit, opened
from tests.channels.wechat import ACCOUNT, HEAD, OPENID, Pushing, outgoing
from tests.doubles.faults import Fault, errcode, junk
from tests.doubles.ledger import Button
from tests.doubles.wechat import Mode
from tests.doubles.wechat.account import EVERYTHING

OPTIONS = (ShownOption("faq:open", "如何开户"), ShownOption("person", "转人工"))
LIST = "1. 如何开户\n2. 转人工"
ASKED = "您想问的是？\n请点选："
LONG = "市场有风险，投资需谨慎。" * 150


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WechatKit]:
    async with opened(clock, Mode.SAFE) as opened_kit:
        yield opened_kit


def offering(text: str, options: tuple[ShownOption, ...] = OPTIONS) -> Outgoing:
    """A text with options for one client."""
    return replace(outgoing(text), options=options)


async def test_options_can_be_tapped_and_keep_their_numbers(kit: WechatKit) -> None:
    receipt = await kit.channel.send(offering(f"{ASKED}\n{LIST}"))
    [entry] = kit.double.ledger.all()
    assert (entry.parcel.form, entry.text) == ("msgmenu", ASKED)
    assert entry.parcel.buttons == (Button("1. 如何开户", "faq:open"), Button("2. 转人工", "person"))
    assert receipt.messages == 1


async def test_a_tapped_line_comes_back_as_the_option(kit: WechatKit) -> None:
    fields = {**HEAD, "MsgType": "text", "Content": "1. 如何开户", "MsgId": 5, "bizmsgmenuid": "faq:open"}
    [item] = (await kit.channel.receive(Pushing().post(fields))).items
    assert isinstance(item, Incoming)
    assert (item.choice, item.by_menu) == ("faq:open", True)


async def test_an_account_without_menus_gets_the_list_and_is_asked_once(kit: WechatKit) -> None:
    kit.double.account.permissions = EVERYTHING - {"msgmenu"}
    for _ in range(2):
        await kit.channel.send(offering(f"{ASKED}\n{LIST}"))
    assert kit.got() == [f"{ASKED}\n{LIST}"] * 2
    assert len(kit.double.ledger.called(SEND)) == 3


async def test_a_long_text_ends_with_the_lines(kit: WechatKit) -> None:
    receipt = await kit.channel.send(offering(f"{LONG}\n{LIST}"))
    forms = [entry.parcel.form for entry in kit.double.ledger.all()]
    assert (forms, receipt.messages) == (["text", "text", "msgmenu"], 3)
    assert "".join(kit.got()) == LONG


async def test_a_refusal_half_way_goes_on_with_the_lines(kit: WechatKit) -> None:
    kit.double.faults.add(Fault(errcode(-1), SEND, skip=2))
    with pytest.raises(TryLater):
        await kit.channel.send(offering(f"{LONG}\n{LIST}"))
    kit.double.account.permissions = EVERYTHING - {"msgmenu"}
    await kit.channel.send(offering(f"{LONG}\n{LIST}"))
    assert "".join(kit.got()) == f"{LONG}\n{LIST}"


async def test_a_lost_answer_is_not_followed_by_the_list(kit: WechatKit) -> None:
    kit.double.faults.add(Fault(junk(), SEND, after=True))
    with pytest.raises(OutcomeUnknown):
        await kit.channel.send(offering(f"{ASKED}\n{LIST}"))
    assert len(kit.double.ledger.all()) == 1


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (LIST, OPTIONS),
        ("只有一行", OPTIONS),
        (f"{ASKED}\n{LIST}\n另有通知", OPTIONS),
        (f"{ASKED}\n{LIST}", ()),
        (ASKED + "\n1. a" * 11, (ShownOption("a", "a"),) * (MOST_LINES + 1)),
    ],
)
async def test_what_is_no_list_below_a_text_goes_as_text(
    kit: WechatKit, text: str, options: tuple[ShownOption, ...]
) -> None:
    await kit.channel.send(offering(text, options))
    assert [(entry.parcel.form, entry.text) for entry in kit.double.ledger.of(OPENID)] == [("text", text)]


def test_only_an_account_that_may_write_first_offers_menus() -> None:
    assert (kit_menu(True), kit_menu(False)) == (MOST_LINES, 0)


def kit_menu(may: bool) -> int:
    """How many options can be tapped."""
    return WechatChannel(replace(ACCOUNT, customer_messages=may), MemoryState(), MovableClock()).capabilities.menu


@given(st.text(max_size=900), st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=MOST_LINES))
def test_nothing_is_lost_whatever_is_offered(text: str, labels: list[str]) -> None:
    """However it is cut: all signs but blanks are there, in order, and each piece fits."""
    said = legible("\n".join([text, *(f"{place}. {label}" for place, label in enumerate(labels, 1))]))
    pieces = _pieces(said, [ShownOption(str(place), label) for place, label in enumerate(labels)])
    assert "".join("".join(piece.text for piece in pieces).split()) == "".join(said.split())
    assert all(len(piece.text.encode()) <= LONGEST for piece in pieces)
    assert all(len(piece.options) <= len(piece.text.split("\n")) for piece in pieces)
