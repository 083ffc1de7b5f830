"""Every error of the Bot API, on the wire, leads to its outcome."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from bot.channels.base import MemoryState
from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.clock import MovableClock
from bot.messages import Outgoing
from bot.vocabulary import Addressee, ChannelKind
from tests.channels.kit_telegram import CHAT, NOBODY, PATIENCE
from tests.channels.settled import Fate, Outcome, fate, settle, slow
from tests.doubles.faults import Answer, Delay, Effect, Fault, HangUp, bot_refusal, flood, http_error, json_answer, junk
from tests.doubles.server import running
from tests.doubles.telegram import TOKEN, TelegramDouble

SEND = "sendMessage"
WORDS = "secret words: 1 < 2 & 3 > 2"
UNPARSABLE = bot_refusal(400, "Bad Request: can't parse entities: unsupported start tag")
O = Outcome  # noqa: E741 (a table's abbreviation)


@dataclass
class Stage:
    """The double and the channel that speaks to it."""

    double: TelegramDouble
    channel: TelegramChannel

    @property
    def outgoing(self) -> Outgoing:
        """A message for the one client."""
        return Outgoing(1, Addressee(ChannelKind.TELEGRAM, "main", str(CHAT)), WORDS, (), "delivery:1")


@pytest_asyncio.fixture
async def stage(clock: MovableClock) -> AsyncIterator[Stage]:
    async with running(TelegramDouble(clock)) as double:
        double.state.chat(CHAT).started = True
        double.rates.enabled = False
        channel = TelegramChannel(TelegramAccount(TOKEN, api_root=double.root, patience=PATIENCE), MemoryState())
        yield Stage(double, channel)
        await channel.close()


REFUSED: list[tuple[Effect, Outcome | Fate, str | None]] = [
    (flood(3), slow(3), "Throttled 429"),
    (flood(31), slow(31), "Throttled 429"),
    (bot_refusal(403, "Forbidden: bot was blocked by the user"), O.GONE, "RecipientGone 403"),
    (bot_refusal(403, "Forbidden: user is deactivated"), O.GONE, "RecipientGone 403"),
    (bot_refusal(403, "Forbidden: bot can't initiate conversation with a user"), O.GONE, "RecipientGone 403"),
    (replace(bot_refusal(403, "Forbidden: bot was blocked by the user"), status=200), O.GONE, "RecipientGone 403"),
    (bot_refusal(400, "Bad Request: chat not found"), O.GONE, "RecipientGone 400"),
    (bot_refusal(400, "Bad Request: message is too long"), O.CONTENT, "ContentRefused 400"),
    (bot_refusal(400, "Bad Request: message text is empty"), O.CONTENT, "ContentRefused 400"),
    (bot_refusal(400, "Bad Request: BUTTON_DATA_INVALID"), O.CONTENT, "ContentRefused 400"),
    (bot_refusal(400, "Bad Request: something new"), O.CONTENT, "ContentRefused 400"),
    (bot_refusal(401, "Unauthorized"), O.CONFIG, "ChannelStopped 401"),
    (bot_refusal(404, "Not Found"), O.CONFIG, "ChannelStopped 401"),
    (http_error(404), O.CONFIG, "ChannelStopped 401"),
    (bot_refusal(409, "Conflict: terminated by other getUpdates request"), O.CONFIG, "ChannelStopped 409"),
    (http_error(413), O.CONTENT, "ContentRefused 413"),
    (bot_refusal(413, "Request Entity Too Large"), O.CONTENT, "ContentRefused 413"),
    (http_error(500), O.UNKNOWN, "OutcomeUnknown network"),
    (http_error(502), O.UNKNOWN, "OutcomeUnknown network"),
    (bot_refusal(502, "Bad Gateway"), O.UNKNOWN, "OutcomeUnknown network"),
    (Answer(302), O.UNKNOWN, "OutcomeUnknown network"),
]


@pytest.mark.parametrize(("effect", "outcome", "told"), REFUSED)
async def test_what_the_platform_refuses(stage: Stage, effect: Effect, outcome: Outcome | Fate, told: str) -> None:
    stage.double.faults.add(Fault(effect, SEND))
    ending = await settle(stage.channel, stage.outgoing)
    assert fate(ending) == (outcome.value if isinstance(outcome, Outcome) else outcome)
    assert ending.result.error == told
    assert stage.double.ledger.texts(CHAT) == []
    assert len(stage.double.ledger.called(SEND)) <= 1


LOST: list[tuple[Effect, str]] = [
    (Delay(PATIENCE.read * 3), "timeout"),
    (HangUp(), "network"),
    (http_error(502), "network"),
    (junk(), "unreadable"),
    (Answer(200, "[]"), "unreadable"),
    (Answer(200, "[" * 100_000), "unreadable"),
    (Answer(200, '{"ok": false}'), "unreadable"),
    (json_answer({"ok": True}), "unreadable"),
    (json_answer({"ok": True, "result": {}}), "unreadable"),
    (json_answer({"ok": True, "result": "yes"}), "unreadable"),
    (json_answer({"ok": False, "parameters": [1]}, 400), "unreadable"),
]


@pytest.mark.parametrize(("effect", "code"), LOST)
async def test_what_arrives_without_an_answer_is_never_sent_again(stage: Stage, effect: Effect, code: str) -> None:
    stage.double.faults.add(Fault(effect, SEND, after=True))
    ending = await settle(stage.channel, stage.outgoing)
    assert fate(ending) == Outcome.UNKNOWN.value
    assert ending.result.error == f"OutcomeUnknown {code}"
    assert stage.double.ledger.texts(CHAT) == [WORDS]


async def test_what_the_platform_takes_is_sent(stage: Stage) -> None:
    ending = await settle(stage.channel, stage.outgoing)
    assert fate(ending) == Outcome.OK.value
    assert ending.result.platform_message_id == stage.double.ledger.of(CHAT)[0].parcel.message_id


async def test_what_cannot_be_parsed_goes_out_as_plain_text(stage: Stage) -> None:
    stage.double.faults.add(Fault(UNPARSABLE, SEND))
    assert fate(await settle(stage.channel, stage.outgoing)) == Outcome.OK.value
    assert stage.double.ledger.texts(CHAT) == [WORDS]


async def test_once_as_plain_text_is_enough(stage: Stage) -> None:
    stage.double.faults.add(Fault(UNPARSABLE, SEND, times=2))
    assert fate(await settle(stage.channel, stage.outgoing)) == Outcome.CONTENT.value


async def test_a_chat_that_moved_has_a_new_address_and_the_message(stage: Stage) -> None:
    stage.double.state.chat(CHAT).moved_to = -100777
    stage.double.state.chat(-100777).started = True
    ending = await settle(stage.channel, stage.outgoing)
    assert (fate(ending), ending.result.address) == (Outcome.OK.value, "-100777")
    assert stage.double.ledger.texts(-100777) == [WORDS]


@pytest.mark.parametrize("way", ["api_root", "proxy"])
async def test_who_was_never_reached_is_tried_later(stage: Stage, way: str) -> None:
    account = replace(TelegramAccount(TOKEN, api_root=stage.double.root), **{way: NOBODY})  # type: ignore[arg-type]
    channel = TelegramChannel(account, MemoryState())
    ending = await settle(channel, stage.outgoing)
    assert (fate(ending), ending.result.error) == (Outcome.LATER.value, "TryLater unreached")
    await channel.close()


async def test_no_error_repeats_the_words(stage: Stage) -> None:
    for effect, _, _ in REFUSED:
        stage.double.faults.add(Fault(effect, SEND))
        ending = await settle(stage.channel, stage.outgoing)
        assert WORDS not in repr(ending)
