"""Pictures and cards below a text: each a message of its own, never twice, and what the platform says against them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.clock import MovableClock
from bot.errors import ContentRefused, OutcomeUnknown, QuotaUsed, SendError, TryLater, WindowClosed
from bot.messages import Card, Enclosed, Outgoing, Picture, ShownOption
from tests.channels.kit_wechat import SEND, WechatKit, opened
from tests.channels.wechat import outgoing
from tests.doubles.faults import Fault, errcode, json_answer, junk
from tests.doubles.wechat import Mode

UPLOAD = "media/upload"
CARD = Card("如何开户", "https://branch.example/open", "三步完成\x00", "https://branch.example/open.png")
PICTURE = Picture(b"\xff\xd8\xff\xe0", "image/jpeg")


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WechatKit]:
    async with opened(clock, Mode.SAFE) as opened_kit:
        yield opened_kit


def enclosing(*things: Enclosed, text: str = "请看：") -> Outgoing:
    """A text with something below it."""
    return replace(outgoing(text), enclosed=things)


def forms(kit: WechatKit) -> list[str]:
    """The types of what the client has."""
    return [entry.parcel.form for entry in kit.double.ledger.all()]


async def test_a_picture_and_a_card_follow_their_text(kit: WechatKit) -> None:
    receipt = await kit.channel.send(enclosing(PICTURE, CARD))
    assert (forms(kit), receipt.messages) == (["text", "image", "news"], 3)
    assert kit.got()[2] == "如何开户\n三步完成\nhttps://branch.example/open"


async def test_one_picture_for_many_is_handed_over_once(kit: WechatKit) -> None:
    for number in (7, 8):
        await kit.channel.send(replace(enclosing(PICTURE), delivery_id=number))
    assert (forms(kit), len(kit.double.ledger.called(UPLOAD))) == (["text", "image"] * 2, 1)


async def test_a_card_can_stand_alone(kit: WechatKit) -> None:
    assert (await kit.channel.send(enclosing(CARD, text=""))).messages == 1
    assert forms(kit) == ["news"]


async def test_what_can_be_tapped_stays_the_last_thing_said(kit: WechatKit) -> None:
    offered = replace(enclosing(CARD, text="您想问的是？\n1 开户"), options=(ShownOption("open", "开户"),))
    await kit.channel.send(offered)
    assert forms(kit) == ["news", "msgmenu"]


@pytest.mark.parametrize("effect", [errcode(-1), junk(), json_answer({"type": "image"})])
async def test_a_picture_that_could_not_be_handed_over_goes_on_later(kit: WechatKit, effect: object) -> None:
    kit.double.faults.add(Fault(effect, UPLOAD))  # type: ignore[arg-type]
    with pytest.raises(TryLater):
        await kit.channel.send(enclosing(PICTURE, CARD))
    await kit.channel.send(enclosing(PICTURE, CARD))
    assert forms(kit) == ["text", "image", "news"]


async def test_what_the_window_no_longer_holds_comes_with_the_next_one(kit: WechatKit) -> None:
    kit.double.account.follower(kit.client.address).windows["message"].left = 2
    with pytest.raises(WindowClosed) as caught:
        await kit.channel.send(enclosing(PICTURE, CARD))
    assert caught.value.begun
    kit.double.account.follower(kit.client.address).wrote(kit.clock.now())
    await kit.channel.send(enclosing(PICTURE, CARD))
    assert forms(kit) == ["text", "image", "news"]


async def test_a_lost_answer_repeats_nothing(kit: WechatKit) -> None:
    kit.double.faults.add(Fault(junk(), SEND, skip=1, after=True))
    with pytest.raises(OutcomeUnknown):
        await kit.channel.send(enclosing(CARD))
    assert forms(kit) == ["text", "news"]


REFUSALS: Mapping[tuple[str, int], type[SendError]] = {
    (UPLOAD, 45009): QuotaUsed,
    (UPLOAD, 40005): ContentRefused,
    (SEND, 45008): ContentRefused,
    (SEND, 40007): ContentRefused,
}


@pytest.mark.parametrize(("refused", "outcome"), REFUSALS.items())
async def test_every_refusal_has_its_outcome(
    kit: WechatKit, refused: tuple[str, int], outcome: type[SendError]
) -> None:
    call, code = refused
    kit.double.faults.add(Fault(errcode(code), call, skip=int(call == SEND)))
    with pytest.raises(outcome):
        await kit.channel.send(enclosing(PICTURE))
    assert forms(kit) == ["text"]


@pytest.mark.parametrize(
    "picture", [Picture(b""), Picture(b"GIF89a", "image/gif"), Picture(b"x" * (10 * 1024 * 1024 + 1))]
)
async def test_what_is_no_picture_is_not_handed_over(kit: WechatKit, picture: Picture) -> None:
    with pytest.raises(ContentRefused):
        await kit.channel.send(enclosing(picture, text=""))
    assert kit.double.ledger.calls == []
