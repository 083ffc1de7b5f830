"""Turns: in order, one at a time per conversation, never lost, never doubled."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.dispatcher.typing import Typing
from bot.errors import Conflict, RequestStale
from bot.messages import Event, Incoming, Option, Reply, say
from bot.routing import Outcome, Said, Turn
from bot.vocabulary import Addressee, AnswerKind, ChannelKind, ClientState, EventKind, Locale, MessageKind, Owner
from storage.models import ChatAccountRow, ClientRow, ConversationRow, DeliveryRow
from storage.repositories import conversations, ownership
from storage.unit import Unit
from tests.bot.stand import Stand, standing, wrote
from tests.channels.waiting import until
from tests.services.rights.people import enrolled

CHAT = Addressee(ChannelKind.WECHAT, "main", "client-1")
LIST = (Option("open", label="开户"), Option("fee", label="佣金"))


@pytest.fixture
async def stand(database_url: str) -> AsyncIterator[Stand]:
    async with standing(database_url) as ready:
        yield ready


def failing(times: int, error: Exception) -> Callable[[Turn], Outcome]:
    """An answer that breaks so many times before it comes."""
    left = [times]

    def answer(turn: Turn) -> Outcome:
        left[0] -= 1
        if left[0] >= 0:
            raise error
        return (say("echo", text=turn.text),)

    return answer


async def own(stand: Stand, owner: Owner) -> None:
    """Give every conversation to somebody."""
    await stand.database.write(lambda unit: unit.session.execute(update(ConversationRow).values(owner=owner)) and None)


async def test_a_message_is_stored_answered_and_done(stand: Stand) -> None:
    dispatcher = stand.dispatcher()
    await dispatcher.take([wrote("几点开盘")])
    await dispatcher.idle()
    assert await stand.inbox() == [("handled", "几点开盘")]
    assert await stand.said() == [("pending", "几点开盘")]


async def test_a_repeated_push_is_one_row_and_one_reply(stand: Stand) -> None:
    dispatcher = stand.dispatcher()
    first = await dispatcher.take([wrote("几点开盘")])
    again = await dispatcher.take([wrote("几点开盘")])
    await dispatcher.idle()
    assert (first[0].inbox_id, False) == (again[0].inbox_id, again[0].new)
    assert len(await stand.said()) == 1


async def test_a_key_with_another_message_is_refused_and_nothing_stored(stand: Stand) -> None:
    dispatcher = stand.dispatcher()
    await dispatcher.take([wrote("first", "m1")], "1-nonce")
    await dispatcher.take([wrote("first", "m1")], "1-nonce")
    with pytest.raises(RequestStale):
        await dispatcher.take([wrote("second", "m2", sender="client-2")], "1-nonce")
    await dispatcher.idle()
    assert await stand.inbox() == [("handled", "first")]
    assert await stand.database.read(lambda unit: unit.session.query(ChatAccountRow).count()) == 1


async def test_messages_of_one_client_are_answered_in_order(stand: Stand) -> None:
    dispatcher = stand.dispatcher()
    stand.script.gate.clear()
    await asyncio.gather(*(dispatcher.take([wrote(str(n), f"m{n}")]) for n in range(5)))
    stand.script.gate.set()
    await dispatcher.idle()
    stored = [text for _, text in await stand.inbox()]
    assert [turn.text for turn in stand.script.turns] == stored
    assert [text for _, text in await stand.said()] == stored


async def test_each_open_request_of_one_client_gets_its_own_reply(stand: Stand) -> None:
    dispatcher = stand.dispatcher()

    async def asked(number: int) -> Said | None:
        stored = await dispatcher.take([wrote(str(number), f"m{number}")], None, 5.0, waits=True)
        return await dispatcher.passive_reply(stored[0], 5.0)

    said = await asyncio.gather(*(asked(number) for number in range(5)))
    assert [one.texts if one else None for one in said] == [(str(number),) for number in range(5)]
    assert {state for state, _ in await stand.said()} == {"sending"}


async def test_who_waits_for_the_end_of_a_turn_hears_of_it_however_soon_it_comes(stand: Stand) -> None:
    dispatcher = stand.dispatcher()
    stored = await dispatcher.take([wrote("几点开盘")], None, 5.0, waits=True)
    await dispatcher.idle()
    assert await dispatcher.finished(stored[0], 5.0)


async def test_conversations_run_side_by_side(stand: Stand) -> None:
    meeting = asyncio.Barrier(2)

    async def meet(turn: Turn, services: object) -> Outcome:
        await meeting.wait()
        return (say("echo", text=turn.text),)

    dispatcher = stand.dispatcher(handler=meet)
    await dispatcher.take([wrote("a", "m1", sender="client-1"), wrote("b", "m2", sender="client-2")])
    await dispatcher.idle()
    assert sorted(text for _, text in await stand.said()) == ["a", "b"]


async def test_a_client_sees_that_an_answer_is_written_until_it_is(stand: Stand) -> None:
    seen = list[Addressee]()

    async def show(to: Addressee) -> None:
        seen.append(to)

    dispatcher = stand.dispatcher(typing=Typing(show, soon=0.01, again=0.01))
    stand.script.gate.clear()
    await dispatcher.take([wrote("几点开盘")])
    await until(lambda: len(seen) >= 3)
    stand.script.gate.set()
    await dispatcher.idle()
    assert {to.address for to in seen} == {"client-1"}
    assert await stand.said() == [("pending", "几点开盘")]


async def test_a_quick_answer_is_not_announced(stand: Stand) -> None:
    seen = list[Addressee]()

    async def show(to: Addressee) -> None:
        seen.append(to)

    dispatcher = stand.dispatcher(typing=Typing(show, soon=60))
    await dispatcher.take([wrote("几点开盘")])
    await dispatcher.idle()
    assert seen == []


async def test_two_processes_never_work_on_one_conversation_at_once(stand: Stand) -> None:
    running: list[int] = []

    async def alone(turn: Turn, services: object) -> Outcome:
        running.append(turn.inbox_id)
        await asyncio.sleep(0)
        assert running == [turn.inbox_id]
        running.remove(turn.inbox_id)
        return (say("echo", text=turn.text),)

    one, two = stand.dispatcher("one", alone), stand.dispatcher("two", alone)
    await asyncio.gather(*((one, two)[n % 2].take([wrote(str(n), f"m{n}")]) for n in range(8)))
    await asyncio.gather(one.idle(), two.idle())
    assert [text for _, text in await stand.said()] == [text for _, text in await stand.inbox()]
    assert len(await stand.said()) == 8


async def test_what_a_dead_process_left_is_answered_once_by_the_next(stand: Stand) -> None:
    dead = stand.dispatcher("dead")
    stand.script.gate.clear()
    await dead.take([wrote("几点开盘")])
    await dead.close(seconds=0)
    stand.script.gate.set()
    living = stand.dispatcher("living")
    await living.sweep()
    assert await stand.said() == []
    stand.clock.move(timedelta(seconds=31))
    await living.sweep()
    await living.sweep()
    await living.idle()
    assert await stand.said() == [("pending", "几点开盘")]


async def test_the_only_process_takes_up_at_once_what_it_left(stand: Stand) -> None:
    dead = stand.dispatcher("dead")
    stand.script.gate.clear()
    await dead.take([wrote("几点开盘")])
    await dead.close(seconds=0)
    stand.script.gate.set()
    living = stand.dispatcher("living")
    await living.start(alone=True)
    await living.idle()
    assert await stand.said() == [("pending", "几点开盘")]


async def test_a_process_that_lost_its_lease_writes_nothing(stand: Stand) -> None:
    slow, quick = stand.dispatcher("slow"), stand.dispatcher("quick")
    stand.script.gate.clear()
    await slow.take([wrote("几点开盘")])
    stand.clock.move(timedelta(seconds=31))
    await quick.sweep()
    stand.script.gate.set()
    await asyncio.gather(slow.idle(), quick.idle())
    assert len(stand.script.turns) == 2
    assert await stand.said() == [("pending", "几点开盘")]


async def test_a_turn_that_fails_twice_is_answered_at_the_third_try(stand: Stand) -> None:
    stand.script.answer = failing(2, ValueError("broken"))
    dispatcher = stand.dispatcher()
    await dispatcher.take([wrote("几点开盘")])
    await dispatcher.idle()
    assert await stand.said() == [("pending", "几点开盘")]


async def test_a_turn_that_keeps_failing_says_so_and_frees_the_way(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    stand.script.answer = failing(3, ValueError("my phone is 13800138000"))
    dispatcher = stand.dispatcher()
    with caplog.at_level(logging.ERROR):
        await dispatcher.take([wrote("first", "m1"), wrote("second", "m2")])
        await dispatcher.idle()
    assert await stand.inbox() == [("failed", "first"), ("handled", "second")]
    assert [text for _, text in await stand.said()] == ["system_busy", "second"]
    assert "given up" in caplog.text
    assert "13800138000" not in caplog.text


async def test_what_a_failing_act_wrote_does_not_stand(stand: Stand) -> None:
    def answer(turn: Turn) -> Outcome:
        def act(unit: Unit) -> list[Reply]:
            ownership.remember(unit, turn.conversation.id, "half", "done")
            raise ValueError("broken")

        return act

    stand.script.answer = answer
    dispatcher = stand.dispatcher()
    stored = await dispatcher.take([wrote("几点开盘")])
    await dispatcher.idle()
    after = await stand.database.read(lambda unit: conversations.by_id(unit, stored[0].conversation_id))
    assert after is not None
    assert after.dialog == {}


async def test_a_refusal_is_said_in_its_own_words(stand: Stand) -> None:
    stand.script.answer = failing(1, Conflict("bind_taken"))
    dispatcher = stand.dispatcher()
    await dispatcher.take([wrote("绑定 123456")])
    await dispatcher.idle()
    assert await stand.said() == [("pending", "bind_taken")]


async def test_the_bot_is_silent_while_a_person_answers(stand: Stand) -> None:
    dispatcher = stand.dispatcher()
    await dispatcher.take([wrote("人工", "m1")])
    await dispatcher.idle()
    await own(stand, Owner.STAFF)
    stored = await dispatcher.take([wrote("在吗", "m2")])
    await dispatcher.idle()
    assert stand.tickets.lines == [(stored[0].inbox_id, "在吗")]
    assert [text for _, text in await stand.said()] == ["人工"]


async def test_a_person_who_takes_over_during_a_turn_silences_it(stand: Stand) -> None:
    dispatcher = stand.dispatcher()
    stand.script.gate.clear()
    await dispatcher.take([wrote("转账不到账")])
    await own(stand, Owner.STAFF)
    stand.script.gate.set()
    await dispatcher.idle()
    assert [text for _, text in stand.tickets.lines] == ["转账不到账"]
    assert await stand.said() == []


async def offered(stand: Stand) -> None:
    """Let the bot offer a list."""
    stand.script.answer = lambda turn: (say("menu", options=LIST),)
    dispatcher = stand.dispatcher()
    await dispatcher.take([wrote("菜单", "m0")])
    await dispatcher.idle()


@pytest.mark.parametrize("text", ["2", "２", "2.", "②", "佣金"])
async def test_a_number_or_label_picks_from_the_last_list(stand: Stand, text: str) -> None:
    await offered(stand)
    dispatcher = stand.dispatcher()
    stand.clock.move(timedelta(minutes=30))
    await dispatcher.take([wrote(text)])
    await dispatcher.idle()
    assert (stand.script.turns[-1].choice, stand.script.turns[-1].stale) == ("fee", False)


@pytest.mark.parametrize(
    ("text", "choice", "minutes", "stale"),
    [
        ("2", None, 31, True),
        ("3", None, 0, True),
        ("", "fee", 31, True),
        ("", "gone", 0, True),
        ("2026", None, 0, False),
    ],
)
async def test_a_number_or_button_of_no_valid_list_is_stale(
    stand: Stand, text: str, choice: str | None, minutes: int, stale: bool
) -> None:
    await offered(stand)
    dispatcher = stand.dispatcher()
    stand.clock.move(timedelta(minutes=minutes))
    await dispatcher.take([wrote(text, choice=choice)])
    await dispatcher.idle()
    assert (stand.script.turns[-1].choice, stand.script.turns[-1].stale) == (None, stale)


async def test_language_follows_the_client_and_stays(stand: Stand) -> None:
    dispatcher = stand.dispatcher()
    for place, text in enumerate(["ok", "When does the market open?", "ok", "几点开盘", "600519"]):
        await dispatcher.take([wrote(text, f"m{place}")])
        await dispatcher.idle()
    spoken = [turn.locale for turn in stand.script.turns]
    assert spoken == [Locale.ZH_CN, Locale.EN, Locale.EN, Locale.ZH_CN, Locale.ZH_CN]


async def test_what_cannot_be_read_gets_a_turn_without_finding(stand: Stand) -> None:
    dispatcher = stand.dispatcher()
    await dispatcher.take([Incoming(CHAT, "m1", MessageKind.STICKER), wrote("\x00 \x07\n", "m2")])
    await dispatcher.idle()
    assert [(turn.text, turn.finding) for turn in stand.script.turns] == [("", None), ("", None)]


async def test_a_very_long_text_is_kept_whole(stand: Stand) -> None:
    long = "开盘😀]]>" * 20_000
    dispatcher = stand.dispatcher()
    await dispatcher.take([wrote(long)])
    await dispatcher.idle()
    assert (await stand.inbox())[0] == ("handled", long)
    assert stand.script.turns[0].text == long


async def test_following_and_leaving_mark_the_chat(stand: Stand) -> None:
    dispatcher = stand.dispatcher()
    await dispatcher.take([Event(CHAT, "e1", EventKind.FOLLOWED, locale=Locale.EN)])
    await dispatcher.take([Event(CHAT, "e2", EventKind.UNFOLLOWED)])
    await dispatcher.idle()
    chat = await stand.database.read(lambda unit: unit.session.query(ChatAccountRow).one())
    assert (chat.followed_at, chat.gone_at, chat.last_inbound_at) == (stand.clock.now(), stand.clock.now(), None)
    assert [turn.event and turn.event.kind for turn in stand.script.turns] == ["followed", "unfollowed"]
    await dispatcher.take([wrote("回来了")])
    await dispatcher.idle()
    chat = await stand.database.read(lambda unit: unit.session.query(ChatAccountRow).one())
    assert (chat.gone_at, chat.last_inbound_at) == (None, stand.clock.now())


async def test_what_a_reply_made_of_a_question_is_kept_with_it(stand: Stand) -> None:
    stand.script.answer = lambda turn: (Reply("answer", kind=AnswerKind.ANSWERED, entry_id="hours"), say("more"))
    dispatcher = stand.dispatcher()
    await dispatcher.take([wrote("几点开盘")])
    await dispatcher.idle()
    chosen = select(DeliveryRow.answer_kind, DeliveryRow.entry_id).order_by(DeliveryRow.id)
    kept = await stand.database.read(lambda unit: [tuple(row) for row in unit.session.execute(chosen)])
    assert kept == [(AnswerKind.ANSWERED, "hours"), (None, None)]


async def test_of_somebody_deceased_nothing_is_known_to_who_writes(stand: Stand) -> None:
    dispatcher = stand.dispatcher()
    await dispatcher.take([wrote("几点开盘")])
    await dispatcher.idle()

    def bind(unit: Unit, state: ClientState) -> None:
        if unit.session.get(ClientRow, 1) is None:
            enrolled(unit, "C1")
            unit.session.execute(update(ChatAccountRow).values(client_id=1))
        unit.session.execute(update(ClientRow).values(state=state))

    for state in (ClientState.NORMAL, ClientState.DECEASED):
        await stand.database.write(lambda unit, state=state: bind(unit, state))  # type: ignore[misc]
        await dispatcher.take([wrote("我的风险等级", state)])
        await dispatcher.idle()
    assert [turn.client and turn.client.number for turn in stand.script.turns] == [None, "C1", None]
