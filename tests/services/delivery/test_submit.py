"""Submitting: one row for ever, rendered and judged at once where it is part of a dialogue."""

from datetime import timedelta

import pytest

from bot.channels.base import Capabilities, Unit, Window
from bot.messages import Option
from bot.vocabulary import ChannelKind, DeliveryState, Locale, Purpose
from services.delivery import submit
from services.delivery.submission import Route, ToClient
from storage.models import ChatAccountRow, ClientRow
from tests.services.delivery.office import NOON, PLAIN, Accounts, Office, chat, opened
from tests.services.delivery.wishes import notice, reply

CLOSED = Capabilities(longest_text=100, unit=Unit.BYTES, personal_data_allowed=False)
WINDOWED = Capabilities(longest_text=100, unit=Unit.BYTES, window=Window(timedelta(hours=48), 5))
BUTTONS = Capabilities(longest_text=100, unit=Unit.BYTES, buttons=8)


async def test_a_key_is_known_for_ever(office: Office) -> None:
    await office.clients()
    first = await office.submit(reply(1))
    second = await office.submit(reply(1, parameters={"body": "别的", "footer": ""}))
    assert (first.new, second.new) == (True, False)
    assert (second.delivery_id, second.text, second.state) == (first.delivery_id, "您好", DeliveryState.PENDING)


@pytest.mark.parametrize(
    ("route", "state", "heard"),
    [
        (Route.PUMP, DeliveryState.PENDING, [("deliver", "1"), ("conversation", "1")]),
        (Route.PASSIVE, DeliveryState.SENDING, [("conversation", "1")]),
        (Route.DIRECT, DeliveryState.SENT, [("conversation", "1")]),
    ],
)
async def test_a_reply_is_rendered_at_once_and_takes_its_route(
    office: Office, route: Route, state: DeliveryState, heard: list[tuple[str, str]]
) -> None:
    await office.clients()
    done = await office.submit(reply(1), route)
    await office.drain()
    assert (done.text, done.state) == ("您好", state)
    assert office.signals[:2] == heard[:2]
    assert len(office.ledger().sent) == (route is Route.PUMP)


async def test_a_passive_reply_is_settled_once(office: Office) -> None:
    await office.clients()
    for key in ("a", "b", "c"):
        await office.submit(reply(1, key), Route.PASSIVE)
    settled = [
        await office.database.write(lambda unit: submit.confirm(unit, [1], NOON)),
        await office.database.write(lambda unit: submit.repump(unit, [1, 2], NOON)),
        await office.database.write(lambda unit: submit.fail_passive(unit, [1, 2, 3], NOON)),
    ]
    await office.drain()
    assert settled == [[1], [2], [3]]
    assert [row.state for row in await office.rows()] == [
        DeliveryState.SENT,
        DeliveryState.SENT,
        DeliveryState.UNCERTAIN,
    ]
    assert [sent.delivery_id for sent in office.ledger().sent] == [2]


async def test_options_become_buttons_or_a_numbered_list(database_url: str) -> None:
    accounts: Accounts = {(ChannelKind.WECHAT, "main"): PLAIN, (ChannelKind.TELEGRAM, "main"): BUTTONS}
    options = (Option("a", "开户"), Option("b", "销户"))
    with opened(database_url, accounts) as office:
        await office.clients(kind=ChannelKind.WECHAT)
        await office.clients(kind=ChannelKind.TELEGRAM)
        for number in (1, 2):
            wanted = reply(number, f"r{number}", options=options)
            await office.submit(wanted)
        await office.drain(ChannelKind.WECHAT)
        await office.drain(ChannelKind.TELEGRAM)
        (listed,), (drawn,) = (office.ledger(kind).sent for kind, _ in accounts)
    assert [len(listed.text.splitlines()), len(drawn.text.splitlines())] == [3, 1]
    assert [len(listed.options), len(drawn.options)] == [0, 2]


async def test_forbidden_wording_is_suppressed_but_the_clients_own_words_are_not(office: Office) -> None:
    await office.clients()
    boast = {"body": "本产品保本保收益，稳赚不赔。", "footer": ""}
    said = await office.submit(reply(1, "a", parameters=boast))
    quoted = reply(1, "b", parameters=boast, quoted=frozenset({"body"}))
    repeated = await office.submit(quoted)
    assert (said.state, said.rule) == (DeliveryState.SUPPRESSED, "forbidden_words")
    assert repeated.state is DeliveryState.PENDING


async def test_a_reply_behind_a_shut_window_waits_unless_it_is_passive(database_url: str) -> None:
    with opened(database_url, {(ChannelKind.WECHAT, "main"): WINDOWED}) as office:
        await office.clients(kind=ChannelKind.WECHAT)
        office.clock.move(timedelta(hours=49))
        pumped = await office.submit(reply(1, "a"))
        passive = await office.submit(reply(1, "b"), Route.PASSIVE)
    assert (pumped.state, pumped.rule, pumped.text) == (DeliveryState.PENDING, "window", "您好")
    assert passive.state is DeliveryState.SENDING


async def test_a_client_without_a_chat_is_unreachable(office: Office) -> None:
    (client,) = await office.clients()
    await office.change(ChatAccountRow, 1, gone_at=NOON)
    done = await office.submit(notice(client))
    assert (done.state, done.rule) == (DeliveryState.SUPPRESSED, "unreachable")


ALL: Accounts = {
    (ChannelKind.WECHAT, "main"): WINDOWED,
    (ChannelKind.TELEGRAM, "main"): CLOSED,
    (ChannelKind.RECORDING, "main"): PLAIN,
}


@pytest.mark.parametrize(
    ("preferred", "hours", "personal", "chosen"),
    [
        (None, 0, frozenset(), "wechat"),
        ("recording", 0, frozenset(), "recording"),
        (None, 49, frozenset(), "telegram"),
        ("wechat", 49, frozenset(), "telegram"),
        ("telegram", 0, frozenset({"body"}), "wechat"),
        ("telegram", 49, frozenset({"body"}), "recording"),
    ],
)
async def test_the_chat_is_open_allowed_preferred_and_then_in_our_order(
    database_url: str, preferred: str | None, hours: int, personal: frozenset[str], chosen: str
) -> None:
    with opened(database_url, ALL) as office:
        (client,) = await office.clients(kind=ChannelKind.WECHAT)
        await office.database.write(lambda unit: chat(unit, client, ChannelKind.TELEGRAM, NOON))
        await office.database.write(lambda unit: chat(unit, client, ChannelKind.RECORDING, NOON))
        await office.change(ClientRow, client, preferred_channel=preferred)
        office.clock.move(timedelta(hours=hours))
        wanted = notice(client, personal=personal)
        await office.submit(wanted)
        assert (await office.row()).channel == chosen


async def test_an_update_to_a_client_outside_a_conversation_is_rendered_in_their_language(office: Office) -> None:
    (client,) = await office.clients(locale=Locale.EN)
    update = notice(client, purpose=Purpose.TICKET_UPDATE, text_key="system_busy", parameters={"phone": "12345"})
    done = await office.submit(update)
    assert done.text.isascii()
    assert update.to == ToClient(client)
