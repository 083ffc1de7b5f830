"""Pictures and files at a service desk: each a message under its own name, and taken once."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.clock import MovableClock
from bot.errors import ContentRefused, OutcomeUnknown, TryLater
from bot.messages import Card, Document, Enclosed, Outgoing, Picture, ShownOption
from tests.channels.kit_wecom import SEND, WecomKit, opened
from tests.channels.wecom import CLIENT, outgoing
from tests.doubles.faults import Effect, Fault, HangUp, errcode, json_answer, junk

UPLOAD = "media/upload"
PICTURE = Picture(b"\xff\xd8\xff\xe0\x00\x10", "image/jpeg")
PAPER = Document(b"%PDF-1.4", "12.pdf")


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WecomKit]:
    async with opened(clock) as opened_kit:
        yield opened_kit


def enclosing(*things: Enclosed, text: str = "请看") -> Outgoing:
    return replace(outgoing(text), enclosed=things)


def forms(kit: WecomKit) -> list[str]:
    """The types of what the client has."""
    return [entry.parcel.form for entry in kit.double.ledger.all()]


async def test_pictures_and_files_follow_their_words(kit: WecomKit) -> None:
    receipt = await kit.channel.send(enclosing(PICTURE, PAPER))
    assert (forms(kit), receipt.messages, len(set(receipt.platform_message_ids))) == (["text", "image", "file"], 3, 3)


async def test_one_picture_for_many_is_handed_in_once(kit: WecomKit) -> None:
    for number in (7, 8):
        await kit.channel.send(replace(enclosing(PICTURE), delivery_id=number))
    assert (forms(kit), len(kit.double.ledger.called(UPLOAD))) == (["text", "image"] * 2, 1)


async def test_what_can_be_tapped_stays_the_last_thing_said(kit: WecomKit) -> None:
    await kit.channel.send(replace(enclosing(PICTURE), options=(ShownOption("open", "开户"),)))
    assert forms(kit) == ["image", "msgmenu"]


@pytest.mark.parametrize("effect", [errcode(-1), junk(), json_answer({"errcode": 0}), HangUp()])
async def test_a_picture_that_could_not_be_handed_in_goes_on_later(kit: WecomKit, effect: Effect) -> None:
    kit.double.faults.add(Fault(effect, UPLOAD))
    with pytest.raises(TryLater):
        await kit.channel.send(enclosing(PICTURE))
    await kit.channel.send(enclosing(PICTURE))
    assert forms(kit) == ["text", "image"]


async def test_a_picture_whose_answer_was_lost_arrives_once(kit: WecomKit) -> None:
    kit.double.faults.add(Fault(HangUp(), SEND, after=True, skip=1))
    with pytest.raises(OutcomeUnknown):
        await kit.channel.send(enclosing(PICTURE))
    await kit.channel.send(enclosing(PICTURE))
    assert forms(kit) == ["text", "image"]


async def test_a_card_is_a_link_with_a_small_picture_that_is_handed_in_once(kit: WecomKit) -> None:
    for number in (7, 8):
        card = Card("如何开户\x00", "https://a.example/1")
        await kit.channel.send(replace(enclosing(card), delivery_id=number))
    assert (forms(kit), len(kit.double.ledger.called(UPLOAD))) == (["text", "link"] * 2, 1)
    assert kit.double.ledger.texts(CLIENT)[-1] == "https://a.example/1"


@pytest.mark.parametrize("thing", [Picture(b"", "image/jpeg"), Picture(b"GIF89a-", "image/gif")])
async def test_what_the_desk_cannot_show_is_refused(kit: WecomKit, thing: Enclosed) -> None:
    with pytest.raises(ContentRefused):
        await kit.channel.send(enclosing(thing, text=""))
    assert forms(kit) == []


async def test_a_refused_picture_is_the_platform_s_word(kit: WecomKit) -> None:
    kit.double.faults.add(Fault(errcode(40058), UPLOAD))
    with pytest.raises(ContentRefused):
        await kit.channel.send(enclosing(PICTURE, text=""))
