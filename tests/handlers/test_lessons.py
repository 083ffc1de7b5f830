"""Investor education in a chat: courses, lessons, quizzes, and what is kept of them."""

from datetime import timedelta

import pytest

from bot.messages import Incoming
from bot.vocabulary import ChannelKind, Interest, Locale, MessageKind
from services import preferences
from services.lessons import library
from storage.repositories import lessons
from tests.handlers.rig import Branch, Chat, Said, numbers

LIBRARY = library.packaged()
FUNDS = LIBRARY.courses[1]


async def linked(branch: Branch, channel: ChannelKind = ChannelKind.WEBCHAT) -> tuple[Chat, int]:
    """A client's chat."""
    chat, client_id = await branch.chat(channel), await branch.client()
    await branch.own(chat, client_id)
    return chat, client_id


async def begun(chat: Chat, name: str = "fund-nav") -> Said:
    """Open a lesson of the course on funds."""
    await chat.say("投教")
    await chat.pick(f"course:{FUNDS.id}")
    return await chat.pick(f"lesson:{name}")


async def answer(chat: Chat, name: str = "fund-nav", wrong: int = 0) -> Said:
    """Answer the quiz, so many of its questions wrongly."""
    lesson, said = LIBRARY.lesson(name), Said((), [])
    assert lesson is not None
    for place, question in enumerate(lesson.quiz):
        others = [key for key in question.options if key != question.answer]
        key = others[0] if place < wrong else question.answer
        said = await chat.pick(f"quiz:{name}:{place}:{key}")
    return said


def pressed(chat: Chat, value: str) -> Incoming:
    """A button that may be an old one."""
    return Incoming(chat.addressee, f"p{next(numbers)}", MessageKind.CHOICE, choice=value)


async def scores(branch: Branch, client_id: int) -> dict[str, int]:
    kept = await branch.read(lambda unit: lessons.completed(unit, client_id))
    return {name: one.score for name, one in kept.items()}


async def test_a_client_reads_answers_and_is_offered_the_next(branch: Branch) -> None:
    chat, client_id = await linked(branch)
    shown = await chat.say("投教")
    assert shown.keys == ["lesson_menu"]
    assert "您已学完0课，共36课" in str(shown)
    assert [option.label for option in chat.options] == [course.title for course in LIBRARY.courses]
    read = await begun(chat)
    assert read.keys == ["lesson_delivered", "lesson_quiz"]
    assert all(words in read.texts[0] for words in (LIBRARY.of(FUNDS)[2].body, "要点：\n- ", "本内容为投资者教育"))
    assert "第1题，共3题" in read.texts[1]
    first = LIBRARY.of(FUNDS)[2].quiz[0]
    wrong = next(key for key in first.options if key != first.answer)
    said = await chat.pick(f"quiz:fund-nav:0:{wrong}")
    assert said.keys == ["lesson_quiz_wrong", "lesson_quiz"]
    assert f"正确答案是{first.options[first.answer]}" in str(said)
    assert await scores(branch, client_id) == {}
    await begun(chat)
    ended = await answer(chat, wrong=1)
    assert ended.keys == ["lesson_quiz_right", "lesson_next"]
    assert "答对2题，共3题。下一课：" in str(ended)
    assert ended.options == ["lesson:fund-etf", "course:fund-basics"]
    assert await scores(branch, client_id) == {"fund-nav": 2}
    await chat.pick("course:fund-basics")
    assert [option.label.startswith("（已学完）") for option in chat.options] == [
        False,
        False,
        True,
        False,
        False,
        False,
    ]


async def test_the_last_lesson_of_a_course_finishes_it(branch: Branch) -> None:
    chat, client_id = await linked(branch)
    await begun(chat, FUNDS.lessons[0])
    said = await answer(chat, FUNDS.lessons[0])
    for name in FUNDS.lessons[1:]:
        assert said.keys[-1] == "lesson_next"
        await chat.pick(f"lesson:{name}")
        said = await answer(chat, name)
    assert said.keys[-1] == "lesson_course_finished"
    assert await scores(branch, client_id) == dict.fromkeys(FUNDS.lessons, 3)


async def test_an_unlinked_visitor_may_read_and_nothing_is_kept(branch: Branch) -> None:
    chat = await branch.chat()
    assert (await chat.say("上课")).keys == ["lesson_menu_visitor"]
    await begun(chat, FUNDS.lessons[-1])
    said = await answer(chat, FUNDS.lessons[-1])
    assert said.keys[-1] == "lesson_last"
    assert said.options == ["lessons", "bind", "menu"]


async def test_subjects_of_the_client_come_first_and_suitability_is_told(branch: Branch) -> None:
    chat, client_id = await linked(branch)
    now = branch.clock.now()
    await branch.write(lambda unit: preferences.toggle(unit, client_id, Interest.FRAUD, now))
    assert (await chat.say("学堂")).options[:2] == ["course:anti-fraud", "course:stock-basics"]
    await chat.pick("course:margin-derivatives")
    said = await chat.pick("lesson:margin-what")
    assert "本课适合风险等级C4 / C5的投资者了解" in str(said)
    assert "文中规则和数字截至2026-11-22" in str(said)


async def test_in_english_the_frame_is_english_and_says_why_the_rest_is_not(branch: Branch) -> None:
    chat = await branch.chat(locale=Locale.EN)
    assert "so far available in Chinese only" in str(await chat.say("lessons"))
    await chat.pick("course:fund-basics")
    said = await chat.pick("lesson:fund-nav")
    assert "The lesson is so far available in Chinese only:" in said.texts[0]
    assert "Quiz, question 1 of 3: " in said.texts[1]
    assert chat.options[-1].label == "Cancel"
    assert (await chat.say("cancel")).keys == ["lesson_stopped"]


async def test_a_question_in_between_is_answered_and_the_quiz_goes_on(branch: Branch) -> None:
    chat, _ = await linked(branch)
    await begun(chat)
    said = await chat.say("银证转账几点到几点可以转？")
    assert said.keys[0].startswith("answer")
    assert said.keys[-1] == "lesson_quiz"
    assert (await chat.say("随便选一个吧")).keys == ["lesson_choose", "lesson_quiz"]
    assert (await chat.say("转人工")).keys[0].startswith("handover")


async def test_silence_ends_the_quiz_and_old_buttons_change_nothing(branch: Branch) -> None:
    chat, client_id = await linked(branch)
    await begun(chat)
    stale = await chat.send(pressed(chat, "quiz:fund-nav:0:A"), stale=True)
    assert stale.keys == ["option_stale", "lesson_quiz"]
    for value in ("quiz:fund-nav:2:A", "quiz:fund-nav:0:Z", "quiz:fund-nav:0"):
        assert (await chat.send(pressed(chat, value))).keys == ["lesson_quiz"]
    branch.clock.move(timedelta(hours=2))
    for value in ("quiz:fund-nav:0:A", "lesson:none", "course:none"):
        assert (await chat.send(pressed(chat, value))).keys == ["option_stale"]
    assert (await chat.say("随便选一个吧")).keys != ["lesson_choose", "lesson_quiz"]
    assert await scores(branch, client_id) == {}


async def test_a_complaint_being_told_rests_and_keeps_its_words(branch: Branch) -> None:
    chat, _ = await linked(branch)
    await chat.say("投教")
    listed = list(chat.options)
    await chat.say("我要投诉")
    assert (await chat.say("课程")).keys[0].startswith("complaint")
    chat.options = listed
    await chat.pick("course:fund-basics")
    assert (await chat.pick("lesson:fund-nav")).keys == ["complaint_paused", "lesson_delivered", "lesson_quiz"]


@pytest.mark.parametrize("text", ["投教基地在哪", "有没有免费课程", "在哪上课"])
async def test_only_a_whole_order_opens_the_lessons(branch: Branch, text: str) -> None:
    chat = await branch.chat()
    assert not (await chat.say(text)).keys[0].startswith("lesson")


@pytest.mark.parametrize(
    ("locale", "asked", "word"),
    [(Locale.ZH_CN, "推荐一只股票", "投教"), (Locale.EN, "which stock should I buy", "learn")],
)
async def test_where_advice_is_refused_the_lessons_are_a_word_or_a_press_away(
    branch: Branch, locale: Locale, asked: str, word: str
) -> None:
    chat = await branch.chat(locale=locale)
    said = await chat.say(asked)
    assert said.keys == ["refusal_stock_advice"]
    assert word in str(said)
    assert (await chat.pick("lessons")).keys == ["lesson_menu_visitor"]
    assert (await chat.say(word)).keys == ["lesson_menu_visitor"]
