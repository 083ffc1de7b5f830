"""What the client gets, and what every error of the Bot API means for the delivery."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.channels.base import MemoryState, Typist
from bot.channels.telegram import Patience, TelegramAccount, TelegramChannel
from bot.clock import MovableClock
from bot.errors import (
    ContentRefused,
    DatabaseBusy,
    OutcomeUnknown,
    RecipientGone,
    SendError,
    Throttled,
    TryLater,
)
from bot.messages import SHARE_PHONE, Card, Document, Outgoing, Picture, ShownOption
from bot.vocabulary import Addressee, ChannelKind
from tests.channels.kit_telegram import CHAT, PATIENCE
from tests.doubles.faults import Delay, Fault, HangUp, flood, http_error
from tests.doubles.server import running
from tests.doubles.telegram import TOKEN, TelegramDouble

SEND = "sendMessage"
LONG = "市场有风险，投资需谨慎。" * 900


@dataclass
class Stage:
    """The double and the channel that speaks to it."""

    double: TelegramDouble
    channel: TelegramChannel

    async def send(self, text: str = "hello", *options: ShownOption, key: str = "delivery:1") -> tuple[str, ...]:
        to = Addressee(ChannelKind.TELEGRAM, "main", str(CHAT))
        return (await self.channel.send(Outgoing(1, to, text, options, key))).platform_message_ids

    @property
    def got(self) -> list[str]:
        return self.double.ledger.texts(CHAT)


@pytest_asyncio.fixture
async def stage(clock: MovableClock) -> AsyncIterator[Stage]:
    async with running(TelegramDouble(clock)) as double:
        double.state.chat(CHAT).started = True
        double.rates.enabled = False
        channel = TelegramChannel(TelegramAccount(TOKEN, api_root=double.root, patience=PATIENCE), MemoryState())
        yield Stage(double, channel)
        await channel.close()


async def test_no_free_connection_means_never_sent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.telegram.request.CONNECTIONS", 1)
    stage.double.faults.add(Fault(Delay(5.0), SEND, recipient=str(CHAT)))
    account = TelegramAccount(TOKEN, api_root=stage.double.root, patience=Patience(connect=0.2, read=0.6))
    narrow = TelegramChannel(account, MemoryState())
    first = Outgoing(1, Addressee(ChannelKind.TELEGRAM, "main", str(CHAT)), "a")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_outcome(narrow, first)) for _ in range(2)]
    assert sorted(task.result() for task in tasks) == ["OutcomeUnknown", "TryLater"]
    await narrow.close()


async def _outcome(channel: TelegramChannel, outgoing: Outgoing) -> str:
    with pytest.raises(SendError) as caught:
        await channel.send(outgoing)
    return type(caught.value).__name__


async def test_buttons_stand_under_the_last_part(stage: Stage) -> None:
    ids = await stage.send(LONG, ShownOption("faq:12", "开盘时间"), ShownOption("person", "转人工"))
    entries = stage.double.ledger.of(CHAT)
    assert [bool(entry.buttons) for entry in entries] == [False, False, True]
    assert [(button.label, button.data) for button in entries[-1].buttons] == [
        ("开盘时间", "faq:12"),
        ("转人工", "person"),
    ]
    assert ids == tuple(entry.parcel.message_id for entry in entries)


async def test_the_button_that_shares_one_s_number_stands_where_the_letters_are(stage: Stage) -> None:
    await stage.send("Who are you?", ShownOption(SHARE_PHONE.value, "Share my number"))
    [call] = stage.double.ledger.called(SEND)
    assert stage.double.state.keyboards[CHAT] == {
        "keyboard": [[{"text": "Share my number", "request_contact": True}]],
        "one_time_keyboard": True,
        "resize_keyboard": True,
    }
    assert call.answer is not None
    assert [button.label for button in stage.double.ledger.of(CHAT)[0].buttons] == ["Share my number"]


@pytest.mark.parametrize("value", ["", "x" * 65, "字" * 22])
async def test_a_value_no_button_can_hold_is_refused_before_anything_goes_out(stage: Stage, value: str) -> None:
    with pytest.raises(ContentRefused):
        await stage.send("Which?", ShownOption("fits", "Fits"), ShownOption(value, "Does not"))
    assert stage.double.ledger.calls == []


async def test_a_value_of_64_bytes_fits(stage: Stage) -> None:
    await stage.send("Which?", ShownOption("字" * 21 + "x", "One"))
    assert stage.got == ["Which?"]


async def test_words_that_look_like_markup_arrive_as_written(stage: Stage) -> None:
    await stage.send("<b>9:30</b> &amp; <i>15:00</i>")
    assert stage.got == ["<b>9:30</b> &amp; <i>15:00</i>"]
    assert len(stage.double.ledger.called(SEND)) == 1


async def test_after_a_pause_the_rest_goes_out_and_no_part_twice(stage: Stage) -> None:
    stage.double.faults.add(Fault(flood(2), SEND, skip=1))
    with pytest.raises(Throttled) as caught:
        await stage.send(LONG)
    assert caught.value.begun
    ids = await stage.send(LONG)
    assert "".join(stage.got) == LONG
    assert ids == tuple(entry.parcel.message_id for entry in stage.double.ledger.of(CHAT))


async def test_without_a_key_a_half_sent_text_is_of_unknown_outcome(stage: Stage) -> None:
    stage.double.faults.add(Fault(flood(2), SEND, skip=1))
    with pytest.raises(OutcomeUnknown):
        await stage.send(LONG, key="")
    assert len(stage.got) == 1


async def test_a_pause_before_the_first_part_is_only_a_pause(stage: Stage) -> None:
    stage.double.faults.add(Fault(flood(2), SEND))
    with pytest.raises(Throttled) as caught:
        await stage.send(LONG, key="")
    assert (stage.got, caught.value.begun) == ([], False)


@pytest.mark.parametrize(("rate", "sent", "charged"), [(None, 30, 0), (1000, 40, 10)])
async def test_only_who_pays_gets_more_than_thirty_at_once(
    stage: Stage, rate: int | None, sent: int, charged: int
) -> None:
    stage.double.rates.enabled = stage.double.state.open_door = True
    channel = TelegramChannel(TelegramAccount(TOKEN, api_root=stage.double.root, paid_rate=rate), MemoryState())
    assert channel.capabilities.rate.account == (rate or 30)
    chats = [Addressee(ChannelKind.TELEGRAM, "main", str(CHAT + number)) for number in range(1, 41)]
    answers = await asyncio.gather(*(channel.send(Outgoing(1, to, "hi")) for to in chats), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Throttled)]
    assert (len(answers) - len(refused), stage.double.rates.paid) == (sent, charged)
    await channel.close()


async def test_pictures_and_files_follow_their_words_where_the_branch_allows_it(stage: Stage) -> None:
    assert stage.channel.capabilities.media == frozenset()
    account = TelegramAccount(TOKEN, api_root=stage.double.root, patience=PATIENCE, files=True)
    channel = TelegramChannel(account, MemoryState())
    assert channel.capabilities.media == {"image", "file"}
    to = Addressee(ChannelKind.TELEGRAM, "main", str(CHAT))
    enclosed = (Picture(b"\xff\xd8"), Document(b"%PDF-1.4", "12.pdf"))
    wanted = Outgoing(1, to, "see", idempotency_key="delivery:1", enclosed=enclosed)
    stage.double.faults.add(Fault(flood(2), "sendDocument"))
    with pytest.raises(Throttled):
        await channel.send(wanted)
    receipt = await channel.send(wanted)
    assert (stage.got, len(receipt.platform_message_ids)) == (["see", "picture.jpg", "12.pdf"], 3)
    with pytest.raises(ContentRefused):
        await channel.send(Outgoing(2, to, "", enclosed=(Card("a", "https://a.example"),)))
    stage.double.client(CHAT).block()
    with pytest.raises(RecipientGone):
        await channel.send(Outgoing(3, to, "", enclosed=enclosed[:1]))
    await channel.close()


async def test_one_picture_for_many_is_handed_over_once(stage: Stage) -> None:
    to = Addressee(ChannelKind.TELEGRAM, "main", str(CHAT))
    for number in range(4):
        if number == 2:
            stage.double.state.shown.clear()  # what the platform forgot is handed over anew
        await stage.channel.send(Outgoing(number, to, "see", enclosed=(Picture(b"\xff\xd8"),)))
    answers = [call.answer for call in stage.double.ledger.called("sendPhoto")]
    assert stage.got == ["see", "picture.jpg"] * 4
    assert [answer.status for answer in answers if answer] == [200, 200, 400, 200, 200]


class BrokenState(MemoryState):
    """A database that is gone: for reading, or for writing alone."""

    broken = "get"

    async def get(self, key: str) -> str | None:
        if self.broken == "get":
            raise DatabaseBusy("gone")
        return await super().get(key)

    async def put(self, key: str, value: str, ttl: timedelta | None = None) -> None:
        raise DatabaseBusy("gone")


@pytest.mark.parametrize(("broken", "outcome", "arrived"), [("get", TryLater, 0), ("put", OutcomeUnknown, 1)])
async def test_a_database_that_is_gone_repeats_nothing(
    stage: Stage, broken: str, outcome: type[Exception], arrived: int
) -> None:
    state = BrokenState()
    state.broken = broken
    stage.double.faults.add(Fault(flood(2), SEND, skip=1))
    channel = TelegramChannel(TelegramAccount(TOKEN, api_root=stage.double.root, patience=PATIENCE), state)
    to = Addressee(ChannelKind.TELEGRAM, "main", str(CHAT))
    with pytest.raises(outcome):
        await channel.send(Outgoing(1, to, LONG, idempotency_key="delivery:1"))
    await channel.send(Outgoing(2, to, "see", enclosed=(Picture(b"\xff\xd8"),)))
    assert stage.got[arrived:] == ["see", "picture.jpg"]
    await channel.close()


async def test_typing_is_shown_and_is_never_an_error(stage: Stage) -> None:
    typist: Typist = stage.channel
    client = Addressee(ChannelKind.TELEGRAM, "main", str(CHAT))
    await typist.typing(client)
    for effect in (flood(3), http_error(), HangUp()):
        stage.double.faults.add(Fault(effect, "sendChatAction"))
        await typist.typing(client)
    stage.double.client(CHAT).block()
    await typist.typing(client)
    assert stage.double.state.actions == [(CHAT, "typing")]


async def test_everything_goes_through_the_proxy(stage: Stage) -> None:
    account = TelegramAccount(TOKEN, api_root="http://telegram.invalid", proxy=stage.double.root)
    channel = TelegramChannel(account, MemoryState())
    await channel.send(Outgoing(1, Addressee(ChannelKind.TELEGRAM, "main", str(CHAT)), "hello"))
    assert stage.got == ["hello"]
    await channel.close()
