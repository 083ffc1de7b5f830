"""Scanning the code of a salon."""

from datetime import timedelta

import pytest

from bot.vocabulary import ChannelKind, EventKind, Locale, Owner, TicketKind
from storage.repositories import conversations
from storage.repositories import tickets as rows
from tests.handlers.rig import Branch, Chat


async def wish(chat: Chat) -> tuple[Owner, TicketKind, str]:
    conversation = await chat.branch.read(lambda unit: conversations.by_id(unit, chat.conversation_id))
    assert conversation is not None
    ticket = await chat.branch.read(lambda unit: rows.by_id(unit, conversation.ticket_id or 0))
    assert ticket is not None
    return conversation.owner, ticket.kind, ticket.summary


@pytest.mark.parametrize(
    ("channel", "kind", "scene"),
    [
        (ChannelKind.WECHAT, EventKind.FOLLOWED, "qrscene_salon_退休理财讲座"),
        (ChannelKind.WECHAT, EventKind.SCANNED, "salon_退休理财讲座"),
        (ChannelKind.TELEGRAM, EventKind.SCANNED, "salon_2026-12"),
    ],
)
async def test_who_scans_signs_up_and_staff_see_it(
    branch: Branch, channel: ChannelKind, kind: EventKind, scene: str
) -> None:
    chat, occasion = await branch.chat(channel), scene.partition("salon_")[2]
    said = await chat.happens(kind, scene)
    assert (said.keys, said.options) == (["salon_invited"], ["sign_up", "menu"])
    assert occasion in str(said)
    signed = await chat.pick("sign_up")
    assert signed.keys == ["salon_signed_up"]
    assert occasion in str(signed)
    assert await wish(chat) == (Owner.WAITING, TicketKind.INQUIRY, f"报名：{occasion}")


async def test_the_wish_stands_in_the_client_s_language(branch: Branch) -> None:
    chat = await branch.chat(ChannelKind.TELEGRAM, Locale.EN)
    await chat.happens(EventKind.SCANNED, "salon_2026-12")
    await chat.pick("sign_up")
    assert await wish(chat) == (Owner.WAITING, TicketKind.INQUIRY, "Sign-up: 2026-12")


async def test_a_button_pressed_much_later_says_so(branch: Branch) -> None:
    chat = await branch.chat(ChannelKind.WECHAT)
    await chat.happens(EventKind.SCANNED, "salon_2026-12")
    branch.clock.move(timedelta(hours=2))
    assert (await chat.pick("sign_up")).keys == ["option_stale"]


async def test_a_code_without_a_name_invites_to_nothing(branch: Branch) -> None:
    assert (await (await branch.chat()).happens(EventKind.SCANNED, "salon_")).keys == []
