"""Telegram is told how updates are to come and which commands there are, as soon as it can be reached."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.channels.base import MemoryState
from bot.channels.telegram import (
    Command,
    Pace,
    PollingTelegramChannel,
    TelegramAccount,
    TelegramChannel,
    telegram_channel,
)
from bot.vocabulary import Locale
from tests.channels.kit_telegram import NOBODY, PATIENCE, SECRET
from tests.channels.waiting import until
from tests.doubles.faults import Answer, Fault, HangUp
from tests.doubles.hook import Hook
from tests.doubles.server import running
from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.doubles.telegram.feed import Webhook

COMMANDS = (
    Command("help", {Locale.ZH_CN: "使用帮助", Locale.EN: "What I can do"}, "help"),
    Command("person", {Locale.ZH_CN: "转人工", Locale.EN: "A person"}, "person"),
)
SCOPE = "all_private_chats"
QUICK = Pace(long_poll=1, retry=0.01, first_pause=0.01, longest_pause=0.02)


@pytest_asyncio.fixture
async def double() -> AsyncIterator[TelegramDouble]:
    async with running(TelegramDouble()) as served:
        yield served


def account(double: TelegramDouble) -> TelegramAccount:
    return TelegramAccount(TOKEN, api_root=double.root, commands=COMMANDS, patience=PATIENCE, pace=QUICK)


async def called(double: TelegramDouble, method: str, times: int) -> None:
    """Wait until a method has been called so often."""
    await until(lambda: len(double.ledger.called(method)) >= times)


async def test_with_secret_and_address_a_webhook_is_set(double: TelegramDouble) -> None:
    async with running(Hook()) as hook:
        hooked = replace(account(double), secret_token=SECRET, public_url=f"{hook.root}/", name="second")
        channel = telegram_channel(hooked, MemoryState())
        assert type(channel) is TelegramChannel
        assert [route.methods for route in channel.routes()] == [("POST",)]
        await channel.open()
        await channel.prepared.wait()
        assert double.feed.webhook.url == f"{hook.root}/hooks/telegram/second"
        assert double.feed.webhook.secret == SECRET
        await channel.close()


@pytest.mark.parametrize(("secret", "url"), [(None, "https://branch.example"), (SECRET, None), (None, None)])
async def test_else_updates_are_asked_for_and_an_old_webhook_is_removed(
    double: TelegramDouble, secret: str | None, url: str | None
) -> None:
    double.feed.webhook = Webhook("http://127.0.0.1:1/old")
    channel = telegram_channel(replace(account(double), secret_token=secret, public_url=url), MemoryState())
    assert isinstance(channel, PollingTelegramChannel)
    assert list(channel.routes()) == []
    await channel.open()
    await channel.prepared.wait()
    assert double.feed.webhook.url == ""
    await channel.close()


async def test_commands_are_shown_in_chinese_and_to_others_in_english(double: TelegramDouble) -> None:
    channel = telegram_channel(account(double), MemoryState())
    await channel.open()
    await called(double, "setMyCommands", 2)
    shown = {
        key: [(line["command"], line["description"]) for line in lines]
        for key, lines in double.state.bot.commands.items()
    }
    assert shown == {
        (SCOPE, "zh"): [("help", "使用帮助"), ("person", "转人工")],
        (SCOPE, ""): [("help", "What I can do"), ("person", "A person")],
    }
    await channel.close()


async def test_a_platform_out_of_reach_is_no_error_and_is_tried_again(
    double: TelegramDouble, caplog: pytest.LogCaptureFixture
) -> None:
    double.faults.add(Fault(HangUp(), "deleteWebhook", times=2), Fault(Answer(200, "{}"), "deleteWebhook"))
    double.faults.add(Fault(HangUp(), "setMyCommands"))
    channel = telegram_channel(account(double), MemoryState())
    await channel.open()
    await called(double, "setMyCommands", 3)
    assert len(double.ledger.called("deleteWebhook")) == 4
    assert "telegram/main: not prepared" in caplog.text
    await channel.close()


async def test_a_refused_token_is_said_and_ends_nothing(
    double: TelegramDouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    channel = telegram_channel(replace(account(double), token="7:wrong"), MemoryState())
    await channel.open()
    await until(lambda: "token or address of the Bot API refused" in caplog.text)
    assert "7:wrong" not in caplog.text
    await channel.close()


async def test_closing_ends_the_waiting_at_once(double: TelegramDouble) -> None:
    patient = Pace(first_pause=3600.0, longest_pause=3600.0)
    channel = telegram_channel(replace(account(double), api_root=NOBODY, pace=patient), MemoryState())
    await channel.open()
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await channel.close()
