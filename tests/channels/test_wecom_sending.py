"""Answers at a service desk: accepted once however often they are tried, and only while we have the session."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.channels.base import MemoryState, WebhookRequest
from bot.channels.wecom import WecomChannel
from bot.channels.wecom.desk import Chat, SessionState
from bot.channels.wecom.msgids import MsgIds
from bot.clock import MovableClock
from bot.errors import (
    ChannelStopped,
    ContentRefused,
    DatabaseBusy,
    OutcomeUnknown,
    RequestStale,
    SendError,
    SettingsWrong,
    Throttled,
    TryLater,
    WindowClosed,
)
from bot.messages import ShownOption
from tests.channels.kit_wecom import PATIENCE, SEND, WecomKit, opened
from tests.channels.wecom import ACCOUNT, ADDRESS, CALL, CLIENT, OTHER_KEY, Pushing, channel, outgoing
from tests.doubles.faults import Delay, Effect, Fault, HangUp, KillToken, errcode, json_answer, junk
from tests.doubles.ledger import Button
from tests.doubles.wecom import AES_KEY, OPEN_KFID

TOKEN_CALL = "gettoken"


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WecomKit]:
    async with opened(clock) as opened_kit:
        yield opened_kit


async def refused(kit: WecomKit) -> SendError:
    """What a text ends in; nothing may have arrived."""
    with pytest.raises(SendError) as caught:
        await kit.channel.send(outgoing())
    assert kit.got() == []
    return caught.value


async def test_operators_see_the_words_of_a_refusal_that_stops_the_channel(kit: WecomKit) -> None:
    kit.double.faults.add(Fault(errcode(60020, "not allow to access from your ip, from ip: 203.0.113.7"), SEND))
    assert "203.0.113.7" in (await refused(kit)).detail


async def test_a_revoked_token_is_renewed_once(kit: WecomKit) -> None:
    await kit.channel.send(outgoing("a"))
    kit.double.faults.add(Fault(KillToken(), SEND))
    await kit.channel.send(outgoing("b", delivery_id=8))
    assert kit.got() == ["a", "b"]
    assert len(kit.double.ledger.called(TOKEN_CALL)) == 2


async def test_pauses_grow_while_the_platform_blocks(kit: WecomKit) -> None:
    kit.double.faults.add(Fault(errcode(45009), SEND, times=4))
    errors = [await refused(kit) for _ in range(4)]
    assert [error.retry_after for error in errors if isinstance(error, Throttled)] == [60, 300, 3600, 3600]
    await kit.channel.send(outgoing())
    kit.double.faults.add(Fault(errcode(45009), SEND))
    with pytest.raises(Throttled) as caught:
        await kit.channel.send(outgoing(delivery_id=8))
    assert caught.value.retry_after == 60


@pytest.mark.parametrize("effect", [HangUp(), junk(), Delay(PATIENCE.read * 3)], ids=["hang-up", "junk", "silence"])
async def test_a_message_whose_answer_was_lost_arrives_once(kit: WecomKit, effect: Effect) -> None:
    kit.double.faults.add(Fault(effect, SEND, after=True))
    with pytest.raises(OutcomeUnknown):
        await kit.channel.send(outgoing())
    receipt = await kit.channel.send(outgoing())
    assert kit.got() == ["您好"]
    assert len(receipt.platform_message_ids) == 1


async def test_parts_that_arrived_are_not_repeated(kit: WecomKit) -> None:
    text = "市场有风险，投资需谨慎。" * 150
    for skip, begun in ((0, False), (1, True)):
        kit.double.faults.add(Fault(errcode(-1), SEND, skip=skip))
        with pytest.raises(TryLater) as caught:
            await kit.channel.send(outgoing(text))
        assert caught.value.begun is begun
    await kit.channel.send(outgoing(text))
    assert "".join(kit.got()) == text
    assert len(kit.got()) == 3


@pytest.mark.parametrize(("desks", "outcome"), [((), ChannelStopped), (("wkOther",), TryLater)])
async def test_a_refused_desk_stops_no_other(kit: WecomKit, desks: tuple[str, ...], outcome: type[Exception]) -> None:
    channel = WecomChannel(replace(kit.account, kf_ids=(OPEN_KFID, *desks)), kit.state, kit.clock)
    kit.double.faults.add(Fault(errcode(95004), SEND))
    with pytest.raises(outcome):
        await channel.send(outgoing())
    await channel.close()


async def test_a_fresh_database_uses_other_names(kit: WecomKit) -> None:
    await kit.channel.send(outgoing("a"))
    await kit.another(MemoryState()).send(outgoing("b"))
    assert kit.got() == ["a", "b"]


@pytest.mark.parametrize(("delivery_id", "part"), [(1, 1), (10**18 - 1, 999)])
def test_names_fit_the_platform_and_lead_back(delivery_id: int, part: int) -> None:
    name = MsgIds("0a1b2c3d").name(delivery_id, part)
    assert len(name) <= 32
    assert MsgIds("0a1b2c3d").part_of(name) == (delivery_id, part)
    assert MsgIds("99999999").part_of(name) is None


async def test_options_are_lines_of_a_menu_below_a_head_that_fits(kit: WecomKit) -> None:
    options = (ShownOption("person", "找人工"), ShownOption("menu", "菜单"))
    text = "市场有风险，投资需谨慎。" * 40
    await kit.channel.send(replace(outgoing(text), options=options))
    *before, last = kit.double.ledger.of(CLIENT)
    assert "".join(entry.text for entry in (*before, last)) == text
    assert last.buttons == (Button("找人工", "person"), Button("菜单", "menu"))
    assert all(not entry.buttons for entry in before)


@pytest.mark.parametrize("member", ["zhang", None])
async def test_after_the_hand_over_only_members_write(kit: WecomKit, member: str | None) -> None:
    await kit.channel.hand_over(ADDRESS, member)
    session = kit.double.desk.session(CLIENT)
    assert (session.state, session.servicer) == ((3, "zhang") if member else (2, ""))
    assert type(await refused(kit)) is WindowClosed


async def test_the_session_can_be_asked_for(kit: WecomKit) -> None:
    desk = kit.channel.desk
    assert await desk.session(Chat.parse(ADDRESS)) is SessionState.NEW
    kit.double.faults.add(Fault(json_answer({"errcode": 0, "service_state": 9}), "kf/service_state/get"))
    with pytest.raises(TryLater):
        await desk.session(Chat.parse(ADDRESS))


@pytest.mark.parametrize("text", ["", " \n", "\x00"])
async def test_an_empty_text_is_never_sent(kit: WecomKit, text: str) -> None:
    with pytest.raises(ContentRefused):
        await kit.channel.send(outgoing(text))
    assert kit.double.ledger.calls == []


class Shut(MemoryState):
    """A database that does not answer."""

    async def get(self, key: str) -> str | None:
        raise DatabaseBusy("locked")


async def test_without_the_database_nothing_is_sent(kit: WecomKit) -> None:
    with pytest.raises(TryLater):
        await kit.another(Shut()).send(outgoing())
    assert kit.got() == []


@pytest.mark.parametrize("echo", ["5838479218127813673", "a+b/c=", "你好"])
async def test_the_check_gives_the_plain_echo(echo: str) -> None:
    received = await channel().receive(Pushing().check(echo))
    assert (received.answer.status, received.answer.body) == (200, echo.encode())


async def test_a_stale_check_is_refused(clock: MovableClock) -> None:
    clock.set(clock.now().replace(hour=5))
    with pytest.raises(RequestStale):
        await channel(clock=clock).receive(Pushing().check())


async def test_the_previous_key_still_opens() -> None:
    account = replace(ACCOUNT, aes_key=OTHER_KEY, previous_aes_key=AES_KEY)
    state = MemoryState()
    await channel(account, state=state).receive(Pushing().post(CALL))
    assert [key for key in state.values if key.startswith("call:")]


async def test_a_callback_that_cannot_be_kept_is_not_acknowledged() -> None:
    class Full(MemoryState):
        async def put(self, key: str, value: str, ttl: object = None) -> None:
            raise DatabaseBusy("locked")

    request: WebhookRequest = Pushing().post(CALL)
    with pytest.raises(DatabaseBusy):
        await channel(state=Full()).receive(request)


def test_a_key_of_another_length_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsWrong):
        channel(replace(ACCOUNT, aes_key="short"))


def test_no_secret_shows_in_the_account() -> None:
    account = replace(ACCOUNT, secret="app-secret", contact_secret="contact-secret", robot_key="robot-key")
    assert not [word for word in ("app-secret", "contact-secret", "robot-key", AES_KEY) if word in repr(account)]
