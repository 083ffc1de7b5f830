"""What a conversation is about: kept with the turn that says so, and handed to what makes sense of the next ones."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.dispatcher import Dispatcher
from bot.messages import Option, Topic, say
from bot.vocabulary import Locale
from services.knowledge.outcome import Finding, Outcome
from storage.repositories import ownership
from tests.bot.stand import Stand, standing, wrote

OPENING = Topic("怎么开户", ("acct-open-how",), given=True, shown=("acct-open-how",))
LISTED = Topic("转账", ("in", "out"), given=False, shown=("in", "out"))
OPTIONS = (Option("faq:in", label="转入"), Option("faq:out", label="转出"))


@pytest.fixture
async def stand(database_url: str) -> AsyncIterator[Stand]:
    async with standing(database_url) as ready:
        yield ready


async def talk(dispatcher: Dispatcher, *texts: str, first: int = 0) -> None:
    for number, text in enumerate(texts, first):
        await dispatcher.take([wrote(text, f"m{number}")])
        await dispatcher.idle()


@pytest.mark.parametrize("options", [(), OPTIONS])
@pytest.mark.parametrize("topic", [OPENING, LISTED])
async def test_a_reply_s_topic_is_the_next_turns(stand: Stand, topic: Topic, options: tuple[Option, ...]) -> None:
    told = say("echo", text="x", options=options)
    stand.script.answer = lambda turn: (replace(told, topic=topic if turn.text == "怎么开户" else None),)
    await talk(stand.dispatcher(), "怎么开户", "谢谢", "要多少钱", "还有呢")
    assert [turn.topic for turn in stand.script.turns] == [None, topic, topic, None]


async def test_a_topic_of_the_same_conversation_takes_the_former_s_place(stand: Stand) -> None:
    stand.script.answer = lambda turn: (
        replace(say("echo", text="x"), topic=OPENING if turn.text == "一" else LISTED if turn.text == "二" else None),
    )
    await talk(stand.dispatcher(), "一", "二", "三", "四", "五")
    assert [turn.topic for turn in stand.script.turns] == [None, OPENING, LISTED, LISTED, None]


@pytest.mark.parametrize(("minutes", "holds"), [(10, True), (11, False)])
async def test_a_topic_holds_for_ten_minutes(stand: Stand, minutes: int, holds: bool) -> None:
    stand.script.answer = lambda turn: (replace(say("echo", text="x"), topic=OPENING),)
    dispatcher = stand.dispatcher()
    await talk(dispatcher, "怎么开户")
    stand.clock.move(timedelta(minutes=minutes))
    await talk(dispatcher, "要多少钱", first=1)
    assert stand.script.turns[-1].topic == (OPENING if holds else None)


@pytest.mark.parametrize(("hours", "holds"), [(24, True), (25, False)])
async def test_what_a_person_handed_back_holds_for_a_day_and_two_turns(stand: Stand, hours: int, holds: bool) -> None:
    handed = replace(OPENING, handed=True)
    dispatcher = stand.dispatcher()
    await talk(dispatcher, "你好")
    now = stand.clock.now()
    await stand.database.write(lambda unit: ownership.dwell(unit, 1, handed, now))
    stand.clock.move(timedelta(hours=hours))
    await talk(dispatcher, "一", "二", "三", first=1)
    assert [turn.topic for turn in stand.script.turns[1:]] == ([handed, handed, None] if holds else [None] * 3)


async def test_what_makes_sense_of_a_text_is_told_the_topic(stand: Stand) -> None:
    asked: list[tuple[str, Topic | None]] = []

    async def find(text: str, locale: Locale, topic: Topic | None) -> Finding:
        asked.append((text, topic))
        return Finding(Outcome.UNKNOWN)

    stand.script.answer = lambda turn: (replace(say("echo", text="x"), topic=OPENING),)
    dispatcher = Dispatcher(replace(stand.dispatcher().parts, find=find))
    await talk(dispatcher, "怎么开户", "要多少钱")
    assert asked == [("怎么开户", None), ("要多少钱", OPENING)]
